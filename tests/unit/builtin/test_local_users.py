"""Local users: who is let in, what is remembered, and what counts at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import pytest
from argon2 import PasswordHasher

from prip_core import Credentials, Principal, Role
from prip_core.builtin import local_users
from prip_core.builtin.local_users import LocalUsers
from prip_core.passwords import verify_password

_quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class User:
    name: str
    password_hash: str
    roles: frozenset[Role] = frozenset({Role.DOWNLOAD})
    disabled: bool = False


@dataclass
class House:
    """A table of users, a clock to turn, and a count of the slow verifications."""

    users: dict[str, User] = field(default_factory=dict)
    seconds: float = 0.0
    verified: list[str | None] = field(default_factory=list)

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.verified.append(password_hash)
        return verify_password(password_hash, password)

    def add(self, name: str, password: str) -> User:
        self.users[name] = User(name, _quick.hash(password))
        return self.users[name]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def local(house: House) -> LocalUsers:
    return LocalUsers(house.users.get, house.verify, lambda: house.seconds)


def _login(local: LocalUsers, name: str, password: str) -> Principal | None:
    return local.prip_authenticate(credentials=Credentials(username=name, password=password))


@pytest.mark.parametrize(
    "name, password",
    [("ann", "secret"), ("MISSION\\ann", "se:cr:et"), ("ännchen", "gëheim ☃"), ("", "x"), ("ann", "")],
)
def test_the_right_password_lets_in(house: House, local: LocalUsers, name: str, password: str) -> None:
    house.add(name, password)
    assert _login(local, name, password) == Principal(name=name, roles=frozenset({Role.DOWNLOAD}))
    assert _login(local, name, password + "!") is None
    assert _login(local, name + "!", password) is None


def test_a_verified_login_is_remembered_for_a_minute(house: House, local: LocalUsers) -> None:
    house.add("ann", "secret")
    for house.seconds in (0.0, 1.0, 59.9):
        assert _login(local, "ann", "secret")
    assert len(house.verified) == 1
    house.seconds = 60.0
    assert _login(local, "ann", "secret")
    assert len(house.verified) == 2


def test_a_wrong_password_is_never_remembered(house: House, local: LocalUsers) -> None:
    house.add("ann", "secret")
    assert [_login(local, "ann", "wrong") for _ in range(3)] == [None] * 3
    assert len(house.verified) == 3


def test_a_new_password_counts_at_once(house: House, local: LocalUsers) -> None:
    house.add("ann", "old")
    assert _login(local, "ann", "old")
    house.add("ann", "new")
    assert _login(local, "ann", "old") is None
    assert _login(local, "ann", "new")


def test_a_disabled_or_removed_user_is_out_at_once(house: House, local: LocalUsers) -> None:
    user = house.add("ann", "secret")
    assert _login(local, "ann", "secret")
    house.users["ann"] = replace(user, disabled=True)
    assert _login(local, "ann", "secret") is None
    del house.users["ann"]
    assert _login(local, "ann", "secret") is None


def test_changed_roles_count_at_once(house: House, local: LocalUsers) -> None:
    user = house.add("ann", "secret")
    assert _login(local, "ann", "secret")
    house.users["ann"] = replace(user, roles=frozenset({Role.REPORTING}))
    assert _login(local, "ann", "secret") == Principal(name="ann", roles=frozenset({Role.REPORTING}))


def test_an_unknown_user_costs_a_verification_too(house: House, local: LocalUsers) -> None:
    assert _login(local, "nobody", "x") is None
    assert house.verified == [None]


def test_name_and_password_cannot_be_shifted_into_each_other(house: House, local: LocalUsers) -> None:
    stored = house.add("ann", "bsecret")
    house.users["annb"] = replace(stored, name="annb")
    assert _login(local, "ann", "bsecret")
    assert _login(local, "annb", "secret") is None


def test_what_is_remembered_is_bounded(house: House, local: LocalUsers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_users, "_REMEMBERED_LOGINS", 2)
    for name in ("ann", "bob", "cid"):
        house.add(name, "secret")
        _login(local, name, "secret")
    _login(local, "cid", "secret")
    _login(local, "bob", "secret")
    assert len(house.verified) == 3
    _login(local, "ann", "secret")
    assert len(house.verified) == 4


def test_a_burst_of_one_user_is_verified_once_per_core(house: House, local: LocalUsers) -> None:
    house.add("ann", "secret")
    answers: list[Principal | None] = []
    threads = [threading.Thread(target=lambda: answers.append(_login(local, "ann", "secret"))) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers)
    assert len(answers) == 40
    assert len(house.verified) <= (local_users.os.cpu_count() or 1)
