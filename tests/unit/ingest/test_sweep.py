"""Sweeping: a faulty plugin keeps nobody waiting, and what is just being finished is not forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.sweep import release_forgotten, remove_unfinished_uploads, tell_of_unserved
from prip_storage_posix.posix import PosixSettings, PosixStorage
from tests.singly import begin_one

Point = Any


class FaultyInbox(FolderInbox):
    """A plugin's inbox with a bug."""

    def claimed(self) -> Iterator[UUID]:
        raise ZeroDivisionError("a bug")


class FaultyStorage(PosixStorage):
    """A plugin's storage with a bug."""

    def abandon_uploads(self, older_than: timedelta) -> int:
        raise ZeroDivisionError("a bug")


class Busy(FolderInbox):
    """An inbox whose claims end while somebody looks at them."""

    end = staticmethod(lambda: None)

    def claimed(self) -> Iterator[UUID]:
        yield from super().claimed()
        self.end()


def with_inbox(served: ConfiguredInbox, cls: type[FolderInbox]) -> ConfiguredInbox:
    return replace(served, inbox=cls(served.inbox.settings))


def test_a_faulty_inbox_keeps_no_claim_of_another_one(point: Point) -> None:
    faulty, sound = with_inbox(point.inbox("faulty"), FaultyInbox), point.served
    path = point.deliver()
    sound.inbox.claim(point.candidate(sound), uuid4())
    assert not path.exists()
    with capture_logs() as lines:
        release_forgotten(point.context, [faulty, sound])
    assert path.exists()
    assert isinstance(lines[0]["exc_info"], ZeroDivisionError)


def test_a_faulty_storage_keeps_no_parts_of_another_one(point: Point) -> None:
    swept: list[timedelta] = []
    sound = PosixStorage(PosixSettings(path=point.folder / "archive"))
    sound.abandon_uploads = lambda older_than: swept.append(older_than) or 0  # type: ignore[method-assign,func-returns-value]
    storages = {"a": FaultyStorage(PosixSettings(path=point.folder / "archive")), "b": sound}
    with capture_logs() as lines:
        remove_unfinished_uploads(replace(point.context, storages=storages))
    assert len(swept) == 1
    assert isinstance(lines[0]["exc_info"], ZeroDivisionError)


def test_a_claim_whose_name_is_taken_keeps_no_other(point: Point) -> None:
    for name in ("ROCK_1.tar", "ROCK_2.tar", "ROCK_3.tar"):
        point.deliver(name)
    for candidate in list(point.served.inbox.scan()):
        point.served.inbox.claim(candidate, uuid4())
    point.deliver("ROCK_2.tar")
    with capture_logs() as lines:
        release_forgotten(point.context, [point.served])
    assert {each.name for each in point.served.inbox.scan()} == {"ROCK_1.tar", "ROCK_2.tar", "ROCK_3.tar"}
    assert sorted(line["event"] for line in lines) == [
        "forgotten claim not released",
        "forgotten claim released",
        "forgotten claim released",
    ]


def test_claims_of_an_inbox_that_was_renamed_are_told(point: Point) -> None:
    point.deliver()
    begin_one(point.catalogue.ingestions, uuid4(), "before", point.candidate(), point.lease)
    with capture_logs() as lines:
        tell_of_unserved(point.context, [point.served])
    assert [(line["event"], line["inbox"], line["products"]) for line in lines] == [
        ("claims of an inbox that is not configured", "before", 1)
    ]


def test_what_another_worker_finishes_this_moment_is_not_forgotten(point: Point) -> None:
    served = with_inbox(point.served, Busy)
    point.deliver()
    candidate = point.candidate(served)
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", candidate, point.lease)
    claimed = served.inbox.claim(candidate, ingestion.uuid)

    def finish() -> None:
        served.inbox.end = lambda: None  # type: ignore[attr-defined]
        served.inbox.finish(claimed)
        point.catalogue.ingestions.close(ingestion)

    served.inbox.end = finish  # type: ignore[attr-defined]
    with capture_logs() as lines:
        release_forgotten(point.context, [served])
    assert lines == []
