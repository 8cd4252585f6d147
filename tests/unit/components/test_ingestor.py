"""The ingestor: inboxes by priority, products side by side, and an order to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.components import ingestor as module
from prip_core.components.ingestor import Ingestor
from prip_core.errors import TransientError
from prip_core.ingest.context import Outcome
from prip_core.ingest.scout import REST
from prip_core.model import Candidate, Claimed, ProductIdentity, ProductMetadata, TimeRange
from tests.unit.components.delivery_point import NOTE, START, Point


def test_everything_that_lies_there_is_taken_in(point: Point) -> None:
    point.deliver("bulk", "NOTE_1", "NOTE_2", "RUBBISH")
    point.deliver("urgent", "NOTE_3")
    ingestor = point.ingestor()
    assert ingestor.run_once(START) == 4
    assert point.published() == ["NOTE_1", "NOTE_2", "NOTE_3"]
    assert ingestor.outcomes == {Outcome.PUBLISHED: 3, Outcome.REJECTED: 1}
    assert ingestor.run_once(START) == 0


def test_an_inbox_that_is_away_keeps_nobody_from_the_others(point: Point) -> None:
    point.deliver("bulk", "NOTE_1")
    unmounted = (point.folder / "urgent").rename(point.folder / "unmounted")
    ingestor = point.ingestor()
    with capture_logs() as lines:
        assert [ingestor.run_once(START), ingestor.run_once(START)] == [1, 0]
    assert point.published() == ["NOTE_1"]
    assert [line["inbox"] for line in lines if line["event"] == "inbox away"] == ["urgent"]
    unmounted.rename(point.folder / "urgent")
    point.deliver("urgent", "NOTE_2")
    assert ingestor.run_once(START) == 1


@pytest.mark.usefixtures("one_by_one")
def test_an_urgent_delivery_overtakes(point: Point) -> None:
    point.deliver("bulk", *(f"NOTE_{number}" for number in range(10)))
    inspect = point.context.missions["notes"].inspect
    seen: list[str] = []

    def deliver_meanwhile(identity: ProductIdentity, files: Any) -> ProductMetadata:
        seen.append(identity.name)
        if len(seen) == 1:
            point.deliver("urgent", "NOTE_URGENT")
        return inspect(identity, files)

    point.context.missions["notes"].inspect = deliver_meanwhile  # type: ignore[method-assign]
    ingestor = point.ingestor()
    while ingestor.run_once(START):
        pass
    assert len(seen) == 11
    assert seen[1] == "NOTE_URGENT"


@pytest.mark.usefixtures("one_by_one")
def test_house_keeping_overtakes(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it was delivered last, and while another product was in work."""
    telemetry = replace(NOTE, code="TELEMETRY", housekeeping=True)
    mission = point.context.missions["notes"]
    seen: list[str] = []

    def recognise(candidate: Candidate) -> ProductIdentity:
        kind = telemetry if "HK" in candidate.name else NOTE
        return ProductIdentity(name=candidate.name, product_type=kind, platform="X")

    def inspect(identity: ProductIdentity, files: Any) -> ProductMetadata:
        seen.append(identity.name)
        if len(seen) == 3:
            point.deliver("bulk", "NOTE_HK_LATER")
        return ProductMetadata(content=TimeRange(start=START, end=START), attributes=())

    monkeypatch.setattr(mission, "recognise", recognise)
    monkeypatch.setattr(mission, "inspect", inspect)
    point.deliver("bulk", *(f"NOTE_{number}" for number in range(10)), "NOTE_HK")
    point.ingestor().run_once(START)
    assert (seen[0], seen[3]) == ("NOTE_HK", "NOTE_HK_LATER")


def test_of_equal_inboxes_none_waits_for_the_other(point: Point) -> None:
    other = point._inbox("other", 0)
    point.deliver("bulk", "NOTE_1", "NOTE_2")
    point.deliver("other", "NOTE_3", "NOTE_4")
    assert point.ingestor(point.bulk, other).run_once(START) == 4


@pytest.mark.usefixtures("one_by_one")
def test_a_pass_takes_a_few(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PICKS", 3)
    names = [f"NOTE_{number}" for number in range(5)]
    point.deliver("bulk", *names)
    ingestor = point.ingestor()
    assert ingestor.run_once(START) == 3
    assert ingestor.run_once(START) == 2
    assert point.published() == names


@pytest.mark.usefixtures("one_by_one")
def test_it_stops_between_products(point: Point) -> None:
    point.deliver("bulk", "NOTE_1", "NOTE_2")
    inspect = point.context.missions["notes"].inspect

    def stop_meanwhile(identity: ProductIdentity, files: Any) -> ProductMetadata:
        point.stop.set()
        return inspect(identity, files)

    point.context.missions["notes"].inspect = stop_meanwhile  # type: ignore[method-assign]
    assert point.ingestor().run_once(START) == 1
    assert len(point.published()) == 1
    assert len(point.waiting("bulk")) == 1
    assert point.catalogue.ingestions.open() == []


def test_what_cannot_be_claimed_is_left_alone_for_a_while(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of somebody else's that may not be moved, say: trying it again at once would fill the log."""
    claim, tried = FolderInbox.claim, []

    def guarded(inbox: FolderInbox, candidate: Candidate, uuid: UUID) -> Claimed:
        if candidate.name == "NOTE_FAST":
            tried.append(candidate.name)
            raise TransientError("permission denied")
        return claim(inbox, candidate, uuid)

    monkeypatch.setattr(FolderInbox, "claim", guarded)
    point.deliver("bulk", "NOTE_FAST", "NOTE_LOOSE")
    ingestor = point.ingestor()
    ingestor.run_once(START)
    ingestor.run_once(START)
    assert point.published() == ["NOTE_LOOSE"]
    assert tried == ["NOTE_FAST"]
    monkeypatch.setattr(FolderInbox, "claim", claim)
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + REST)
    ingestor.run_once(START)
    assert point.published() == ["NOTE_FAST", "NOTE_LOOSE"]


@pytest.mark.usefixtures("one_by_one")
def test_what_somebody_took_meanwhile_is_not_even_announced(point: Point) -> None:
    point.deliver("bulk", "NOTE_1", "NOTE_2")
    inspect = point.context.missions["notes"].inspect

    def take_the_rest(identity: ProductIdentity, files: Any) -> ProductMetadata:
        for name in point.waiting("bulk"):
            (point.folder / "bulk" / name).unlink()
        return inspect(identity, files)

    point.context.missions["notes"].inspect = take_the_rest  # type: ignore[method-assign]
    ingestor = point.ingestor()
    assert ingestor.run_once(START) == 1
    assert ingestor.outcomes == {Outcome.PUBLISHED: 1}


def test_nothing_is_claimed_while_the_clock_cannot_be_trusted(point: Point) -> None:
    point.deliver("bulk", "NOTE_1")
    point.clock.set(START + timedelta(days=3650))
    ingestor = point.ingestor()
    assert ingestor.run_once(START) == 0
    assert point.waiting("bulk") == {"NOTE_1", ".paused"}
    point.clock.set(START)
    assert ingestor.run_once(START) == 1
    assert point.waiting("bulk") == set()


def test_two_workers_publish_everything_once(point: Point) -> None:
    names = sorted(f"NOTE_{number:03}" for number in range(40))
    point.deliver("bulk", *names)
    workers = [point.ingestor() for _ in range(2)]

    def work(ingestor: Ingestor) -> None:
        while point.waiting("bulk"):
            ingestor.run_once(START)
        point.catalogue.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert point.published() == names
    assert sum(worker.outcomes[Outcome.PUBLISHED] for worker in workers) == 40
    assert point.catalogue.ingestions.open() == []


def test_small_products_are_taken_in_side_by_side(point: Point) -> None:
    names = sorted(f"NOTE_{number:02}" for number in range(30))
    point.deliver("bulk", *names)
    commits = count_transactions(point)
    ingestor = point.ingestor()
    while ingestor.run_once(START):
        pass
    assert point.published() == names
    assert len(commits) < 30, "not even one transaction for each"
    assert point.catalogue.ingestions.open() == []


def count_transactions(point: Point) -> list[None]:
    done: list[None] = []
    database = point.catalogue._database
    transaction = database.writing

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction():
            yield
        done.append(None)

    database.writing = writing  # type: ignore[method-assign]
    return done
