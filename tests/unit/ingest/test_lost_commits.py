"""The database carries out a COMMIT, and the worker never hears of it: at each transaction of each way of a product."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from prip_core.catalogue.database import Database
from prip_core.errors import CatalogueUnavailable, TransientError
from tests.singly import accept_one, resume_one, take_over_one

Point = Any
LONG = timedelta(hours=1)
MOST = 7
"""One more than the longest way has transactions."""


@pytest.fixture
def lose_answer(point: Point, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Exception], list[int]]:
    """From now on, the answer of the transaction of this number is lost; gives the list that counts transactions."""

    def begin(number: int, error: Exception) -> list[int]:
        done: list[int] = []
        kind = type(point.catalogue._database)
        transaction = kind.writing

        @contextmanager
        def writing(self: Database) -> Iterator[None]:
            with transaction(self):
                yield
            done.append(len(done) + 1)
            if len(done) == number:
                raise error

        monkeypatch.setattr(kind, "writing", writing)
        return done

    return begin


def work(point: Point) -> None:
    """What an ingestor does, until nothing is left to do."""
    for _ in range(5):
        point.clock.advance(LONG)
        try:
            while (ingestion := take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)) is not None:
                resume_one(point.pipeline, point.served, ingestion)
            for candidate in point.served.inbox.scan():
                accept_one(point.pipeline, point.served, candidate)
        except (CatalogueUnavailable, TransientError):
            continue


def publish(point: Point) -> None:
    point.deliver()


def publish_twice(point: Point) -> None:
    content = point.deliver().read_bytes()
    work(point)
    point.deliver().write_bytes(content)


def refuse(point: Point) -> None:
    path = point.deliver()
    sidecar = {"checksum": {"algorithm": "MD5", "value": "0" * 32}}
    path.with_name(f"{path.name}.prip.json").write_text(json.dumps(sidecar))


@pytest.mark.parametrize(
    "error", [TransientError("connection lost"), CatalogueUnavailable("connection lost")], ids=type
)
@pytest.mark.parametrize("way, published, refused", [(publish, 1, 0), (publish_twice, 1, 0), (refuse, 0, 1)])
@pytest.mark.parametrize("number", range(1, MOST + 1))
def test_a_lost_answer_loses_and_doubles_nothing(
    point: Point,
    lose_answer: Callable[[int, Exception], list[int]],
    number: int,
    way: Callable[[Point], None],
    published: int,
    refused: int,
    error: Exception,
) -> None:
    way(point)
    done = lose_answer(number, error)
    work(point)
    assert number < MOST or len(done) < MOST, "there are more transactions than are tried"
    assert len(point.catalogue.products.named("ROCK_1.tar")) == published
    assert len(point.stored()) == published
    assert len(list(point.served.inbox.rejected())) == refused
    assert point.left_in_inbox() == []
    assert point.catalogue.ingestions.open() == []


@pytest.mark.parametrize("number", range(1, MOST))
def test_a_database_that_goes_away_is_nobodys_death(point: Point, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """From a transaction on there is none for a while; what was in work is handed back when there is one again."""
    kind = type(point.catalogue._database)
    transaction, begun = kind.writing, []

    def writing(self: Database) -> Any:
        begun.append(None)
        if len(begun) >= number:
            raise CatalogueUnavailable("connection refused")
        return transaction(self)

    point.deliver()
    pipeline = point.pipeline
    monkeypatch.setattr(kind, "writing", writing)
    (candidate,) = point.served.inbox.scan()
    with suppress(CatalogueUnavailable):
        accept_one(pipeline, point.served, candidate)
    monkeypatch.undo()
    pipeline.hand_back()
    while (ingestion := take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)) is not None:
        assert ingestion.faults == 0
        resume_one(pipeline, point.served, ingestion)
    for candidate in point.served.inbox.scan():
        accept_one(pipeline, point.served, candidate)
    assert len(point.catalogue.products.named("ROCK_1.tar")) == 1
    assert point.left_in_inbox() == []
    assert point.catalogue.ingestions.open() == []
