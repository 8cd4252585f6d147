"""Reading an object: a stream that goes on where it was cut off, and never changes over to another object."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

from prip_core import TransientError
from prip_storage_s3.connection import Connection
from prip_storage_s3.failures import EMPTY_RANGE, Refused, asking
from prip_storage_s3.pauses import pause

_BUFFER = 1024 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")

_Get = Callable[..., Mapping[str, Any]]


def open_object(
    connection: Connection,
    name: str,
    *,
    span: tuple[int, int | None] = (0, None),
    missing: str | None = None,
    tag: str | None = None,
) -> BinaryIO:
    """The bytes of an object, or of a part of it, for reading from the start to the end; not seekable.

    The first answer has come when it returns: later changes of the object do not show.

    :param span: start and a later end; what lies beyond the end of the object is empty.
    :param missing: the key to name where there is no such object.
    :param tag: the ETag that the object must have, in quotes; ``None``: any.
    :raises ObjectMissing: there is none.
    :raises TransientError: the object has another ETag, or, from reading, too: the server does not answer, or the
        object was replaced before the reading could go on after a cut.
    """
    start, stop = span
    what = f"the object {name} cannot be read"

    def get(at: int, **conditions: str) -> Mapping[str, Any]:
        asked = {} if at == 0 and stop is None else {"Range": _range(at, stop)}
        with asking(what, missing=missing):
            answer = connection.client.get_object(Bucket=connection.bucket, Key=name, **asked, **conditions)
        _check_range(what, answer, at if asked else None)
        return cast("Mapping[str, Any]", answer)

    try:
        stream = _Stream(what, get, start, connection.attempts, tag)
    except Refused as refused:
        if refused.code in EMPTY_RANGE:
            return io.BytesIO()
        raise
    return cast("BinaryIO", io.BufferedReader(stream, _BUFFER))


class _Stream(io.RawIOBase):
    def __init__(self, what: str, get: _Get, start: int, attempts: int, tag: str | None) -> None:
        super().__init__()
        self._what, self._get, self._position, self._attempts = what, get, start, attempts
        self._answer: Mapping[str, Any] | None = get(start, **({} if tag is None else {"IfMatch": tag}))
        with asking(what):
            self._tag = self._answer["ETag"]
            self._end = start + self._answer["ContentLength"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = memoryview(buffer)[: self._end - self._position]
        for attempt in range(1, self._attempts + 1) if wanted else ():
            try:
                return self._read(wanted)
            except TransientError:
                self._hang_up()
                if attempt == self._attempts:
                    raise
            pause(attempt)
        return 0

    def _read(self, wanted: memoryview) -> int:
        if self._answer is None:
            self._answer = self._get(self._position, IfMatch=self._tag)
        with asking(self._what):
            count: int = self._answer["Body"].readinto(wanted)
        if not count:
            raise TransientError(f"{self._what}: the answer ended {self._end - self._position} bytes too early")
        self._position += count
        return count

    def _hang_up(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer["Body"].close()

    def close(self) -> None:
        if not self.closed:
            self._hang_up()
        super().close()


def _range(start: int, stop: int | None) -> str:
    return f"bytes={start}-{'' if stop is None else stop - 1}"


def _check_range(what: str, answer: Mapping[str, Any], start: int | None) -> None:
    """A server or a proxy that ignores ranges must not be taken for one that gave the range."""
    if start is None:
        return
    told = _CONTENT_RANGE.fullmatch(answer.get("ContentRange", ""))
    if told is None or int(told[1]) != start:
        answer["Body"].close()
        raise TransientError(f"{what}: bytes from {start} on were asked for, the server gives others")
