"""Components: loops with one method, and the one place that keeps them alive whatever goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from prip_core.back_off import back_off
from prip_core.clock import Clock
from prip_core.errors import PripError
from prip_core.ingest.origin import origin_of

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=20)  # half a minute after the end of any outage, all is at work again
_log = structlog.get_logger(__name__)


class Component(Protocol):
    """A part of the delivery point that works by itself. It runs under ``prip run``, alone, or in a test as a call."""

    @property
    def name(self) -> str:
        """As logs call it."""
        ...

    def run_once(self, now: datetime) -> int:
        """Do what is due.

        :param now: UTC.
        :returns: how many things were done; 0 means that it is worth waiting.
        """
        ...


def run_forever(component: Component, stop: threading.Event, clock: Clock, pause: Callable[[], object]) -> None:
    """Run a component until ``stop`` is set. What it raises is logged, and it lives on after a growing pause.

    :param pause: waits until it is worth looking again, and returns early when ``stop`` is set; called after each
        pass that did nothing (``partial(stop.wait, 5.0)`` is one).
    """
    failures = 0
    while not stop.is_set():
        try:
            done = component.run_once(clock.now())
        except Exception as error:  # noqa: BLE001 - the one catch-all: a component outlives every error
            failures += 1
            _report(component, error)
            stop.wait(back_off(failures, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE).total_seconds())
        else:
            failures = 0
            if not done:
                pause()


def _report(component: Component, error: Exception) -> None:
    if isinstance(error, PripError):
        _log.warning("component failed", component=component.name, error=str(error))
    else:
        _log.error("unexpected error", exc_info=error, component=component.name, **origin_of(error))
