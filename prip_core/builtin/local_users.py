"""The users that this delivery point keeps itself: the last to be asked who shows a name and a password."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Protocol

from prip_core import Credentials, Principal, Role, hookimpl

_REMEMBERED_SECONDS = 60.0
_REMEMBERED_LOGINS = 4096


class StoredUser(Protocol):
    """What is known of a user."""

    @property
    def name(self) -> str: ...

    @property
    def password_hash(self) -> str: ...

    @property
    def roles(self) -> frozenset[Role]: ...

    @property
    def disabled(self) -> bool: ...


class LocalUsers:
    """Verifies credentials against the user table.

    A password hash is slow on purpose, so a verified login is remembered for a minute; as the stored hash is part of
    what is remembered, and the user is looked up on every request, a new password or a disabled user counts at once.

    :param find_user: the user of this name, or ``None``.
    :param verify: whether a password fits a stored hash; for the hash ``None`` it takes as long and says no.
    :param seconds: a clock that never goes back, in seconds.
    """

    def __init__(
        self,
        find_user: Callable[[str], StoredUser | None],
        verify: Callable[[str | None, str], bool],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_user = find_user
        self._verify = verify
        self._logins = _VerifiedLogins(seconds)
        # Each verification takes a core and tens of MiB: more at once only makes all of them slower.
        self._verifications = BoundedSemaphore(os.cpu_count() or 1)

    @hookimpl(trylast=True)
    def prip_authenticate(self, credentials: Credentials) -> Principal | None:
        """The local user of this name, if the password is right and the user is not disabled."""
        user = self._find_user(credentials.username)
        if not self._is_right(user.password_hash if user else None, credentials):
            return None
        if user is None or user.disabled:
            return None
        return Principal(name=user.name, roles=user.roles)

    def _is_right(self, password_hash: str | None, credentials: Credentials) -> bool:
        login = self._logins.digest(credentials.username, credentials.password, password_hash or "")
        if login in self._logins:
            return True
        with self._verifications:
            if login in self._logins:  # verified while this one waited
                return True
            if not self._verify(password_hash, credentials.password):
                return False
        self._logins.add(login)
        return True


class _VerifiedLogins:
    """Digests of logins that were right less than a minute ago; safe to share between threads."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._key = secrets.token_bytes(32)
        self._seconds = seconds
        self._ends: OrderedDict[bytes, float] = OrderedDict()
        self._lock = Lock()

    def digest(self, *parts: str) -> bytes:
        """A keyed digest; each part is preceded by its length, so that no two logins share one."""
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in parts:
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
        return digest.digest()

    def __contains__(self, login: bytes) -> bool:
        with self._lock:
            end = self._ends.get(login)
            if end is None:
                return False
            if self._seconds() >= end:
                del self._ends[login]
                return False
            self._ends.move_to_end(login)
            return True

    def add(self, login: bytes) -> None:
        """Remember a login from now on, and forget the one that was used least lately when there are too many."""
        with self._lock:
            self._ends[login] = self._seconds() + _REMEMBERED_SECONDS
            self._ends.move_to_end(login)
            if len(self._ends) > _REMEMBERED_LOGINS:
                self._ends.popitem(last=False)
