"""Pauses after failures: growing, bounded and jittered, as those who failed together must not come back together."""

from __future__ import annotations

import random
from datetime import timedelta

_MOST_DOUBLINGS = 10


def back_off(failures: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait after so many failures in a row, at least half of what it might be.

    :param failures: 1 or more.
    :param first: the most after the first failure; each further one doubles it.
    :param longest: the most after any number of failures.
    """
    most = min(longest, first * (1 << min(failures - 1, _MOST_DOUBLINGS)))
    return most * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
