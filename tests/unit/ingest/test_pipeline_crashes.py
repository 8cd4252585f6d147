"""The way of a product when workers die, the disk fills, or work changes hands, at every labelled point."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from prip_core import crashpoints
from prip_core.errors import TransientError
from prip_core.ingest.context import Outcome
from prip_core.ingest.failures import BUG_ATTEMPTS
from prip_core.model import InspectedProduct, Stage
from prip_core.rules import qc_rule
from tests.singly import begin_one, resume_one

Point = Any
LONG = timedelta(hours=1)


class Killed(BaseException):
    """Ends the work as a kill does, without a chance to clean up."""


def at(monkeypatch: pytest.MonkeyPatch, label: str, deed: Callable[[], None]) -> None:
    """Do this once, when the work comes to a labelled point."""
    done: list[str] = []

    def reached(here: str) -> None:
        if here == label and not done:
            done.append(here)
            deed()

    monkeypatch.setattr(crashpoints, "reached", reached)


def another_takes_over(point: Point, monkeypatch: pytest.MonkeyPatch, label: str) -> list[Outcome]:
    """Let the lease end at a label and another worker do all the work; what it made of it."""
    others: list[Outcome] = []

    def take_over() -> None:
        point.clock.advance(LONG)
        others.append(point.resume())

    at(monkeypatch, label, take_over)
    return others


PUBLISHED_WAY = [label for label in crashpoints.LABELS if not label.startswith("reject")]
REJECTED_WAY = ["claim.row", "claim.renamed", "stored", "reject.verdict", "reject.deleted", "reject.moved", "closed"]


@qc_rule("QC-93", stage=Stage.CONTENT)
def solid(product: InspectedProduct) -> Iterator[str]:
    """No member has 99 bytes."""
    if any(digest.size == 99 for digest in product.members.values()):
        yield "a member has an unlucky size"


def bad(point: Point) -> None:
    """Deliver a product that is refused after its bytes were stored."""
    point.rules.append(solid)
    point.deliver(more={"ROCK_1/x": bytes(99)})


@pytest.mark.parametrize("label", PUBLISHED_WAY)
def test_a_crash_anywhere_is_made_good_by_the_next_worker(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        raise Killed

    at(monkeypatch, label, kill)
    point.deliver(more={"ROCK_1/quicklook.png": b"picture"})
    with pytest.raises(Killed):
        point.accept()
    point.clock.advance(LONG)
    if label != "closed":
        assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()
    assert len(point.stored()) == 2


@pytest.mark.parametrize("label", REJECTED_WAY)
def test_a_crash_on_the_way_to_quarantine_is_made_good(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        raise Killed

    at(monkeypatch, label, kill)
    bad(point)
    with pytest.raises(Killed):
        point.accept()
    point.clock.advance(LONG)
    if label != "closed":
        assert point.resume() is Outcome.REJECTED
    point.assert_refused("QC-93")
    assert point.stored() == []


def test_a_duplicate_whose_worker_died_is_dropped_by_the_next(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill() -> None:
        raise Killed

    content = point.deliver().read_bytes()
    point.accept()
    for label in ("publish.after", "clean.before", "clean.finished"):
        at(monkeypatch, label, kill)
        point.deliver().write_bytes(content)
        with pytest.raises(Killed):
            point.accept()
        point.clock.advance(LONG)
        assert point.resume() is Outcome.DUPLICATE
        point.assert_published_once()
        assert len(point.stored()) == 1


@pytest.mark.parametrize("label", PUBLISHED_WAY)
def test_a_full_disk_anywhere_is_outlived(point: Point, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at(monkeypatch, label, fail)
    point.deliver()
    if label == "claim.row":
        with pytest.raises(OSError):
            point.accept()
    else:
        outcome = point.accept()
        assert outcome is (Outcome.LOST if label == "closed" else Outcome.POSTPONED)
    point.clock.advance(LONG)
    if label != "closed":
        assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()


@pytest.mark.parametrize("label", REJECTED_WAY[1:-1])
def test_a_full_disk_on_the_way_to_quarantine_is_outlived(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at(monkeypatch, label, fail)
    bad(point)
    assert point.accept() is Outcome.POSTPONED
    point.clock.advance(LONG)
    assert point.resume() is Outcome.REJECTED
    point.assert_refused("QC-93")
    assert point.stored() == []


@pytest.mark.parametrize("label", PUBLISHED_WAY[:-1])
def test_a_worker_that_lost_its_lease_leaves_everything_to_the_other(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = another_takes_over(point, monkeypatch, label)
    point.deliver()
    assert point.accept() is Outcome.LOST
    assert others == [Outcome.PUBLISHED]
    point.assert_published_once()


@pytest.mark.parametrize("label", REJECTED_WAY[:-1])
def test_a_worker_that_lost_its_lease_moves_nothing_to_quarantine(
    point: Point, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = another_takes_over(point, monkeypatch, label)
    bad(point)
    assert point.accept() is Outcome.LOST
    assert others == [Outcome.REJECTED]
    point.assert_refused("QC-93")
    assert len(point.rejections()) == 1


def test_a_new_delivery_of_the_name_is_never_taken_for_the_old_one(
    point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the old file was removed; the chain delivers other bytes before the work is resumed."""

    def kill() -> None:
        raise Killed

    at(monkeypatch, "clean.finished", kill)
    point.deliver()
    with pytest.raises(Killed):
        point.accept()
    point.deliver(facts={"weight": 8})
    point.clock.advance(LONG)
    assert point.resume() is Outcome.PUBLISHED
    assert point.left_in_inbox() == ["ROCK_1.tar"]
    assert point.accept() is Outcome.REJECTED
    point.assert_refused("is online already")


@pytest.mark.parametrize("error", [TransientError("connection lost"), ZeroDivisionError("oops")])
def test_after_a_lost_answer_of_the_publication_nothing_is_refused(point: Point, error: Exception) -> None:
    """The row is there, and the worker does not know it: its verdict must not hold, however often it has tried."""
    publication = point.catalogue.publication

    class LosesAnswers:
        def publish_all(self, *args: Any, **options: Any) -> None:
            publication.publish_all(*args, **options)
            raise error

    point.deliver()
    point.catalogue.publication = LosesAnswers()
    ingestion = begin_one(point.catalogue.ingestions, uuid4(), "inbox", point.candidate(), point.lease)
    assert resume_one(point.pipeline, point.served, replace(ingestion, faults=BUG_ATTEMPTS)) is Outcome.POSTPONED
    point.catalogue.publication = publication
    point.clock.advance(LONG)
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()
