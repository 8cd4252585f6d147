"""The command, run in this process on real delivery points."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prip_core.catalogue import Catalogue
from prip_core.cli import prip
from prip_core.cli.instance import load

Run = Callable[..., Result]


def run_prip(*arguments: object, stdin: str | bytes | None = None) -> Result:
    """Run the command; an exception that it does not turn into an exit code fails the test."""
    result = CliRunner().invoke(prip, [str(argument) for argument in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@dataclass(frozen=True)
class Instance:
    """A delivery point of its own."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "prip.toml"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def prip(self, *arguments: object, stdin: str | bytes | None = None) -> Result:
        return run_prip("--config", self.config, *arguments, stdin=stdin)

    def done(self, *arguments: object, stdin: str | bytes | None = None) -> str:
        """The output of a verb that must succeed."""
        result = self.prip(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: object) -> Any:
        return json.loads(self.done(*arguments, "--json"))

    def catalogue(self) -> Catalogue:
        return load(self.config).open_catalogue()


@pytest.fixture(name="run_prip")
def run_prip_fixture() -> Run:
    """The command, without a configuration."""
    return run_prip


@pytest.fixture
def instance_in() -> Callable[[Path], Instance]:
    """A delivery point that lies in a folder already."""
    return Instance


@pytest.fixture(autouse=True)
def _no_other_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PRIP_CONFIG", raising=False)
    monkeypatch.setenv("PRIP__INGEST__NICENESS", "0")  # what gives way here is the process of all tests
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery point to copy: making one takes a password hash."""
    folder = tmp_path_factory.mktemp("template") / "prip"
    result = run_prip("init", folder, "--mission", "sentinel1", "--mission", "sentinel2")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def make_instance(template: Path, tmp_path: Path) -> Callable[[str], Instance]:
    def make(name: str) -> Instance:
        return Instance(Path(shutil.copytree(template, tmp_path / name)))

    return make


@pytest.fixture
def instance(make_instance: Callable[[str], Instance]) -> Instance:
    return make_instance("prip")
