"""How long a product spends in each step of ingest, and where it is now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class Step(StrEnum):
    """A step of the way of a product, as logs and metrics call it."""

    WAIT = "wait"
    """Others of its batch have their turn."""
    CLAIM = "claim"
    RECOGNISE = "recognise"
    INSPECT = "inspect"
    CHECK = "check"
    STORE = "store"
    CONTENT_CHECK = "content-check"
    PUBLISH = "publish"
    CLEAN = "clean"


class Stopwatch:
    """Measures one product, from its row on. Another thread may look at it meanwhile.

    :ivar step: the step that it is in.
    """

    def __init__(self) -> None:
        self.step = Step.WAIT
        self._since = time.monotonic()
        self._seconds: dict[Step, float] = {}
        self._read: Callable[[], int] = lambda: 0

    def enter(self, step: Step) -> None:
        """The product goes on to a step; the one before ends."""
        now = time.monotonic()
        self._seconds[self.step] = self._seconds.get(self.step, 0.0) + now - self._since
        self.step, self._since = step, now

    @contextmanager
    def reading(self, position: Callable[[], int]) -> Iterator[None]:
        """Say who can tell how many bytes have been read, for as long as a ``with`` block lasts.

        Only the figure is kept behind it: nobody else may hold the read's memory.
        """
        self._read = position
        try:
            yield
        finally:
            last = position()
            self._read = lambda: last

    @property
    def bytes_read(self) -> int:
        """How far the one read of the product has come."""
        return self._read()

    def seconds(self) -> dict[str, float]:
        """The time spent in each step so far, the present one included; seconds, to the millisecond."""
        self.enter(self.step)
        return {step.value: round(spent, 3) for step, spent in self._seconds.items()}
