"""Receipts: the chain is told what became of each delivery, whoever dies meanwhile."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prip_core import crashpoints
from prip_core.ingest.context import Outcome
from prip_core.model import InspectedProduct, Severity
from prip_core.rules import qc_rule
from prip_core.times import format_utc

Point = Any


@pytest.fixture
def point(point: Point) -> Point:
    """With receipts."""
    point.served = point.inbox("inbox", receipts=True)
    return point


def receipt(point: Point, name: str = "ROCK_1.tar") -> dict[str, Any]:
    read: dict[str, Any] = json.loads((point.folder / "receipts" / f"{name}.json").read_bytes())
    return read


@qc_rule("QC-91", severity=Severity.WARNING)
def heavy(product: InspectedProduct) -> Iterator[str]:
    """A rock is light."""
    yield "it is heavy"


def test_all_is_told_of_a_published_product(point: Point) -> None:
    point.rules.append(heavy)
    delivered = point.deliver()
    arrived = point.candidate().arrived
    size = delivered.stat().st_size
    assert point.accept() is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert receipt(point) == {
        "uuid": str(product.id),
        "name": "ROCK_1.tar",
        "inbox": "inbox",
        "outcome": "published",
        "id": str(product.id),
        "publication_date": format_utc(product.publication_date),
        "content_length": size,
        "checksums": {each.algorithm: each.value for each in product.checksums},
        "reason": None,
        "findings": [{"rule": "QC-91", "severity": "warning", "message": "it is heavy", "member": None}],
        "arrived": format_utc(arrived),
        "written": format_utc(point.clock.now()),
    }
    assert set(receipt(point)["checksums"]) == {"MD5", "BLAKE3"}


def test_a_duplicate_is_told_which_product_it_is(point: Point) -> None:
    content = point.deliver().read_bytes()
    point.accept()
    first = receipt(point)
    point.clock.advance(timedelta(hours=1))
    point.deliver().write_bytes(content)
    assert point.accept() is Outcome.DUPLICATE
    second = receipt(point)
    assert second["uuid"] != first["uuid"]
    same = ("id", "publication_date", "content_length", "checksums", "name", "inbox", "findings")
    assert {key: second[key] for key in same} == {key: first[key] for key in same}
    assert (second["outcome"], second["reason"]) == ("duplicate", None)


def test_a_refused_product_is_told_why(point: Point) -> None:
    point.deliver(facts={"weight": -1})
    size = point.candidate().size
    assert point.accept() is Outcome.REJECTED
    (rejection,) = point.served.inbox.rejected()
    told = receipt(point)
    assert told == {
        **told,
        "uuid": str(rejection.uuid),
        "outcome": "quarantined",
        "id": None,
        "publication_date": None,
        "content_length": size,
        "checksums": {},
        "reason": "a rock has no negative weight",
    }


def test_findings_of_a_refused_product_are_told(point: Point) -> None:
    point.deliver(name="PAPER.tar")
    assert point.accept() is Outcome.REJECTED
    (finding,) = receipt(point, "PAPER.tar")["findings"]
    assert (finding["rule"], finding["severity"]) == ("QC-01", "error")


def test_the_next_delivery_of_a_name_replaces_the_receipt(point: Point) -> None:
    point.deliver(facts={"weight": -1})
    point.accept()
    point.deliver()
    assert point.accept() is Outcome.PUBLISHED
    assert receipt(point)["outcome"] == "published"
    assert len(list((point.folder / "receipts").iterdir())) == 1


def test_nothing_is_told_where_nobody_wants_to_know(point: Point) -> None:
    point.served = point.inbox("inbox")
    point.deliver()
    assert point.accept() is Outcome.PUBLISHED
    assert not (point.folder / "receipts").exists()


class Killed(BaseException):
    """Ends the work as a kill does, without a chance to clean up."""


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Kills the worker once, at a labelled point."""

    def kill(label: str) -> None:
        left = [label]

        def reached(here: str) -> None:
            if here in left:
                left.remove(here)
                raise Killed

        monkeypatch.setattr(crashpoints, "reached", reached)

    return kill


@pytest.mark.parametrize("label", ["publish.after", "clean.before", "clean.finished", "told"])
@pytest.mark.parametrize("fate", ["published", "duplicate"])
def test_whoever_goes_on_tells(point: Point, killed_at: Callable[[str], None], label: str, fate: str) -> None:
    content = point.deliver().read_bytes()
    if fate == "duplicate":
        point.accept()
        point.deliver().write_bytes(content)
        shutil.rmtree(point.folder / "receipts")
    killed_at(label)
    with pytest.raises(Killed):
        point.accept()
    point.clock.advance(timedelta(hours=1))
    assert point.resume() == fate
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert (receipt(point)["outcome"], receipt(point)["id"]) == (fate, str(product.id))
    assert point.catalogue.ingestions.open() == []


@pytest.mark.parametrize("label", ["reject.verdict", "reject.moved", "told"])
def test_whoever_goes_on_tells_of_a_refusal(point: Point, killed_at: Callable[[str], None], label: str) -> None:
    point.deliver(facts={"weight": -1})
    killed_at(label)
    with pytest.raises(Killed):
        point.accept()
    point.clock.advance(timedelta(hours=1))
    assert point.resume() is Outcome.REJECTED
    assert receipt(point)["reason"] == "a rock has no negative weight"
    assert point.catalogue.ingestions.open() == []


def test_a_receipt_that_cannot_be_written_is_written_later(point: Point) -> None:
    obstacle: Path = point.folder / "receipts"
    obstacle.write_bytes(b"a file in the place of the folder")
    point.deliver()
    assert point.accept() is Outcome.POSTPONED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert product.online
    (waiting,) = point.catalogue.ingestions.open()
    assert "cannot be given a receipt of ROCK_1.tar" in str(waiting.last_error)
    obstacle.unlink()
    point.clock.advance(timedelta(hours=1))
    assert point.resume() is Outcome.PUBLISHED
    assert receipt(point)["id"] == str(product.id)


def test_a_duplicate_of_a_product_that_has_left_since_is_told_of_it(point: Point, killed_at: Any) -> None:
    content = point.deliver().read_bytes()
    point.accept()
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    point.deliver().write_bytes(content)
    killed_at("publish.after")
    with pytest.raises(Killed):
        point.accept()
    point.catalogue.transitions.withdraw(product.id, "no good")
    point.clock.advance(timedelta(hours=1))
    assert point.resume() is Outcome.DUPLICATE
    assert (receipt(point)["outcome"], receipt(point)["id"]) == ("duplicate", str(product.id))
