"""Keys of objects in storages: which are safe, and which names can be part of one."""

from __future__ import annotations

import re

KEY_LIMIT = 1024
"""The longest key, in characters (as in S3, so that objects can move from storage to storage)."""

_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")


def check_key(key: str) -> str:
    """The key itself, when it is safe: segments of letters, digits and ``._-`` that do not begin with a dot.

    :raises ValueError: it is not.
    """
    if len(key) > KEY_LIMIT:
        raise ValueError(f"a key has at most {KEY_LIMIT} characters, this one has {len(key)}: {key[:60]!r}…")
    if not all(is_key_segment(segment) for segment in key.split("/")):
        raise ValueError(
            f"{key!r} is no safe key: a key is relative, its parts are letters, digits and '._-', "
            "none begins with a dot, none is longer than 255"
        )
    return key


def is_key_segment(name: str) -> bool:
    """Whether a name can stand between the slashes of a key."""
    return _SEGMENT.fullmatch(name) is not None
