"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(2026, 1, 1, tzinfo=UTC)


class FixedClock:
    """The clock of a test: it shows what it was told, and sleeping moves it.

    :param now: what it shows first, aware, UTC.
    """

    def __init__(self, now: datetime = _START) -> None:
        self._now = now
        self._boot_seconds = 1000.0
        self.slept = timedelta()
        """All the time that was slept away."""

    def now(self) -> datetime:
        """The time that was set, and what was slept or advanced since."""
        return self._now

    def boot_seconds(self) -> float:
        """Moves with :meth:`advance` and :meth:`sleep`; :meth:`set` leaves it alone."""
        return self._boot_seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept += timedelta(seconds=seconds)
        self.advance(timedelta(seconds=seconds))

    def advance(self, duration: timedelta) -> None:
        """Let time pass on both clocks."""
        self._now += duration
        self._boot_seconds += duration.total_seconds()

    def set(self, now: datetime) -> None:
        """Set the wall clock alone, as an operator or a time server does."""
        self._now = now
