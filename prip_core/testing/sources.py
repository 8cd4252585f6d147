"""Sources of bytes that misbehave or keep count, for testing what reads them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, cast


class SourceFailed(Exception):
    """What a failing source raises: no storage knows it."""


def pattern(size: int, seed: int = 0) -> bytes:
    """So many bytes that differ from place to place and from seed to seed."""
    step = bytes((seed * 31 + place * 7 + place // 251) % 256 for place in range(min(size, 64 * 1024)))
    return (step * (size // max(1, len(step)) + 1))[:size]


class CountingSource(io.RawIOBase):
    """Gives so many equal bytes, and remembers the largest single read that was asked of it.

    :ivar largest: bytes; larger than the whole when somebody asked for everything at once.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self.largest = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._left + 1 if size is None or size < 0 else size
        self.largest = max(self.largest, wanted)
        block = b"\x5a" * min(wanted, self._left)
        self._left -= len(block)
        return block

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


class WatchedSource(io.BytesIO):
    """Bytes whose reader meets an action first: a look at the storage, or a failure."""

    def __init__(self, content: bytes, action: Callable[[], None], *, after: int) -> None:
        super().__init__(content)
        self._action, self._after = action, after

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() < self._after:
            return super().read(min(self._after - self.tell(), len(self.getbuffer()) if not size or size < 0 else size))
        self._action()
        return super().read(size)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def failing_source(content: bytes, after: int) -> BinaryIO:
    """Gives the first bytes of a content, then raises :class:`SourceFailed`."""

    def fail() -> None:
        raise SourceFailed(f"the source broke after {after} bytes")

    return cast("BinaryIO", WatchedSource(content, fail, after=after))
