"""Bytes that lie elsewhere as a seekable stream, as plugins hand products out that are not on this machine."""

from __future__ import annotations

import io
from abc import abstractmethod


class SeekableReader(io.RawIOBase):
    """A stream of so many bytes that has a position; a subclass says how bytes are read from any place.

    :ivar size: bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self._position = 0

    @abstractmethod
    def read_at(self, position: int, wanted: int) -> bytes:
        """Read from a position: a byte at least, as many as are wanted at the most.

        :param position: of the first byte, from 0.
        :param wanted: bytes, more than none; nothing beyond the end is asked for.
        :raises TransientError: the bytes cannot be had now, or are others by now.
        """

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError(f"there is nothing in front of the first byte: {start + offset}")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self.read_some(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def read_some(self, most: int) -> bytes:
        """Some of what comes next; nothing at the end."""
        wanted = min(most, self.size - self._position)
        block = self.read_at(self._position, wanted) if wanted > 0 else b""
        self._position += len(block)
        return block
