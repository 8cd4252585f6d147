"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import NoReturn

import pytest
import structlog

from prip_core.testing.postgres import PostgresServer, missing

pytest_plugins = ["pytester"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """``@pytest.mark.needs("curl")``: without the program the test is skipped, or fails where services are required."""
    for marker in item.iter_markers("needs"):
        (program,) = marker.args
        if shutil.which(program) is None:
            _do_without(f"there is no {program} here; install it")


def _do_without(missing: str) -> NoReturn:
    if os.environ.get("PRIP_REQUIRE_SERVICES"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each process of tests; skips, or fails where services are required, without it."""
    if (reason := missing()) is not None:
        _do_without(reason)
    with PostgresServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A verb sets up logging for its whole process, which here is that of all tests."""
    yield
    structlog.reset_defaults()
