"""Pauses between attempts: growing, and not of equal length for all who failed together."""

from __future__ import annotations

import random
import time

_FIRST = 0.2
_LONGEST = 10.0


def pause(attempt: int) -> None:
    """Wait before the attempt that follows this one; the first is 1."""
    most = min(_LONGEST, _FIRST * 2 ** (attempt - 1))
    time.sleep(most * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, keeps no secret
