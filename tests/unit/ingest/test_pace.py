"""How many small products are taken in side by side."""

from __future__ import annotations

import pytest

from prip_core.ingest.pace import AT_MOST, LARGEST, Pace


@pytest.mark.parametrize(
    ("number", "seconds", "size"),
    [
        (8, AT_MOST, 8),
        (8, 2 * AT_MOST, 4),
        (8, 0.001, 16),
        (1, 10 * AT_MOST, 1),
        (1, 0.0, 16),
    ],
)
def test_as_many_as_can_be_done_in_time(number: int, seconds: float, size: int) -> None:
    pace = Pace()
    pace.learn(number, seconds)
    assert pace.size == size


def test_there_is_a_limit() -> None:
    pace = Pace()
    for _ in range(10):
        pace.learn(pace.size, 0.001)
    assert pace.size == LARGEST
