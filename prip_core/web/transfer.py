"""The bytes of a download on their way: from a local file or a storage's stream, whole or cut off, never short."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from prip_core.web.ranges import ByteRange

BLOCK_SIZE = 1 << 20


class FilePart(io.FileIO):
    """A range of a local file, as a file: what a server's ``wsgi.file_wrapper`` sends with ``sendfile``.

    The file position stands at the range's start, where servers begin to send, and reading ends with the range.

    :param done: told the number of bytes that were sent when it is closed.
    :raises OSError: from reading, and from closing: the file has become shorter than the range. Servers cut the
        connection then, so that no client takes the rest for the whole.
    """

    def __init__(self, path: Path, part: ByteRange, done: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._part = part
        self._done = done
        super().seek(part.start)
        self._position = part.start

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, at most ``size``; none at the end of the range."""
        left = self._part.stop - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        data = super().read(wanted) or b""
        if wanted and not data:
            raise self._too_short()
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position in the file; ``socket.sendfile`` does so behind the last byte that it sent."""
        self._position = super().seek(offset, whence)
        return self._position

    def close(self) -> None:
        """Close the file."""
        if self.closed:
            return
        end = os.fstat(self.fileno()).st_size
        super().close()
        self._done(self._position - self._part.start)
        if end < self._part.stop:
            raise self._too_short()

    def _too_short(self) -> OSError:
        return OSError(f"{self.name!s} has become shorter than the {self._part.length} bytes announced")


def stream(source: BinaryIO, part: ByteRange, done: Callable[[int], None]) -> Iterator[bytes]:
    """The bytes of a storage's stream in blocks of 1 MiB.

    :param source: gives the bytes of ``part``; it is closed at the end.
    :param done: told the number of bytes that were sent.
    :raises OSError: the stream ends too early; the server cuts the connection.
    """
    sent = 0
    try:
        with source:
            while sent < part.size:
                block = source.read(min(BLOCK_SIZE, part.size - sent))
                if not block:
                    raise OSError(f"the storage ended a stream {part.size - sent} bytes too early")
                yield block
                sent += len(block)
    finally:
        done(sent)
