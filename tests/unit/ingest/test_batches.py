"""Products that go their way side by side, when workers die, the disk fills, or work changes hands among them."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from prip_core import crashpoints
from prip_core.catalogue.rendering import render
from prip_core.errors import BadQuery, TransientError
from prip_core.ingest.context import Outcome
from prip_core.model import InspectedProduct
from prip_core.rules import qc_rule
from tests.singly import resume_one, take_over_one

Point = Any
LONG = timedelta(hours=1)
GOOD = ("ROCK_1.tar", "ROCK_2.tar", "ROCK_3.tar")
LABELS = crashpoints.LABELS
ONCE = {"claim.row", *(label for label in LABELS if label.startswith("reject"))}
"""Labels that a batch with one refused product comes to a single time."""

PLACES = [(label, number) for label in LABELS for number in (1, 2) if number == 1 or label not in ONCE]


class Killed(BaseException):
    """Ends the work as a kill does, without a chance to clean up."""


def at(monkeypatch: pytest.MonkeyPatch, label: str, number: int, deed: Callable[[], None]) -> list[str]:
    """Do this when the work comes to a labelled point for the n-th time; the list grows with each time."""
    seen: list[str] = []

    def reached(here: str) -> None:
        if here == label:
            seen.append(here)
            if len(seen) == number:
                deed()

    monkeypatch.setattr(crashpoints, "reached", reached)
    return seen


@qc_rule("QC-94")
def light(product: InspectedProduct) -> Iterator[str]:
    """No rock is called the fourth."""
    if "ROCK_4" in product.identity.name:
        yield "four rocks are too heavy"


@pytest.fixture
def several(point: Point) -> Point:
    """Three good products, one that is refused, and one that no mission knows."""
    point.rules.append(light)
    for name in (*GOOD, "ROCK_4.tar"):
        point.deliver(name)
    point.served = point.inbox(receipts=True)
    return point


def accept_all(point: Point) -> list[Outcome]:
    candidates = sorted(point.served.inbox.scan(), key=lambda candidate: candidate.name)
    return list(point.pipeline.accept_all([(point.served, candidate) for candidate in candidates]))


def resume_all(point: Point) -> None:
    """What the workers to come do, until nothing is left to do."""
    for _ in range(3):
        point.clock.advance(LONG)
        while (ingestion := take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)) is not None:
            resume_one(point.pipeline, point.served, ingestion)
    accept_all(point)


def assert_done(point: Point) -> None:
    for name in GOOD:
        (product,) = point.catalogue.products.named(name)
        assert product.online
        assert product.key in point.stored()
    assert len(point.stored()) == len(GOOD)
    assert len(point.rejections()) == 1
    point.assert_refused("QC-94")


def test_all_are_taken_in(several: Point) -> None:
    assert accept_all(several) == [Outcome.PUBLISHED] * 3 + [Outcome.REJECTED]
    assert_done(several)


@pytest.mark.parametrize(("label", "number"), PLACES)
def test_a_crash_anywhere_is_made_good(
    several: Point, label: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        raise Killed

    at(monkeypatch, label, number, kill)
    with pytest.raises(Killed):
        accept_all(several)
    resume_all(several)
    assert_done(several)


@pytest.mark.parametrize(("label", "number"), PLACES)
def test_a_full_disk_anywhere_is_outlived_and_stops_no_other(
    several: Point, label: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at(monkeypatch, label, number, fail)
    if label == "claim.row":
        with pytest.raises(OSError):
            accept_all(several)
    else:
        assert accept_all(several).count(Outcome.PUBLISHED) >= 2
    resume_all(several)
    assert_done(several)


@pytest.mark.parametrize(("label", "number"), PLACES)
def test_a_worker_that_lost_its_leases_leaves_everything_to_the_other(
    several: Point, label: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, label, number, lambda: resume_all(several))
    accept_all(several)
    assert_done(several)


def test_a_lost_lease_in_the_middle_stops_no_other(several: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker has one of them: its row says so when all are published."""

    def take_one() -> None:
        open_rows = {row.name: row for row in several.catalogue.ingestions.open()}
        several.catalogue.ingestions.postpone(open_rows["ROCK_2.tar"], several.clock.now(), "somebody has it")

    at(monkeypatch, "publish.before", 3, take_one)
    assert accept_all(several) == [Outcome.PUBLISHED, Outcome.LOST, Outcome.PUBLISHED, Outcome.REJECTED]
    resume_all(several)
    assert_done(several)


@pytest.mark.parametrize("error", [TransientError("connection lost"), ZeroDivisionError("oops")], ids=type)
@pytest.mark.parametrize("name", ["begin_all", "store_all_at", "close_all"])
def test_a_transaction_whose_answer_is_lost_loses_nothing(
    several: Point, name: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingestions = several.catalogue.ingestions
    transaction = getattr(ingestions, name)

    def lose_answer(*args: Any) -> None:
        transaction(*args)
        raise error

    monkeypatch.setattr(ingestions, name, lose_answer)
    if name == "begin_all":
        with pytest.raises(type(error)):
            accept_all(several)
    else:
        accept_all(several)
    monkeypatch.undo()
    resume_all(several)
    assert_done(several)


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), BadQuery("what it says cannot be asked for")])
def test_a_product_that_the_catalogue_cannot_take_stops_no_other(
    several: Point, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """An error that is its own, in the transaction of all: they are published one by one."""

    def break_one(published: Any, packing: Any) -> Any:
        if published.product.name == "ROCK_2.tar":
            raise error
        return render(published, packing)

    monkeypatch.setattr("prip_core.catalogue.publication.render", break_one)
    assert accept_all(several) == [Outcome.PUBLISHED, Outcome.POSTPONED, Outcome.PUBLISHED, Outcome.REJECTED]
    monkeypatch.undo()
    resume_all(several)
    assert_done(several)


def test_the_same_file_twice_is_published_once(point: Point) -> None:
    content = point.deliver().read_bytes()
    other = point.inbox("other")
    (point.folder / "other" / "ROCK_1.tar").write_bytes(content)
    both = [(served, next(iter(served.inbox.scan()))) for served in (point.served, other)]
    assert list(point.pipeline.accept_all(both)) == [Outcome.PUBLISHED, Outcome.DUPLICATE]
    point.assert_published_once()
    assert point.left_in_inbox("other") == []
    assert len(point.stored()) == 1


def test_a_file_that_somebody_took_stops_no_other(several: Point) -> None:
    candidates = sorted(several.served.inbox.scan(), key=lambda candidate: candidate.name)
    taken = several.folder / "inbox" / "ROCK_2.tar"
    away = taken.rename(several.folder / "away")
    outcomes = several.pipeline.accept_all([(several.served, candidate) for candidate in candidates])
    assert list(outcomes) == [Outcome.PUBLISHED, Outcome.LOST, Outcome.PUBLISHED, Outcome.REJECTED]
    assert several.catalogue.ingestions.open() == []
    away.rename(taken)
    assert accept_all(several) == [Outcome.PUBLISHED]
    assert_done(several)


def test_receipts_tell_each(several: Point) -> None:
    accept_all(several)
    receipts = sorted((several.folder / "receipts").glob("*.json"))
    told = {receipt.name: json.loads(receipt.read_text())["outcome"] for receipt in receipts}
    assert set(told.values()) == {"published", "quarantined"}
    assert len(told) == 4
