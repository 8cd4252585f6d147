"""What the system refuses, as sentences of the storage."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from prip_core import PermanentError, TransientError

_IN_THE_WAY = {errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST}


@contextmanager
def transient(what: str) -> Iterator[None]:
    """Turn an ``OSError`` of the block into a ``TransientError`` that begins with ``what``."""
    try:
        yield
    except OSError as error:
        raise TransientError(f"{what}: {error.strerror} ({error.filename or 'on the storage'})") from error


@contextmanager
def storing(key: str) -> Iterator[None]:
    """As :func:`transient`, for storing an object; a name that stays taken is a ``PermanentError``."""
    try:
        with transient(f"the object {key} cannot be stored"):
            yield
    except TransientError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in _IN_THE_WAY:
            raise PermanentError(f"the object {key} cannot be stored: another object lies in its way") from error
        raise
