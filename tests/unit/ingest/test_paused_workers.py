"""A worker is paused in the middle of storing a product; another finishes the work; then the first one wakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, BinaryIO

import pytest

from prip_core.errors import TransientError
from prip_core.ingest.context import Outcome
from prip_core.model import InspectedProduct, Stage
from prip_core.rules import qc_rule
from prip_storage_posix.posix import PosixSettings, PosixStorage

Point = Any
LONG = timedelta(hours=1)


class Paused(PosixStorage):
    """A storage whose first ``put`` sleeps after all is read, just before the object gets its name."""

    def __init__(self, settings: PosixSettings, meanwhile: Callable[[], None]) -> None:
        super().__init__(settings)
        self._meanwhile = [meanwhile]
        self.away = False

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        super().put(key, _Paused(source, self._meanwhile), size=size)  # type: ignore[arg-type]

    def list(self, prefix: str) -> Any:
        if self.away:
            raise TransientError("the storage is away")
        return super().list(prefix)


class _Paused:
    def __init__(self, source: BinaryIO, meanwhile: list[Callable[[], None]]) -> None:
        self._source, self._meanwhile = source, meanwhile

    def read(self, size: int) -> bytes:
        block = self._source.read(size)
        if not block and self._meanwhile:
            self._meanwhile.pop()()
        return block


@qc_rule("QC-93", stage=Stage.CONTENT)
def never(product: InspectedProduct) -> Iterator[str]:
    """No rock is good enough."""
    yield "it is a rock"


def pause(point: Point) -> tuple[Paused, list[Outcome]]:
    others: list[Outcome] = []

    def meanwhile() -> None:
        point.clock.advance(LONG)
        others.append(point.resume())

    point.storage = Paused(PosixSettings(path=point.folder / "archive"), meanwhile)
    return point.storage, others


def test_what_it_stores_of_a_refused_product_is_removed(point: Point) -> None:
    point.rules.append(never)
    _, others = pause(point)
    point.deliver()
    assert point.accept() is Outcome.LOST
    assert others == [Outcome.REJECTED]
    point.assert_refused("QC-93")
    assert point.stored() == []


def test_what_it_stores_of_a_duplicate_is_removed_and_the_first_one_stays(point: Point) -> None:
    content = point.deliver().read_bytes()
    point.accept()
    _, others = pause(point)
    point.deliver().write_bytes(content)
    assert point.accept() is Outcome.LOST
    assert others == [Outcome.DUPLICATE]
    point.assert_published_once()
    assert len(point.stored()) == 1


def test_what_it_stores_of_a_published_product_is_what_was_published(point: Point) -> None:
    _, others = pause(point)
    point.deliver()
    assert point.accept() is Outcome.LOST
    assert others == [Outcome.PUBLISHED]
    point.assert_published_once()


def test_a_storage_that_is_away_then_is_no_trouble_to_the_worker(
    point: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    point.rules.append(never)
    storage, others = pause(point)
    point.deliver()
    resume = point.resume

    def resume_and_go_away() -> Outcome:
        outcome: Outcome = resume()
        storage.away = True
        return outcome

    point.resume = resume_and_go_away
    assert point.accept() is Outcome.LOST
    assert others == [Outcome.REJECTED]
    assert "the storage is away" in capsys.readouterr().out
