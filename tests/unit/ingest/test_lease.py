"""A lease is kept while the work lasts, and its loss is noticed."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from prip_core.errors import LeaseLost, TransientError
from prip_core.ingest import lease
from prip_core.ingest.lease import LeaseKeeper
from tests.singly import begin_one, take_over_one

LEASE = timedelta(milliseconds=60)
PATIENCE = 120.0
Point = Any


class Watched:
    """A catalogue whose renewals can be waited for."""

    def __init__(self, catalogue: Any, *troubles: Exception) -> None:
        self.ingestions = self
        self._catalogue = catalogue
        self._troubles = list(troubles)
        self.renewed = threading.Event()
        self.refused = threading.Event()
        self.asked_for = threading.Event()
        self.asked_for.set()

    def renew_all(self, ingestions: Any, lease: timedelta) -> Any:
        assert self.asked_for.wait(PATIENCE)
        if self._troubles:
            raise self._troubles.pop(0)
        answers = self._catalogue.ingestions.renew_all(ingestions, lease)
        (self.refused if any(answers) else self.renewed).set()
        return answers

    def leave(self) -> None:
        self._catalogue.leave()


@pytest.mark.parametrize(
    "troubles", [[], [TransientError("locked"), TransientError("locked")], [ZeroDivisionError("nobody expected it")]]
)
def test_a_lease_is_renewed_while_the_work_lasts(point: Point, troubles: list[Exception]) -> None:
    point.deliver()
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", point.candidate(), LEASE)
    watched = Watched(point.catalogue, *troubles)
    with LeaseKeeper(watched, [ingestion], LEASE) as keeper:  # type: ignore[arg-type]
        point.clock.advance(LEASE * 10)
        assert watched.renewed.wait(PATIENCE)
        watched.renewed.clear()
        assert watched.renewed.wait(PATIENCE)
        assert take_over_one(point.catalogue.ingestions, ["inbox"], LEASE) is None
        keeper.check(ingestion.uuid)
    point.clock.advance(LEASE * 10)
    assert take_over_one(point.catalogue.ingestions, ["inbox"], LEASE) is not None


def test_the_loss_of_a_lease_is_noticed(point: Point) -> None:
    point.deliver()
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", point.candidate(), LEASE)
    point.clock.advance(LEASE * 10)
    assert take_over_one(point.catalogue.ingestions, ["inbox"], LEASE) is not None
    watched = Watched(point.catalogue)
    watched.asked_for.clear()
    with LeaseKeeper(watched, [ingestion], LEASE) as keeper:  # type: ignore[arg-type]
        keeper.check(ingestion.uuid)
        watched.asked_for.set()
        assert watched.refused.wait(PATIENCE)
    with pytest.raises(LeaseLost):
        keeper.check(ingestion.uuid)


def test_the_loss_of_one_lease_is_not_that_of_another(point: Point) -> None:
    point.deliver()
    candidate = point.candidate()
    lost, held = (begin_one(point.catalogue.ingestions, uuid4(), "inbox", candidate, LEASE) for _ in range(2))
    point.catalogue.ingestions.postpone(lost, point.clock.now() + LEASE, "its file is away")
    watched = Watched(point.catalogue)
    with LeaseKeeper(watched, [lost, held], LEASE) as keeper:  # type: ignore[arg-type]
        assert watched.refused.wait(PATIENCE)
        assert watched.renewed.wait(PATIENCE)
    keeper.check(held.uuid)
    with pytest.raises(LeaseLost):
        keeper.check(lost.uuid)


def test_what_cannot_be_noted_keeps_no_lease_from_being_renewed(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_NOTE_SECONDS", 0.001)
    point.deliver()
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", point.candidate(), LEASE)
    watched = Watched(point.catalogue)
    with LeaseKeeper(watched, [ingestion], LEASE, lambda: print(1 // 0)):  # type: ignore[arg-type]
        assert watched.renewed.wait(PATIENCE)
