"""What is said when a database's driver cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from prip_core.catalogue.databases import database_at
from prip_core.catalogue.sqlite.database import SqliteDatabase

URL = "postgresql://user:password@host/database"
_WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Absent())
from prip_core.catalogue.databases import database_at
database_at({url!r})
"""


@pytest.fixture
def said_without() -> Callable[[str], str]:
    """What a process says that cannot import a module."""

    def said(module: str) -> str:
        code = _WITHOUT.format(module=module, url=URL)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr.rstrip().rpartition("\n")[2]

    return said


def test_without_the_driver_it_says_how_to_install_it(said_without: Callable[[str], str]) -> None:
    assert "pip install 'prip[postgres]'" in said_without("psycopg")


@pytest.mark.parametrize("module", ["psycopg.conninfo", "prip_core.catalogue.postgres.pool"])
def test_what_else_is_missing_is_named(said_without: Callable[[str], str], module: str) -> None:
    assert said_without(module) == f"ModuleNotFoundError: No module named '{module}'"


def test_any_other_url_is_one_of_sqlite() -> None:
    assert isinstance(database_at("sqlite:////nowhere/prip.db"), SqliteDatabase)
