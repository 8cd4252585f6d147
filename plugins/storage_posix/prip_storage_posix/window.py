"""A part of a file that reads like a whole file."""

from __future__ import annotations

import io
import os
from typing import BinaryIO, cast

_BUFFER = 1024 * 1024


def open_window(file: BinaryIO, start: int, stop: int | None) -> BinaryIO:
    """The bytes ``[start, stop)`` of a file, seekable; what lies beyond the end of the file is empty.

    Closing it closes the file.
    """
    end = os.fstat(file.fileno()).st_size if stop is None else stop
    return cast("BinaryIO", io.BufferedReader(_Window(file, start, max(start, end)), _BUFFER))


class _Window(io.RawIOBase):
    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file, self._start, self._stop, self._position = file, start, stop, start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        end = max(self._start, min(self._stop, os.fstat(self._file.fileno()).st_size))
        base = {os.SEEK_SET: self._start, os.SEEK_CUR: self._position, os.SEEK_END: end}[whence]
        if base + offset < self._start:
            raise ValueError("a position before the start of the window")
        self._position = base + offset
        return self._position - self._start

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = max(0, min(len(buffer), self._stop - self._position))
        # The caller may hand a bytearray, whose slices are copies.
        part = memoryview(buffer)[:wanted]
        count = os.preadv(self._file.fileno(), [part], self._position) if wanted else 0
        self._position += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
