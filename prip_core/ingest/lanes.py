"""Lanes: work that is done in its order, beside the work of others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

THREADED_FROM = 8 * 1024 * 1024
"""Files from this size on have their digests computed on threads of their own; bytes."""

_READ_AHEAD = 8


class Lane:
    """Does one piece of work after another: at once for a small file, on a thread of its own for a big one.

    A thread may be eight pieces of work behind, so memory stays bounded however slow it is.

    :param size: bytes of the file.
    :param name: of its thread.
    """

    def __init__(self, size: int, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name) if size >= THREADED_FROM else None
        self._pending: deque[Future[None]] = deque()

    def do(self, work: Callable[[bytes | memoryview], object], data: bytes | memoryview) -> None:
        """Let ``work(data)`` be done behind all that was asked for before; ``data`` must not change any more."""
        if self._thread is None:
            work(data)
            return
        self._pending.append(self._thread.submit(_done, work, data))
        if len(self._pending) > _READ_AHEAD:
            self._pending.popleft().result()

    def finish(self) -> None:
        """Wait until everything is done."""
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """End the thread; what waits is left undone. Repeating it is fine."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)


def _done(work: Callable[[bytes | memoryview], object], data: bytes | memoryview) -> None:
    work(data)
