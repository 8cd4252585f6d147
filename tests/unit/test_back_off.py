"""Pauses after failures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prip_core.back_off import back_off

FIRST, LONGEST = timedelta(seconds=1), timedelta(seconds=60)


@pytest.mark.parametrize("failures, most", [(1, 1), (2, 2), (4, 8), (7, 60), (5000, 60)])
def test_pauses_grow_and_are_bounded(failures: int, most: float) -> None:
    pauses = [back_off(failures, first=FIRST, longest=LONGEST).total_seconds() for _ in range(50)]
    assert most / 2 <= min(pauses) < max(pauses) <= most
