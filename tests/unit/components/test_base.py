"""The loop that keeps a component alive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from prip_core.components import base
from prip_core.components.base import run_forever
from prip_core.errors import TransientError
from prip_core.testing.clock import FixedClock


class Scripted:
    """Does what its script says, pass by pass, and stops at its end."""

    name = "scripted"

    def __init__(self, stop: threading.Event, *script: int | Exception) -> None:
        self._stop = stop
        self._script = list(script)
        self.seen: list[datetime] = []

    def run_once(self, now: datetime) -> int:
        self.seen.append(now)
        step = self._script.pop(0)
        if not self._script:
            self._stop.set()
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Scripted, int]]:
    monkeypatch.setattr(base, "_FIRST_PAUSE", timedelta(milliseconds=1))

    def run(*script: int | Exception) -> tuple[Scripted, int]:
        stop, pauses = threading.Event(), []
        component = Scripted(stop, *script)
        run_forever(component, stop, FixedClock(), lambda: pauses.append(1))
        return component, len(pauses)

    return run


def test_it_pauses_only_when_there_was_nothing_to_do(run: Callable[..., tuple[Scripted, int]]) -> None:
    component, pauses = run(3, 0, 1, 0, 0)
    assert (len(component.seen), pauses) == (5, 3)
    assert component.seen[0] == FixedClock().now()


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), TransientError("no database")])
def test_it_lives_on_after_every_error(run: Callable[..., tuple[Scripted, int]], error: Exception) -> None:
    component, pauses = run(error, error, 1, error, 0)
    assert (len(component.seen), pauses) == (5, 1)


class Impatient(threading.Event):
    """Notes how long it would have been waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return self.is_set()


def test_after_a_long_outage_it_is_soon_back() -> None:
    stop = Impatient()
    component = Scripted(stop, *[TransientError("no database")] * 50, 1)
    run_forever(component, stop, FixedClock(), lambda: None)
    assert len(stop.pauses) == 50
    assert max(stop.pauses) <= 20.0
    assert min(stop.pauses[10:]) > max(stop.pauses[:2])


def test_it_does_nothing_when_it_is_stopped_before() -> None:
    stop = threading.Event()
    stop.set()
    component = Scripted(stop, 1)
    run_forever(component, stop, FixedClock(), lambda: None)
    assert component.seen == []
