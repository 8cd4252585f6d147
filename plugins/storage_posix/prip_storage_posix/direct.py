"""Writing past the page cache: the disk takes the bytes while they come, and memory is left to those who read."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

BLOCK = 1024 * 1024
"""So much is written at a time; bytes."""

_DIRECT: int = getattr(os, "O_DIRECT", 0)  # not every system has it
_OWN = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # a process that is forked off gets its own
_spare: list[memoryview] = []


class DirectFile:
    """A new file that is written once, from its beginning to its end.

    Whole blocks go to the disk directly, where the file system lets them: that takes a tenth of the processor's time,
    and errors show at once. What is left at the end goes the usual way, as does everything elsewhere.

    :param path: where there is nothing yet.
    :raises OSError: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        # What goes directly must lie at the beginning of a page, as fresh memory does.
        self._buffer = _spare.pop() if _spare else memoryview(mmap.mmap(-1, BLOCK, flags=_OWN))
        self._filled = 0
        self._is_direct = False
        with suppress(OSError):  # not on this file system
            self._go_directly(_DIRECT != 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _spare.append(self._buffer)
        os.close(self._descriptor)

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        :raises OSError: they cannot be written.
        """
        rest = memoryview(data)
        while rest:
            taken = min(len(rest), BLOCK - self._filled)
            self._buffer[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
            if self._filled == BLOCK:
                self._write_out()

    def finish(self) -> None:
        """Return when all of it is durable.

        :raises OSError: it cannot be.
        """
        if self._filled:
            self._go_directly(False)
            self._write_out()
        os.fsync(self._descriptor)

    def _write_out(self) -> None:
        rest, self._filled = self._buffer[: self._filled], 0
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError as error:
                # A file system may refuse it only now, or take an odd part when it has no more room.
                if error.errno != errno.EINVAL or not self._is_direct:
                    raise
                self._go_directly(False)

    def _go_directly(self, directly: bool) -> None:
        if directly is not self._is_direct:
            flags = fcntl.fcntl(self._descriptor, fcntl.F_GETFL)
            fcntl.fcntl(self._descriptor, fcntl.F_SETFL, flags | _DIRECT if directly else flags & ~_DIRECT)
            self._is_direct = directly
