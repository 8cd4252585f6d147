"""How long a product in work may still take once its worker is told to stop."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from prip_core.errors import TransientError


class HandedBack(TransientError):
    """The worker has to end before the product is done: another one takes it up at once."""


class Patience:
    """A worker's patience with the product that it has in work.

    :param stop: set when the worker is to end.
    :param grace: how long the product in work may go on from then on.
    """

    def __init__(self, stop: threading.Event, grace: timedelta) -> None:
        self._stop = stop
        self._grace = grace.total_seconds()
        self._told: float | None = None

    def check(self) -> None:
        """Go on while there is time; called often.

        :raises HandedBack: there is none.
        """
        if not self._stop.is_set():
            return
        now = time.monotonic()
        if self._told is None:
            self._told = now
        if now - self._told >= self._grace:
            raise HandedBack("the worker was told to stop, and could not finish it in time ([ingest] grace)")
