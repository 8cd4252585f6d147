"""Password hashes: right, wrong, unknown and damaged ones."""

import pytest

from prip_core.passwords import hash_password, verify_password


def test_a_hash_holds_no_password_and_differs_each_time() -> None:
    first, second = hash_password("orbit:42"), hash_password("orbit:42")
    assert first.startswith("$argon2id$")
    assert first != second
    assert "orbit" not in first


@pytest.mark.parametrize("password", ["simple", "with:colon", "ümläut ☃", " blanks ", "x" * 1000, ""])
def test_the_right_password_and_no_other(password: str) -> None:
    stored = hash_password(password)
    assert verify_password(stored, password)
    assert not verify_password(stored, password + "x")


@pytest.mark.parametrize("stored", [None, "", "plain text", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA"])
def test_nobody_and_damaged_hashes_never_fit(stored: str | None) -> None:
    assert not verify_password(stored, "")
    assert not verify_password(stored, "anything")
