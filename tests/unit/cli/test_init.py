"""A new delivery point: what it holds, what is refused, what a crash leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from prip_core.cli import init as init_verb
from prip_core.passwords import verify_password
from prip_core.principals import Role


def test_it_makes_all_that_a_run_needs(tmp_path: Path, run_prip: Any, instance_in: Any) -> None:
    folder = tmp_path / "deep" / "er"
    result = run_prip("init", folder, "--mission", "sentinel2", "--admin", "ada", "--port", 9123)
    assert result.exit_code == 0, result.output
    made = {path.name for path in folder.iterdir()}
    assert {"prip.toml", "inbox", "quarantine", "archive", "prip.db"} <= made
    assert init_verb.UNFINISHED not in made
    instance = instance_in(folder)
    instance.done("config", "check")
    effective = {row["setting"]: row["value"] for row in instance.json("config", "show")}
    assert effective["instance.missions"] == ["sentinel2"]
    assert effective["serve.port"] == 9123
    assert effective["inbox[0].path"] == str(folder / "inbox")
    (password,) = re.findall(r"password  (\S+) ", result.stdout)
    user = instance.catalogue().users.find("ada")
    assert user is not None
    assert user.roles == {Role.DOWNLOAD, Role.REPORTING}
    assert verify_password(user.password_hash, password)


def test_a_given_password_is_not_shown(tmp_path: Path, run_prip: Any, instance_in: Any) -> None:
    (tmp_path / "password").write_text("hunter 2 ü\n")
    result = run_prip("init", tmp_path / "prip", "--mission", "sentinel1", "--password-file", tmp_path / "password")
    assert result.exit_code == 0
    assert "hunter" not in result.output
    user = instance_in(tmp_path / "prip").catalogue().users.find("admin")
    assert user is not None
    assert verify_password(user.password_hash, "hunter 2 ü")


@pytest.mark.parametrize(
    "content, arguments, message",
    [
        (["notes.txt"], ["--mission", "sentinel2"], "not empty"),
        (["prip.toml"], ["--mission", "sentinel2"], "there is a delivery point already"),
        (["prip.toml", "prip.toml.unfinished"], ["--mission", "sentinel2"], "there is a delivery point already"),
        ([], ["--mission", "venus", "--mission", "mars"], "--mission mars: there is no such mission"),
        ([], [], "Missing option '--mission'"),
        ([], ["--mission", "sentinel2", "--admin", "a:b"], "a user name has"),
        ([], ["--mission", "sentinel2", "--port", "70000"], "not in the range"),
        ([], ["--mission", "sentinel2", "--password-file", "/nowhere/at/all"], "does not exist"),
    ],
)
def test_refusals(tmp_path: Path, content: list[str], arguments: list[str], message: str, run_prip: Any) -> None:
    folder = tmp_path / "prip"
    folder.mkdir()
    for name in content:
        (folder / name).write_text("mine")
    result = run_prip("init", folder, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert {path.name: path.read_text() for path in folder.iterdir()} == dict.fromkeys(content, "mine")


def test_every_unknown_mission_is_named(tmp_path: Path, run_prip: Any) -> None:
    lines = run_prip("init", tmp_path / "prip", "--mission", "venus", "--mission", "mars").stderr.splitlines()
    assert [line.split(":")[1] for line in lines] == [" --mission venus", " --mission mars"]


class Crash(BaseException):
    pass


@pytest.mark.parametrize(
    "place",
    [
        "prip_core.cli.init.durable.write_durable",
        "prip_core.cli.init.upgrade",
        "prip_core.cli.init.hash_password",
        "pathlib.Path.rename",
    ],
)
def test_what_was_interrupted_is_made_whole_by_a_second_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, run_prip: Any, instance_in: Any
) -> None:
    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(place, crash)
        with pytest.raises(Crash):
            run_prip("init", tmp_path / "prip", "--mission", "sentinel2")
    result = run_prip("init", tmp_path / "prip", "--mission", "sentinel2")
    assert result.exit_code == 0, result.output
    (password,) = re.findall(r"password  (\S+) ", result.stdout)
    user = instance_in(tmp_path / "prip").catalogue().users.find("admin")
    assert user is not None
    assert verify_password(user.password_hash, password)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, run_prip: Any) -> None:
    (tmp_path / "file").touch()
    result = run_prip("init", tmp_path / "file" / "prip", "--mission", "sentinel2")
    assert result.exit_code in {1, 2}
    assert str(tmp_path / "file") in result.stderr
