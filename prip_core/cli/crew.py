"""A crew of processes for long work on many documents: what is asked first is answered first."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from prip_core.cli.errors import Failure

_Work = TypeVar("_Work")
_Done = TypeVar("_Done")

_AHEAD = 2  # pieces of work that wait for each process, so that none is ever idle

Each = Callable[[Callable[[_Work], _Done], Iterable[_Work]], Iterator[_Done]]


class Crew:
    """Does pieces of work, in processes of its own or, for want of them, in this one.

    :param pool: ``None``: there are none.
    :param size: how many processes.
    """

    def __init__(self, pool: ProcessPoolExecutor | None, size: int) -> None:
        self._pool = pool
        self._waiting = size * (1 + _AHEAD)

    def each(self, work: Callable[[_Work], _Done], pieces: Iterable[_Work]) -> Iterator[_Done]:
        """What is made of each piece, in order; no more pieces are taken up than a few ahead.

        :param work: a function of a module, which another process finds by its name.
        :raises Failure: a process of the crew was killed.
        """
        if self._pool is None:
            yield from map(work, pieces)
            return
        running: deque[Future[_Done]] = deque()
        try:
            for piece in pieces:
                running.append(self._pool.submit(work, piece))
                if len(running) >= self._waiting:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BrokenProcessPool as error:
            raise Failure("a process that helped was killed, perhaps for want of memory; repeat the command") from error


@contextmanager
def crew(size: int, begin: Callable[[_Work], None], argument: _Work) -> Iterator[Crew]:
    """A crew for as long as the block lasts.

    :param size: processes; 0: the work is done in this one.
    :param begin: what each process does first, a function of a module.
    """
    with _no_collection():
        if size:
            with _pool(size, begin, argument) as pool:
                yield Crew(pool, size)
        else:
            begin(argument)
            yield Crew(None, 0)


@contextmanager
def _pool(size: int, begin: Callable[[_Work], None], argument: _Work) -> Iterator[ProcessPoolExecutor]:
    # Each starts afresh: a fork would share this process' database connections and the locks of its threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(size, context, _begin, (begin, argument))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave cycles of objects alone: such work makes hardly any, and looking for them takes a sixth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _begin(begin: Callable[[_Work], None], argument: _Work) -> None:
    gc.disable()
    # Ctrl-C reaches the whole group; the first process says so and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(argument)


def _end_with_parent() -> None:
    """A crew whose first process was killed would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
