"""The queue of a worker: who is next."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from prip_core.ingest import queue as module
from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.queue import Queue
from prip_core.ingest.urgency import Rank, Urgency
from prip_core.model import Candidate

NOW = 1_000_000.0
HOUR = 3600.0


class Filled(Queue):
    """A queue of candidates that are called as a test likes."""

    def __init__(self, point: Any) -> None:
        super().__init__()
        self._served = {0: point.inbox("usual"), 5: point.inbox("first", priority=5)}

    def put(self, name: str, rank: Rank, *moments: float, priority: int = 0, size: int = 1) -> None:
        served = self._served[priority]
        self.add(
            served, replace(_candidate(name), size=size), Urgency(rank, tuple(NOW + moment for moment in moments)), NOW
        )

    def serve(self, priority: int = 0) -> ConfiguredInbox:
        return self._served[priority]

    def names(self, most: int = 1, *, now: float = NOW) -> list[str]:
        return sorted(waiting.candidate.name for waiting in self.take(now, most))


def _candidate(name: str) -> Candidate:
    return Candidate(name=name, path=name, size=1, arrived=datetime.fromtimestamp(NOW, UTC))


@pytest.fixture
def filled(point: Any) -> Filled:
    return Filled(point)


def in_order(filled: Filled, *, now: float = NOW) -> list[str]:
    return [name for _ in range(len(filled)) for name in filled.names(now=now)]


def test_ranks_come_in_their_order(filled: Filled) -> None:
    filled.put("again", Rank.REPROCESSING, 0)
    filled.put("report", Rank.REPORT, 0)
    filled.put("late", Rank.DUE, -1)
    filled.put("due", Rank.DUE, HOUR)
    filled.put("telemetry", Rank.HOUSEKEEPING, 0)
    assert in_order(filled) == ["telemetry", "due", "late", "report", "again"]
    assert filled.names() == []


def test_the_nearest_moment_comes_first(filled: Filled) -> None:
    for hours in (3, 1, 2):
        filled.put(f"in {hours}", Rank.DUE, hours * HOUR)
    assert in_order(filled) == ["in 1", "in 2", "in 3"]


def test_a_higher_priority_comes_before_everything(filled: Filled) -> None:
    filled.put("telemetry", Rank.HOUSEKEEPING, 0)
    filled.put("first", Rank.REPROCESSING, 0, priority=5)
    assert in_order(filled) == ["first", "telemetry"]


def test_a_fifth_of_the_picks_is_what_is_late(filled: Filled) -> None:
    for number in range(40):
        filled.put(f"due {number}", Rank.DUE, HOUR + number * HOUR)
        filled.put(f"late {number}", Rank.DUE, -HOUR - number)
    picks = [name.split()[0] for name in in_order(filled)[:40]]
    assert picks == ["due", "due", "due", "due", "late"] * 8


def test_telemetry_waits_for_nothing_that_is_late(filled: Filled) -> None:
    for number in range(10):
        filled.put(f"telemetry {number}", Rank.HOUSEKEEPING, number * HOUR)
    filled.put("late", Rank.DUE, -1)
    assert in_order(filled)[-1] == "late"


def test_what_misses_a_limit_goes_by_its_next_one(filled: Filled) -> None:
    filled.put("two limits", Rank.DUE, HOUR, 10 * HOUR)
    filled.put("one limit", Rank.DUE, 2 * HOUR)
    filled.put("missed", Rank.DUE, HOUR)
    assert in_order(filled, now=NOW + 1.5 * HOUR) == ["one limit", "two limits", "missed"]


def test_a_candidate_is_known_until_it_is_taken(filled: Filled) -> None:
    filled.put("product", Rank.DUE, HOUR)
    assert filled.known(filled.serve(), _candidate("product")) is not None
    assert filled.known(filled.serve(5), _candidate("product")) is None, "another inbox"
    assert filled.names() == ["product"]
    assert filled.known(filled.serve(), _candidate("product")) is None
    assert len(filled) == 0


def test_workers_beside_each_other_begin_with_different_ones(point: Any) -> None:
    begun = Counter[str]()
    for _ in range(200):
        filled = Filled(point)
        for number in range(100):
            filled.put(str(number), Rank.DUE, HOUR + number)
        begun.update(filled.names())
    assert set(begun) <= {str(number) for number in range(module.NEAR)}
    assert len(begun) > module.NEAR / 2


def test_what_is_much_more_urgent_is_taken_by_all(point: Any) -> None:
    for _ in range(20):
        filled = Filled(point)
        filled.put("soon", Rank.DUE, HOUR)
        for number in range(5):
            filled.put(str(number), Rank.DUE, 2 * HOUR + number)
        assert filled.names() == ["soon"]


def test_several_are_taken_of_one_rank(filled: Filled) -> None:
    for number in range(10):
        filled.put(f"report {number}", Rank.REPORT, number * HOUR)
    filled.put("again", Rank.REPROCESSING, 0)
    assert filled.names(4) == ["report 0", "report 1", "report 2", "report 3"]
    assert len(filled.names(100)) == 6
    assert filled.names(100) == ["again"]


def test_the_most_urgent_are_kept_in_mind(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    for hours in (5, 4, 3):
        filled.put(f"in {hours}", Rank.DUE, hours * HOUR)
    assert not filled.left_out
    for hours in (2, 1, 6):
        filled.put(f"in {hours}", Rank.DUE, hours * HOUR)
    filled.put("report", Rank.REPORT, 0)
    assert filled.left_out
    assert len(filled) == 4
    assert in_order(filled) == ["in 1", "in 2", "in 3", "report"]
    assert filled.known(filled.serve(), _candidate("in 5")) is None, "a later scan finds it anew"


def test_large_products_are_taken_alone(filled: Filled) -> None:
    for number in range(3):
        filled.put(f"large {number}", Rank.DUE, HOUR, size=module.SMALL + 1)
    assert len(filled.names(64)) == 1


def test_small_ones_beside_a_large_one_are_taken_together(filled: Filled) -> None:
    filled.put("large", Rank.DUE, HOUR, size=module.SMALL + 1)
    for number in range(3):
        filled.put(f"small {number}", Rank.DUE, HOUR, size=module.SMALL)
    taken = [filled.names(64) for _ in range(2)]
    assert sorted(taken) == [["large"], ["small 0", "small 1", "small 2"]]
