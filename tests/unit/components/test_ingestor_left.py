"""What other workers left: taken up first, together but for what somebody may have died over, or swept away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core.catalogue.ingestion_rows import HANDED_BACK
from prip_core.components import ingestor as module
from prip_core.components.ingestor import SWEEP_EVERY
from prip_core.errors import TransientError
from prip_core.ingest import queue
from prip_core.ingest.pipeline import Pipeline
from prip_core.ingest.sweep import ABANDONED_AFTER
from tests.singly import begin_one
from tests.unit.components.delivery_point import LEASE, START, Point


def test_what_killed_workers_left_unfinished_is_removed_now_and_then(point: Point) -> None:
    asked: list[timedelta] = []
    abandon = point.context.storages["archive"].abandon_uploads

    def asked_to_abandon(older_than: timedelta) -> int:
        asked.append(older_than)
        return abandon(timedelta())

    point.context.storages["archive"].abandon_uploads = asked_to_abandon  # type: ignore[method-assign]
    left = point.folder / "archive" / ".uploads" / "left"
    left.write_bytes(b"half an obj")
    ingestor = point.ingestor()
    ingestor.run_once(START)
    ingestor.run_once(START + SWEEP_EVERY / 2)
    assert not left.exists()
    assert asked == [ABANDONED_AFTER]
    ingestor.run_once(START + SWEEP_EVERY)
    assert asked == [ABANDONED_AFTER] * 2


def test_a_storage_that_is_away_keeps_nobody_from_work(point: Point) -> None:
    def is_away(older_than: timedelta) -> int:
        raise TransientError("not mounted")

    point.context.storages["archive"].abandon_uploads = is_away  # type: ignore[method-assign]
    point.deliver("bulk", "NOTE_1")
    with capture_logs() as lines:
        assert point.ingestor().run_once(START) == 1
    assert point.published() == ["NOTE_1"]
    assert "not mounted" in str(lines)


def test_a_claim_that_the_catalogue_knows_nothing_of_is_released(point: Point) -> None:
    """As after the loss of the database, or its restoration from a copy made before the claim."""
    point.deliver("bulk", "NOTE_FORGOTTEN", "NOTE_KNOWN")
    forgotten, known = sorted(point.bulk.inbox.scan(), key=lambda candidate: candidate.name)
    point.bulk.inbox.claim(forgotten, uuid4())
    held = begin_one(point.catalogue.ingestions, uuid4(), "bulk", known, LEASE)
    point.bulk.inbox.claim(known, held.uuid)
    ingestor = point.ingestor()
    ingestor.run_once(START)
    assert point.published() == ["NOTE_FORGOTTEN"]
    assert list(point.bulk.inbox.claimed()) == [held.uuid]


def test_what_a_dead_worker_left_comes_first_and_only_from_served_inboxes(point: Point) -> None:
    point.deliver("bulk", "NOTE_1")
    candidate = next(iter(point.bulk.inbox.scan()))
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "bulk", candidate, LEASE)
    point.bulk.inbox.claim(candidate, ingestion.uuid)
    assert point.ingestor().run_once(START) == 0, "its lease still runs"
    point.clock.advance(LEASE * 2)
    assert point.ingestor(point.urgent).run_once(START) == 0, "this worker does not serve that inbox"
    assert point.ingestor().run_once(START) == 1
    assert point.published() == ["NOTE_1"]


def test_what_a_worker_may_have_died_over_is_resumed_alone(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a product that kills workers would take its neighbours with it again and again."""
    names = [f"NOTE_{number}" for number in range(4)]
    point.deliver("bulk", *names)
    ingestions = point.catalogue.ingestions
    for number, candidate in enumerate(sorted(point.bulk.inbox.scan(), key=lambda each: each.name)):
        ingestion = begin_one(ingestions, uuid4(), "bulk", candidate, LEASE)
        point.bulk.inbox.claim(candidate, ingestion.uuid)
        if number != 2:
            ingestions.postpone(ingestion, START, "its storage is away")
    point.clock.advance(LEASE * 2)
    groups: list[list[str]] = []
    resume_all = Pipeline.resume_all

    def noted(self: Pipeline, left: Any) -> Any:
        groups.append(sorted(ingestion.name for _, ingestion in left))
        return resume_all(self, left)

    monkeypatch.setattr(Pipeline, "resume_all", noted)
    assert point.ingestor().run_once(START) == 4
    assert ["NOTE_2"] in groups
    assert sorted(name for group in groups for name in group) == names
    assert max(len(group) for group in groups) > 1
    assert point.published() == names


def test_a_large_product_is_not_taken_up_before_its_turn(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would renew its lease, and its next worker would think that one had died over it."""
    monkeypatch.setattr(queue, "SMALL", len("NOTE_1"))
    monkeypatch.setattr(module, "SMALL", len("NOTE_1"))
    names = ["NOTE_1", "NOTE_2", "NOTE_3_LARGE", "NOTE_4"]
    point.deliver("bulk", *names)
    ingestions = point.catalogue.ingestions
    for candidate in sorted(point.bulk.inbox.scan(), key=lambda each: each.name):
        ingestion = begin_one(ingestions, uuid4(), "bulk", candidate, LEASE)
        point.bulk.inbox.claim(candidate, ingestion.uuid)
        ingestions.postpone(ingestion, point.clock.now(), "its storage is away")
        point.clock.advance(timedelta(milliseconds=1))
    held: list[list[str]] = []
    resume_all = Pipeline.resume_all

    def noted(self: Pipeline, left: Any) -> Any:
        held.append(sorted(row.name for row in ingestions.open() if row.token != HANDED_BACK))
        return resume_all(self, left)

    monkeypatch.setattr(Pipeline, "resume_all", noted)
    assert point.ingestor().run_once(START) == 4
    assert held == [["NOTE_1", "NOTE_2", "NOTE_4"], ["NOTE_3_LARGE"]]
    assert point.published() == names


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_group_that_cannot_be_taken_up_is_held_by_nobody(point: Point, number: int) -> None:
    """Or the lease of a part of it would run out, which looks as if a worker had died over that."""
    point.deliver("bulk", *(f"NOTE_{each}" for each in range(4)))
    ingestions = point.catalogue.ingestions
    for candidate in point.bulk.inbox.scan():
        ingestion = begin_one(ingestions, uuid4(), "bulk", candidate, LEASE)
        point.bulk.inbox.claim(candidate, ingestion.uuid)
        ingestions.postpone(ingestion, START, "its storage is away")
    database = point.catalogue._database
    transaction, left = database.writing, iter(range(number))

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction():
            yield
            if next(left, None) == number - 1:
                raise TransientError("the database is locked")

    database.writing = writing  # type: ignore[method-assign]
    with suppress(TransientError):
        point.ingestor().run_once(START)
    assert all((row.token, row.faults) == (HANDED_BACK, 0) for row in ingestions.open())
    point.clock.advance(LEASE)
    point.ingestor().run_once(START)
    assert len(point.published()) == 4
