"""The one source of the time. The runtime hands a clock to whatever needs one; nothing else asks the system."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the delivery point needs to know about time."""

    def now(self) -> datetime:
        """The wall clock: aware, UTC."""
        ...

    def boot_seconds(self) -> float:
        """Seconds on a clock that nobody can set (since boot, sleep included): tells a jump of the wall clock."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this much time pass."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def boot_seconds(self) -> float:
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
