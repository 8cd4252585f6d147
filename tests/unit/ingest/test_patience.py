"""A worker that is told to stop finishes the product in work, or hands it back when that takes too long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, BinaryIO

from prip_core.ingest.context import Outcome
from prip_storage_posix.posix import PosixSettings, PosixStorage

Point = Any


class Slow(PosixStorage):
    """A storage in the middle of whose ``put`` the worker is told to stop."""

    def __init__(self, settings: PosixSettings, point: Point) -> None:
        super().__init__(settings)
        self._point = point

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        source.read(100)
        self._point.stop.set()
        source.read(100)


def test_what_cannot_be_finished_in_time_is_handed_back_and_due_at_once(point: Point) -> None:
    point.grace = timedelta(0)
    point.storage, storage = Slow(PosixSettings(path=point.folder / "archive"), point), point.storage
    point.deliver()
    assert point.accept() is Outcome.POSTPONED
    point.storage = storage
    (waiting,) = point.catalogue.ingestions.open()
    assert (waiting.faults, waiting.due_at <= point.clock.now()) == (0, True)
    assert "told to stop" in (waiting.last_error or "")
    point.stop.clear()
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()


def test_as_long_as_there_is_time_work_goes_on(point: Point) -> None:
    point.stop.set()
    point.deliver()
    assert point.accept() is Outcome.PUBLISHED
    point.assert_published_once()
