"""Passwords of local users: made into argon2 hashes, and compared with them."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash to keep of a password, with its own random salt; takes some 50 ms and 64 MiB."""
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed.

    :param password_hash: what :func:`hash_password` gave; ``None`` for a user who does not exist: the answer is no, and
        takes as long as for one who does.
    """
    try:
        return _hasher.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe())
