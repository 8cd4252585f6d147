"""Local users: names, password hashes and roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.tables import UserAccount
from prip_core.clock import Clock
from prip_core.errors import PermanentError
from prip_core.principals import Role
from prip_core.times import from_milliseconds, to_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """A local user.

    :param created: UTC.
    """

    name: str
    password_hash: str = field(repr=False)
    roles: frozenset[Role]
    disabled: bool
    created: datetime


_COLUMNS = (
    UserAccount.name,
    UserAccount.password_hash,
    UserAccount.roles,
    UserAccount.disabled,
    UserAccount.created,
)


class Users:
    """The local users. Names are compared as they are, case-sensitive."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Asked with every request, and writing the SQL costs ten times as much as running it.
        self._find, _ = database.written(UserAccount.select(*_COLUMNS).where(UserAccount.name == ""))

    def add(self, name: str, password_hash: str, roles: Iterable[Role]) -> None:
        """Add a user.

        :raises PermanentError: there is one of this name.
        """
        with self._database.writing():
            if self.find(name) is not None:
                raise PermanentError(f"there is a user {name!r} already")
            self._database.execute(
                UserAccount.insert(
                    name=name,
                    password_hash=password_hash,
                    roles=" ".join(sorted(role.value for role in set(roles))),
                    disabled=0,
                    created=to_milliseconds(self._clock.now()),
                )
            )

    def find(self, name: str) -> StoredUser | None:
        """A user, disabled or not."""
        rows = self._database.rows_of(self._find, (name,))
        return _user(rows[0]) if rows else None

    def all(self) -> Sequence[StoredUser]:
        """All users by name."""
        return [_user(row) for row in self._database.rows(UserAccount.select(*_COLUMNS).order_by(UserAccount.name))]

    def set_password(self, name: str, password_hash: str) -> None:
        """Replace a password's hash.

        :raises PermanentError: there is no such user.
        """
        self._change(name, password_hash=password_hash)

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Lock a user out, or let them in again.

        :raises PermanentError: there is no such user.
        """
        self._change(name, disabled=int(disabled))

    def _change(self, name: str, **values: str | int) -> None:
        with self._database.writing():
            changed = self._database.execute(UserAccount.update(**values).where(UserAccount.name == name))
        if not changed:
            raise PermanentError(f"there is no user {name!r}")


def _user(row: Row) -> StoredUser:
    name, password_hash, roles, disabled, created = row
    return StoredUser(
        name=name,
        password_hash=password_hash,
        roles=frozenset(map(Role, roles.split())),
        disabled=bool(disabled),
        created=from_milliseconds(created),
    )
