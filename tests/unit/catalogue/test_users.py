"""Local users."""

from __future__ import annotations

import pytest

from prip_core.catalogue import Catalogue
from prip_core.errors import PermanentError
from prip_core.principals import Role
from prip_core.testing.clock import FixedClock


def test_added_user_is_found(catalogue: Catalogue, clock: FixedClock) -> None:
    catalogue.users.add("ann", "hash", [Role.DOWNLOAD, Role.REPORTING])
    user = catalogue.users.find("ann")
    assert user is not None
    assert (user.name, user.password_hash, user.disabled) == ("ann", "hash", False)
    assert user.roles == {Role.DOWNLOAD, Role.REPORTING}
    assert user.created == clock.now()
    assert "hash" not in repr(user)


def test_user_may_have_no_role(catalogue: Catalogue) -> None:
    catalogue.users.add("ann", "hash", [])
    user = catalogue.users.find("ann")
    assert user is not None
    assert user.roles == frozenset()


@pytest.mark.parametrize("name", ["Ann", "ann ", "an_", "%"])
def test_names_are_compared_as_they_are(catalogue: Catalogue, name: str) -> None:
    catalogue.users.add("ann", "hash", [])
    assert catalogue.users.find(name) is None


def test_a_name_is_given_once(catalogue: Catalogue) -> None:
    catalogue.users.add("ann", "hash", [])
    with pytest.raises(PermanentError, match="'ann'"):
        catalogue.users.add("ann", "other", [])
    user = catalogue.users.find("ann")
    assert user is not None
    assert user.password_hash == "hash"


def test_all_by_name(catalogue: Catalogue) -> None:
    for name in ("cid", "ann", "bob"):
        catalogue.users.add(name, "hash", [])
    assert [user.name for user in catalogue.users.all()] == ["ann", "bob", "cid"]


def test_password_and_lock_change(catalogue: Catalogue) -> None:
    catalogue.users.add("ann", "hash", [])
    catalogue.users.set_password("ann", "new")
    catalogue.users.set_disabled("ann", True)
    user = catalogue.users.find("ann")
    assert user is not None
    assert (user.password_hash, user.disabled) == ("new", True)
    catalogue.users.set_disabled("ann", False)
    user = catalogue.users.find("ann")
    assert user is not None
    assert not user.disabled


def test_unknown_user_cannot_be_changed(catalogue: Catalogue) -> None:
    with pytest.raises(PermanentError, match="'bob'"):
        catalogue.users.set_password("bob", "x")
    with pytest.raises(PermanentError, match="'bob'"):
        catalogue.users.set_disabled("bob", True)
