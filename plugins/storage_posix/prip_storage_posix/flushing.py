"""Flushing: what is written of a large file goes to the disk while the rest of it is still coming."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

STRIDE = 32 * 1024 * 1024
"""So many bytes are written before the disk is asked for them; a smaller file goes there in one piece."""


class Flushing:
    """Makes a file durable that is being written, on a thread of its own: little is left to wait for at its end.

    The file must not be closed before the ``with`` block ends.

    :param descriptor: of the file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread = ThreadPoolExecutor(1, "flushing")  # which starts when it is first asked for something
        self._begun: Future[None] | None = None
        self._waiting = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def written(self, size: int) -> None:
        """Take note that so many bytes more were written.

        :raises OSError: some of those before cannot be made durable.
        """
        self._waiting += size
        if self._waiting >= STRIDE and self._is_free():
            self._waiting = 0
            self._begun = self._thread.submit(os.fsync, self._descriptor)

    def finish(self) -> None:
        """Return when all that was written is durable.

        :raises OSError: it cannot be.
        """
        if self._begun is not None:
            self._begun.result()  # an error is told once: the last call would not have it
        os.fsync(self._descriptor)

    def _is_free(self) -> bool:
        if self._begun is None:
            return True
        if not self._begun.done():
            return False
        self._begun.result()
        return True
