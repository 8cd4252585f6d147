"""Users: added, listed, changed, and every way to say a password."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prip_core.passwords import verify_password
from prip_core.principals import Role


def password_of(instance: Any, name: str, password: str) -> bool:
    user = instance.catalogue().users.find(name)
    return user is not None and verify_password(user.password_hash, password)


def test_a_user_comes_changes_and_goes(instance: Any) -> None:
    said = instance.done("user", "add", "alice", "--generate")
    (first,) = re.findall(r"password: (\S+) ", said)
    assert password_of(instance, "alice", first)
    said = instance.done("user", "passwd", "alice", "--generate")
    (second,) = re.findall(r"password: (\S+) ", said)
    assert second != first
    assert password_of(instance, "alice", second)
    instance.done("user", "disable", "alice")
    rows = {row["name"]: row for row in instance.json("user", "list")}
    assert rows["alice"]["disabled"] is True
    assert rows["alice"]["roles"] == ["Download"]
    assert rows["admin"] == {**rows["admin"], "disabled": False, "roles": ["Download", "Reporting"]}
    assert "still disabled: `prip user enable alice`" in instance.done("user", "passwd", "alice", "--generate")
    instance.done("user", "enable", "alice")
    assert {row["name"]: row["disabled"] for row in instance.json("user", "list")}["alice"] is False


def test_roles_may_be_chosen(instance: Any) -> None:
    instance.done("user", "add", "bob", "--role", "Reporting", "--generate")
    user = instance.catalogue().users.find("bob")
    assert user is not None
    assert user.roles == {Role.REPORTING}


def test_a_password_may_come_from_a_file(instance: Any) -> None:
    path = instance.folder.parent / "password"
    path.write_text("first line\nsecond line\n")
    said = instance.done("user", "add", "carol", "--password-file", path)
    assert "first" not in said
    assert password_of(instance, "carol", "first line")


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["add", "admin", "--generate"], 1, "there is a user admin already"),
        (["passwd", "nobody", "--generate"], 1, "there is no user nobody"),
        (["disable", "nobody"], 1, "there is no user nobody"),
        (["enable", "nobody"], 1, "there is no user nobody"),
        (["add", "x"], 2, "--password-file F or --generate"),
        (["add", "x:y", "--generate"], 2, "a user name has"),
        (["add", "x", "--role", "Admin", "--generate"], 2, "Admin"),
        (["add", "x", "--generate", "--password-file", "EMPTY"], 2, "exclude each other"),
        (["add", "x", "--password-file", "EMPTY"], 2, "is empty"),
        (["add", "x", "--password-file", "BINARY"], 2, "UTF-8"),
    ],
)
def test_refusals(instance: Any, arguments: list[str], code: int, message: str) -> None:
    empty, binary = instance.folder.parent / "EMPTY", instance.folder.parent / "BINARY"
    empty.touch()
    binary.write_bytes(b"\xff\xfe")
    before = instance.json("user", "list")
    result = instance.prip("user", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert instance.json("user", "list") == before
