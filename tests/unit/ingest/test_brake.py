"""The brake: on beyond a mark, off again when it is clearly better, and the chain can read why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.components.ingestor import Ingestor
from prip_core.errors import TransientError
from prip_core.ingest import brake as module
from prip_core.ingest.brake import Brake
from prip_core.ingest.context import ConfiguredInbox, Marks, Outcome
from prip_core.model import Candidate, QuarantineRoom
from prip_storage_posix.posix import PosixSettings, PosixStorage
from tests.singly import begin_one, take_over_one

Point = Any
MIB = 1024 * 1024


class Measured(PosixStorage):
    """Has as much room as it is told."""

    NAME: ClassVar[str] = "measured"
    free: int | Exception | None = None

    def free_bytes(self) -> int | None:
        if isinstance(self.free, Exception):
            raise self.free
        return self.free


class Field:
    """Workers before a delivery point whose storage has as much room as it is told."""

    def __init__(self, point: Point, marks: Marks) -> None:
        self.point = point
        self.storage = Measured(PosixSettings(path=point.folder / "archive"))
        self.context = replace(point.context, storages={"archive": self.storage}, marks=marks)

    def brake(self) -> Brake:
        return Brake(self.context, [self.point.served])

    def is_on(self, brake: Brake) -> bool:
        return brake.is_on(self.point.served)

    @property
    def mark(self) -> Path:
        return Path(self.point.folder / "inbox" / ".paused")

    def worker(self) -> Ingestor:
        return Ingestor(self.context, [self.point.served], threading.Event(), rescan=timedelta(milliseconds=1))

    def stick(self, number: int) -> None:
        """Let claimed products wait for another attempt."""
        ingestions = self.point.catalogue.ingestions
        for _ in range(number):
            candidate = Candidate(name="A.tar", path="A.tar", size=1, arrived=self.point.clock.now())
            ingestion = begin_one(ingestions, uuid4(), "inbox", candidate, self.point.lease)
            ingestions.postpone(ingestion, self.point.clock.now() + timedelta(hours=1), "busy")


@pytest.fixture(autouse=True)
def _look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.0)


@pytest.fixture
def field(point: Point) -> Callable[..., Field]:
    return lambda **marks: Field(point, Marks(**marks))


def test_little_room_stops_and_clearly_more_room_releases(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    brake = here.brake()
    seen = []
    with capture_logs() as logs:
        for free in (200, 101, 100, 99, 100, 124, 125, 100, 99):
            here.storage.free = free * MIB
            seen.append((free, here.is_on(brake), here.mark.exists()))
    assert [on for _, on, _ in seen] == [False, False, False, True, True, True, False, False, True]
    assert all(on == marked for _, on, marked in seen)
    assert [log["event"] for log in logs] == ["ingest paused", "ingest goes on", "ingest paused"]


def test_the_mark_says_what_and_what_to_do(field: Callable[..., Field]) -> None:
    here = field(min_free=1024 * MIB)
    here.storage.free = 512 * MIB
    assert here.is_on(here.brake())
    assert here.mark.read_text() == (
        "Nothing is taken in from this inbox: the storage 'archive' has 512 MiB free, and 1024 MiB are the least "
        "([ingest] min_free); make room, 1280 MiB at least. It goes on by itself then.\n"
    )


def test_workers_come_to_the_same_end(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    first, second = here.brake(), here.brake()
    here.storage.free = 90 * MIB
    assert here.is_on(first)
    assert here.is_on(second)
    here.storage.free = 110 * MIB
    third = here.brake()  # one that starts now does as those before it
    assert [here.is_on(each) for each in (first, second, third)] == [True, True, True]
    here.storage.free = 130 * MIB
    assert [here.is_on(each) for each in (third, second, first)] == [False, False, False]
    assert not here.mark.exists()


def test_a_worker_that_starts_pauses_nothing_that_the_others_do_not(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    first = here.brake()
    here.storage.free = 110 * MIB
    assert [here.is_on(each) for each in (first, here.brake())] == [False, False]
    assert not here.mark.exists()


def test_a_mark_that_a_killed_worker_left_is_removed(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    here.mark.write_text("there was no room")
    here.storage.free = 1000 * MIB
    assert not here.is_on(here.brake())
    assert not here.mark.exists()


def test_a_full_quarantine_stops_until_a_fifth_is_gone(field: Callable[..., Field], point: Point) -> None:
    here = field(max_quarantine=5)
    worker = here.worker()
    for number in range(5):
        point.deliver(name=f"PAPER_{number}.tar")
    while worker.outcomes[Outcome.REJECTED] < 5:
        worker.run_once(point.clock.now())
    point.deliver()
    assert worker.run_once(point.clock.now()) == 0
    assert "5 products lie in quarantine, and 5 are the most" in here.mark.read_text()
    assert "until fewer than 4 are left" in here.mark.read_text()
    assert point.catalogue.products.named("ROCK_1.tar") == []
    rejections = list(point.served.inbox.rejected())
    point.served.inbox.drop(rejections[0])
    assert worker.run_once(point.clock.now()) == 0
    point.served.inbox.drop(rejections[1])
    assert worker.run_once(point.clock.now()) == 1
    assert not here.mark.exists()
    assert len(point.catalogue.products.named("ROCK_1.tar")) == 1


def test_work_that_is_stuck_stops_claims_and_is_gone_on_with(field: Callable[..., Field], point: Point) -> None:
    here = field(max_stuck=4)
    brake = here.brake()
    here.stick(3)
    assert not here.is_on(brake)
    here.stick(1)
    assert here.is_on(brake)
    assert "4 products that were claimed wait for another attempt" in here.mark.read_text()
    point.clock.advance(timedelta(hours=2))
    taken = take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)
    assert not here.is_on(brake)
    assert taken is not None


def test_those_that_wait_for_their_parent_are_not_stuck(field: Callable[..., Field], point: Point) -> None:
    here = field(max_stuck=1)
    candidate = Candidate(name="A.tar", path="A.tar", size=1, arrived=point.clock.now())
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", candidate, point.lease)
    assert point.catalogue.ingestions.wait(ingestion, "PARENT", timedelta(hours=1))
    assert not here.is_on(here.brake())
    assert not here.is_on(here.brake())


def test_what_is_in_work_is_finished(field: Callable[..., Field], point: Point) -> None:
    here = field(min_free=100 * MIB)
    here.storage.free = 10 * MIB
    point.deliver()
    candidate = point.candidate()
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", candidate, point.lease)
    point.catalogue.ingestions.postpone(ingestion, point.clock.now(), "busy")
    point.deliver(name="ROCK_2.tar")
    worker = here.worker()
    assert worker.run_once(point.clock.now()) == 1
    assert len(point.catalogue.products.named("ROCK_1.tar")) == 1
    assert point.catalogue.products.named("ROCK_2.tar") == []
    here.storage.free = 1000 * MIB
    assert worker.run_once(point.clock.now()) == 1
    assert len(point.catalogue.products.named("ROCK_2.tar")) == 1


def test_only_the_inboxes_concerned_are_stopped(field: Callable[..., Field], point: Point) -> None:
    here = field(min_free=100 * MIB)
    other: ConfiguredInbox = point.inbox("other", storage="roomy")
    roomy = Measured(PosixSettings(path=point.folder / "archive"))
    here.context = replace(here.context, storages={"archive": here.storage, "roomy": roomy})
    here.storage.free, roomy.free = 10 * MIB, 1000 * MIB
    brake = Brake(here.context, [point.served, other])
    assert (brake.is_on(point.served), brake.is_on(other)) == (True, False)
    assert not (point.folder / "other" / ".paused").exists()


@pytest.mark.parametrize("answer", [None, TransientError("not now"), ZeroDivisionError("a bug")])
def test_what_cannot_be_told_stops_nothing(field: Callable[..., Field], answer: Any) -> None:
    here = field(min_free=100 * MIB)
    here.storage.free = answer
    assert not here.is_on(here.brake())


def test_the_mark_follows_what_is_in_the_way(field: Callable[..., Field], monkeypatch: pytest.MonkeyPatch) -> None:
    here = field(min_free=100 * MIB)
    brake = here.brake()
    for free in (10, 5):
        here.storage.free = free * MIB
        assert here.is_on(brake)
    assert "10 MiB free" in here.mark.read_text()
    monkeypatch.setattr(module, "TELL_AGAIN", 0.0)
    assert here.is_on(brake)
    assert " 5 MiB free" in here.mark.read_text()


def test_a_clock_that_is_not_trusted_is_told_the_same_way(field: Callable[..., Field], point: Point) -> None:
    here = field()
    point.deliver()
    worker = here.worker()
    point.clock.set(point.clock.now() + timedelta(hours=1))
    point.catalogue.clock.status()
    point.clock.set(point.clock.now() + timedelta(days=3650))
    assert worker.run_once(point.clock.now()) == 0
    assert "prip clock accept" in here.mark.read_text()
    assert point.catalogue.products.named("ROCK_1.tar") == []


def test_an_inbox_that_cannot_be_marked_is_marked_later(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    here.mark.mkdir()
    here.storage.free = 10 * MIB
    brake = here.brake()
    with capture_logs() as logs:
        assert [here.is_on(brake) for _ in range(3)] == [True] * 3
    assert [log["event"] for log in logs] == ["ingest paused", "inbox not marked"]
    here.mark.rmdir()
    assert here.is_on(brake)
    assert "10 MiB free" in here.mark.read_text()


def test_the_mark_of_an_inbox_that_is_away_is_removed_when_it_is_back(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    here.mark.write_text("there was no room")
    here.storage.free = 1000 * MIB
    unmounted = here.mark.parent.rename(here.point.folder / "elsewhere")
    brake = here.brake()
    with capture_logs() as logs:
        assert [here.is_on(brake) for _ in range(3)] == [False] * 3
    assert [log["event"] for log in logs] == ["inbox not marked"]
    unmounted.rename(here.mark.parent)
    assert not here.is_on(brake)
    assert not here.mark.exists()


class Speechless(FolderInbox):
    """A plugin's inbox with a bug."""

    def pause(self, reason: str | None) -> None:
        raise ZeroDivisionError("a bug")


def test_an_inbox_that_cannot_tell_for_a_bug_is_emptied_nevertheless(field: Callable[..., Field]) -> None:
    here = field(min_free=100 * MIB)
    here.storage.free = 1000 * MIB
    here.point.served = replace(here.point.served, inbox=Speechless(here.point.served.inbox.settings))
    here.point.deliver()
    with capture_logs() as logs:
        assert here.worker().run_once(here.point.clock.now()) == 1
    (said,) = [log for log in logs if log["event"] == "inbox not marked"]
    assert isinstance(said["exc_info"], ZeroDivisionError)
    here.storage.free = 0
    assert here.is_on(here.brake())


def test_a_look_counts_for_a_while(field: Callable[..., Field], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 3600.0)
    here = field(min_free=100 * MIB)
    here.storage.free = 1000 * MIB
    brake = here.brake()
    assert not here.is_on(brake)
    here.storage.free = 0
    assert not here.is_on(brake)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3601)
    assert here.is_on(brake)


def test_the_folder_inbox_tells_how_full_its_quarantine_is(point: Point) -> None:
    for number in range(3):
        point.deliver(name=f"PAPER_{number}.tar")
        point.accept()
    room: QuarantineRoom = point.served.inbox.quarantine_room()
    assert room.products == 3
    assert room.free_bytes is not None
    assert room.free_bytes > 0
    assert point.storage.free_bytes() > 0


def test_workers_may_write_the_mark_at_the_same_time(point: Point) -> None:
    inbox = point.served.inbox
    failures: list[Exception] = []

    def mark() -> None:
        try:
            for _ in range(20):
                inbox.pause("there is no room")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=mark) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert point.left_in_inbox() == [".paused"]
    assert list(inbox.scan()) == []
    inbox.pause(None)
    inbox.pause(None)
    assert point.left_in_inbox() == []
