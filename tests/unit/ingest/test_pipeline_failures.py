"""The way of a product when something fails: wait, try again, or put it aside."""

from __future__ import annotations

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core.errors import PermanentError, TransientError
from prip_core.ingest.context import Outcome
from prip_core.ingest.failures import DEATHS
from prip_storage_posix.posix import PosixSettings, PosixStorage
from tests.singly import accept_one, begin_one, resume_one, take_over_one

Point = Any
LONG = timedelta(hours=1)


class Troubled(PosixStorage):
    """A storage whose ``put`` fails so often before it works."""

    def __init__(self, settings: PosixSettings, *troubles: Exception) -> None:
        super().__init__(settings)
        self._troubles = list(troubles)

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        if self._troubles:
            source.read(10)
            raise self._troubles.pop(0)
        super().put(key, source, size=size)


def trouble(point: Point, *troubles: Exception) -> None:
    point.storage = Troubled(PosixSettings(path=point.folder / "archive"), *troubles)


@pytest.mark.parametrize(
    "passing",
    [
        TransientError("no connection"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EIO, "Input/output error"),
    ],
)
def test_passing_trouble_is_outlived_however_long_it_lasts(point: Point, passing: Exception) -> None:
    trouble(point, *[passing] * 6)
    point.deliver()
    assert point.accept() is Outcome.POSTPONED
    for _ in range(5):
        assert take_over_one(point.catalogue.ingestions, ["inbox"], point.lease) is None, "it is not due yet"
        (waiting,) = point.catalogue.ingestions.open()
        assert waiting.last_error is not None
        point.clock.advance(LONG)
        assert point.resume() is Outcome.POSTPONED
    point.clock.advance(LONG)
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()


def test_the_other_side_may_ask_for_a_longer_pause(point: Point) -> None:
    trouble(point, TransientError("come back later", retry_after=timedelta(minutes=30)))
    point.deliver()
    point.accept()
    (waiting,) = point.catalogue.ingestions.open()
    assert waiting.due_at >= point.clock.now() + timedelta(minutes=30)


def test_a_bug_is_tried_three_times_then_put_aside(point: Point) -> None:
    trouble(point, *[ZeroDivisionError("oops")] * 4)
    point.deliver()
    outcomes = [point.accept()]
    while outcomes[-1] is Outcome.POSTPONED:
        point.clock.advance(LONG)
        outcomes.append(point.resume())
    assert outcomes == [*[Outcome.POSTPONED] * 3, Outcome.REJECTED]
    point.assert_refused("an unexpected error came 4 times: ZeroDivisionError: oops")


def test_what_will_never_work_is_put_aside_for_an_operator(point: Point) -> None:
    trouble(point, PermanentError("this bucket is not ours"))
    point.deliver()
    assert point.accept() is Outcome.REJECTED
    point.assert_refused("this bucket is not ours")


def test_a_storage_that_holds_less_than_it_was_given_is_not_believed(point: Point) -> None:
    class Lossy(PosixStorage):
        def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
            assert size is not None
            super().put(key, source, size=size)
            path = self.local_path(key)
            assert path is not None
            path.write_bytes(path.read_bytes()[:-1])

    point.storage = Lossy(PosixSettings(path=point.folder / "archive"))
    point.deliver()
    assert point.accept() is Outcome.POSTPONED
    assert point.catalogue.products.named("ROCK_1.tar") == []


def test_a_jumped_clock_dates_nothing_and_keeps_the_work_due(point: Point) -> None:
    point.deliver()
    now = point.clock.now()
    point.clock.set(now + timedelta(days=3650))
    assert point.accept() is Outcome.POSTPONED
    assert point.catalogue.products.named("ROCK_1.tar") == []
    point.clock.set(now + timedelta(days=3650, seconds=1))
    point.catalogue.clock.accept("the operator")
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()


def test_a_candidate_that_is_gone_leaves_no_trace(point: Point) -> None:
    path = point.deliver()
    candidate = point.candidate()
    path.unlink()
    assert accept_one(point.pipeline, point.served, candidate) is Outcome.LOST
    assert point.catalogue.ingestions.open() == []


def test_a_storage_that_is_no_longer_configured_is_waited_for(point: Point) -> None:
    point.deliver()
    served = point.inbox("inbox", storage="gone")
    assert point.accept(served) is Outcome.POSTPONED
    (waiting,) = point.catalogue.ingestions.open()
    assert "[storages.gone] must come back" in waiting.last_error


def test_a_product_whose_inbox_has_another_storage_by_now_is_told_of(point: Point) -> None:
    """An attempt before may have stored it where nothing refers to it."""
    point.deliver()
    point.accept(point.inbox("inbox", storage="gone"))
    (waiting,) = point.catalogue.ingestions.open()
    point.clock.advance(LONG)
    with capture_logs() as lines:
        assert point.resume() is Outcome.PUBLISHED
    (told,) = [line for line in lines if line["event"] == "product changes its storage"]
    assert (told["id"], told["left"], told["key"]) == (str(waiting.uuid), "gone", waiting.key)
    point.assert_published_once()


def test_a_product_that_workers_die_over_is_put_aside(point: Point) -> None:
    point.deliver()
    begin_one(point.catalogue.ingestions, uuid4(), "inbox", point.candidate(), point.lease)
    ingestion = None
    for _ in range(DEATHS):
        point.clock.advance(LONG)
        ingestion = take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)
    assert ingestion is not None
    point.served.inbox.claim(point.candidate(), ingestion.uuid)
    assert resume_one(point.pipeline, point.served, ingestion) is Outcome.REJECTED
    point.assert_refused("5 workers died")


def test_a_file_that_cannot_be_claimed_leaves_no_row_behind(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """It still lies in the inbox, where every scan finds it: rows would pile up."""
    point.deliver()

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(self))

    monkeypatch.setattr(Path, "rename", refuse)
    with capture_logs() as lines:
        assert point.accept() is Outcome.LOST
    monkeypatch.undo()
    assert [line["event"] for line in lines] == ["product cannot be claimed"]
    assert "Operation not permitted" in lines[0]["error"]
    assert point.catalogue.ingestions.open() == []
    assert point.accept() is Outcome.PUBLISHED


def test_a_claim_that_fails_half_way_is_kept_when_its_name_comes_again(
    point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in the inbox then is the next delivery; the first one is claimed, and waits for its next attempt."""
    first = point.deliver()
    (first.parent / f"{first.name}.prip.json").write_text("{}")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.endswith(".prip.json"):
            raise OSError(errno.EIO, "Input/output error", str(self))
        return rename(self, target)

    candidate = point.candidate()
    monkeypatch.setattr(Path, "rename", refuse)
    assert accept_one(point.pipeline, point.served, candidate) is Outcome.POSTPONED
    monkeypatch.undo()
    point.deliver()
    point.clock.advance(LONG)
    monkeypatch.setattr(Path, "rename", refuse)
    point.resume()
    monkeypatch.undo()
    (row,) = point.catalogue.ingestions.open()
    assert list(point.served.inbox.claimed()) == [row.uuid]
    point.clock.advance(LONG)
    assert point.resume() is Outcome.PUBLISHED
    assert point.accept() is Outcome.DUPLICATE
