"""The ingestor: inboxes by priority, work that others left, and an order to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.catalogue import Catalogue, open_catalogue, upgrade
from prip_core.components import ingestor as module
from prip_core.components.inbox_watch import InboxWatch
from prip_core.components.ingestor import SWEEP_EVERY, Ingestor
from prip_core.errors import TransientError
from prip_core.ingest import queue
from prip_core.ingest.context import ConfiguredInbox, IngestContext, Outcome
from prip_core.ingest.pipeline import Pipeline
from prip_core.ingest.scout import REST, News
from prip_core.ingest.sweep import ABANDONED_AFTER
from prip_core.interfaces import MissionAdapter, PluginSettings, ProductFiles
from prip_core.model import Candidate, Claimed, ProductIdentity, ProductMetadata, ProductType, TimeRange
from prip_core.settings import InboxSection
from prip_core.testing.clock import FixedClock
from prip_storage_posix.posix import PosixSettings, PosixStorage

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)
NOTE = ProductType(code="NOTE", mission="notes", description="A note")


class Notes(MissionAdapter):
    """A mission of bare files called ``NOTE_*``."""

    NAME: ClassVar[str] = "notes"

    def product_types(self) -> tuple[ProductType]:
        return (NOTE,)

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        known = candidate.name.startswith("NOTE_")
        return ProductIdentity(name=candidate.name, product_type=NOTE, platform="X") if known else None

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        return ProductMetadata(content=TimeRange(start=START, end=START), attributes=())


class Point:
    """A delivery point with two inboxes, ``urgent`` before ``bulk``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(START)
        self.stop = threading.Event()
        self.delivered: dict[str, list[Path]] = {}
        url = f"sqlite:///{folder / 'prip.db'}"
        upgrade(url)
        self.catalogue: Catalogue = open_catalogue(url, self.clock)
        (folder / "archive").mkdir()
        self.context = IngestContext(
            catalogue=self.catalogue,
            missions={"notes": Notes(PluginSettings())},
            storages={"archive": PosixStorage(PosixSettings(path=folder / "archive"))},
            rules_for=lambda product_type: (),
            clock=self.clock,
            checksums=("MD5",),
            lease=LEASE,
        )
        self.bulk = self._inbox("bulk", 0)
        self.urgent = self._inbox("urgent", 10)

    def _inbox(self, name: str, priority: int) -> ConfiguredInbox:
        (self.folder / name).mkdir(exist_ok=True)
        settings = FolderInboxSettings(path=self.folder / name, quarantine=self.folder / "quarantine")
        return ConfiguredInbox(section=InboxSection(name=name, priority=priority), inbox=FolderInbox(settings))

    def ingestor(self, *inboxes: ConfiguredInbox) -> Ingestor:
        return Ingestor(self.context, inboxes or (self.bulk, self.urgent), self.stop, news=self.heard)

    def heard(self) -> News:
        """What a watch would tell: everything that was delivered since the last time."""
        told = [(served.inbox, self.delivered.pop(served.section.name, ())) for served in (self.bulk, self.urgent)]
        return [(inbox, changed) for inbox, changed in told if changed]

    def deliver(self, inbox: str, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.new").write_text(name)
            self.delivered.setdefault(inbox, []).append(
                (self.folder / f"{name}.new").rename(self.folder / inbox / name)
            )

    def waiting(self, inbox: str) -> set[str]:
        return {path.name for path in (self.folder / inbox).iterdir() if path.is_file()}

    def published(self) -> list[str]:
        names = sorted(path.name for path in (self.folder / "archive").rglob("NOTE_*"))
        assert all(self.catalogue.products.named(name) for name in names)
        return names


@pytest.fixture
def point(tmp_path: Path) -> Iterator[Point]:
    point = Point(tmp_path)
    yield point
    point.catalogue.close()


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No product is so small that it is taken in together with others."""
    monkeypatch.setattr(queue, "SMALL", -1)


def test_everything_that_lies_there_is_taken_in(point: Point) -> None:
    point.deliver("bulk", "NOTE_1", "NOTE_2", "RUBBISH")
    point.deliver("urgent", "NOTE_3")
    ingestor = point.ingestor()
    assert ingestor.run_once(START) == 4
    assert point.published() == ["NOTE_1", "NOTE_2", "NOTE_3"]
    assert ingestor.outcomes == {Outcome.PUBLISHED: 3, Outcome.REJECTED: 1}
    assert ingestor.run_once(START) == 0


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


def test_a_claim_that_the_catalogue_knows_nothing_of_is_released(point: Point) -> None:
    """As after the loss of the database, or its restoration from a copy made before the claim."""
    point.deliver("bulk", "NOTE_FORGOTTEN", "NOTE_KNOWN")
    forgotten, known = sorted(point.bulk.inbox.scan(), key=lambda candidate: candidate.name)
    point.bulk.inbox.claim(forgotten, uuid4())
    held = point.catalogue.ingestions.begin(uuid4(), "bulk", known, LEASE)
    point.bulk.inbox.claim(known, held.uuid)
    ingestor = point.ingestor()
    ingestor.run_once(START)
    assert point.published() == ["NOTE_FORGOTTEN"]
    assert list(point.bulk.inbox.claimed()) == [held.uuid]


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


def test_what_a_dead_worker_left_comes_first_and_only_from_served_inboxes(point: Point) -> None:
    point.deliver("bulk", "NOTE_1")
    candidate = next(iter(point.bulk.inbox.scan()))
    ingestion = point.catalogue.ingestions.begin(uuid4(), "bulk", candidate, LEASE)
    point.bulk.inbox.claim(candidate, ingestion.uuid)
    assert point.ingestor().run_once(START) == 0, "its lease still runs"
    point.clock.advance(LEASE * 2)
    assert point.ingestor(point.urgent).run_once(START) == 0, "this worker does not serve that inbox"
    assert point.ingestor().run_once(START) == 1
    assert point.published() == ["NOTE_1"]


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


def test_a_delivery_ends_the_wait(point: Point) -> None:
    patience = timedelta(minutes=4)
    with InboxWatch([point.bulk.inbox], patience, point.stop) as watch:
        deliveries = threading.Thread(target=lambda: deliver_until(point, delivered))
        delivered = threading.Event()
        deliveries.start()
        watch.wait()
        delivered.set()
        deliveries.join()
        ((inbox, changed),) = watch.news()
    assert inbox is point.bulk.inbox
    assert {path.name for path in changed} <= point.waiting("bulk")
    assert changed


def deliver_until(point: Point, delivered: threading.Event) -> None:
    """Deliver again and again: the first may come before the watch has begun."""
    number = 0
    while not delivered.wait(0.2):
        number += 1
        point.deliver("bulk", f"NOTE_{number}")


@pytest.mark.parametrize("end", ["time", "stop"])
def test_the_wait_ends_without_a_delivery(point: Point, end: str) -> None:
    if end == "stop":
        point.stop.set()
    patience = timedelta(seconds=0.01) if end == "time" else timedelta(hours=1)
    with InboxWatch([point.bulk.inbox], patience, point.stop) as watch:
        watch.wait()


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


def test_what_a_worker_may_have_died_over_is_resumed_alone(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a product that kills workers would take its neighbours with it again and again."""
    names = [f"NOTE_{number}" for number in range(4)]
    point.deliver("bulk", *names)
    ingestions = point.catalogue.ingestions
    for number, candidate in enumerate(sorted(point.bulk.inbox.scan(), key=lambda each: each.name)):
        ingestion = ingestions.begin(uuid4(), "bulk", candidate, LEASE)
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
        ingestion = ingestions.begin(uuid4(), "bulk", candidate, LEASE)
        point.bulk.inbox.claim(candidate, ingestion.uuid)
        ingestions.postpone(ingestion, point.clock.now(), "its storage is away")
        point.clock.advance(timedelta(milliseconds=1))
    held: list[list[str]] = []
    resume_all = Pipeline.resume_all

    def noted(self: Pipeline, left: Any) -> Any:
        held.append(sorted(row.name for row in ingestions.open() if not row.is_free))
        return resume_all(self, left)

    monkeypatch.setattr(Pipeline, "resume_all", noted)
    assert point.ingestor().run_once(START) == 4
    assert held == [["NOTE_1", "NOTE_2", "NOTE_4"], ["NOTE_3_LARGE"]]
    assert point.published() == names
