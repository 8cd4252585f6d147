"""The way of a product: every outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from prip_core.ingest.context import Outcome
from prip_core.model import InspectedProduct, ProductMetadata, Severity, Stage
from prip_core.rules import qc_rule
from prip_core.times import NEVER

Point = Any
LONG = timedelta(hours=1)
YEAR = timedelta(days=365)


def test_a_product_is_published(point: Point) -> None:
    content = point.deliver(more={"ROCK_1/quicklook.png": b"picture"}).read_bytes()
    assert point.accept() is Outcome.PUBLISHED
    point.assert_published_once()
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    folder = f"ROCK_L0/{point.candidate_day()}/{product.id}"
    assert product.key == f"{folder}/ROCK_1.tar"
    assert sorted(point.stored()) == [f"{folder}/ROCK_1.tar", f"{folder}/quicklooks/quicklook.png"]
    assert {checksum.algorithm: checksum.value for checksum in product.checksums}["MD5"] == (
        hashlib.md5(content).hexdigest()
    )
    assert [checksum.algorithm for checksum in product.checksums] == ["MD5", "BLAKE3"]
    assert (product.mission, product.product_type, product.content_length) == ("geology", "ROCK_L0", len(content))
    assert product.eviction_date == NEVER
    assert product.publication_date == point.clock.now()


def test_a_linked_product_is_published_without_a_copy(point: Point) -> None:
    served = point.inbox("inbox", take_over="link")
    inode = point.deliver().stat().st_ino
    assert point.accept(served) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    path = point.storage.local_path(product.key)
    assert path is not None
    assert path.stat().st_ino == inode
    point.assert_published_once()


def test_the_same_product_again_is_dropped(point: Point) -> None:
    content = point.deliver().read_bytes()
    assert point.accept() is Outcome.PUBLISHED
    point.deliver().write_bytes(content)
    assert point.accept() is Outcome.DUPLICATE
    point.assert_published_once()
    assert len(point.stored()) == 1


def test_other_bytes_under_a_name_that_is_online_are_refused(point: Point) -> None:
    point.deliver()
    point.accept()
    point.deliver(facts={"weight": 8})
    assert point.accept() is Outcome.REJECTED
    point.assert_refused("is online already")
    assert len(point.stored()) == 1


@qc_rule("QC-91")
def light(product: InspectedProduct) -> Iterator[str]:
    """A rock can be lifted."""
    if any(attribute.value == 100 for attribute in product.metadata.attributes):
        yield "too heavy"


@qc_rule("QC-92", severity=Severity.WARNING)
def dusty(product: InspectedProduct) -> Iterator[str]:
    """A rock is clean."""
    yield "a little dusty"


@qc_rule("QC-93", stage=Stage.CONTENT)
def solid(product: InspectedProduct) -> Iterator[str]:
    """No member has 99 bytes."""
    if any(digest.size == 99 for digest in product.members.values()):
        yield "a member has an unlucky size"


@pytest.mark.parametrize(
    ("name", "delivery", "reason"),
    [
        ("BIRD_1.tar", {}, "no mission claims this name; asked were geology"),
        ("ROCK_SECRET.tar", {}, "is a secret rock"),
        ("ROCK_1.tar", {"facts": {"weight": -1}}, "no negative weight"),
        ("ROCK_1.tar", {"facts": {"weight": 100}}, "QC-91: too heavy"),
        ("ROCK_1.tar", {"more": {"ROCK_1/x": bytes(99)}}, "QC-93: a member has an unlucky size"),
        ("ROCK_1.tar", {"more": {"/etc/passwd": b""}}, "absolute names"),
        ("ROCK_a b.tar", {}, "letters, digits"),
    ],
)
def test_products_that_are_not_in_order_go_to_quarantine(
    point: Point, name: str, delivery: dict[str, Any], reason: str
) -> None:
    point.rules += [light, dusty, solid]
    point.deliver(name, **delivery)
    assert point.accept() is Outcome.REJECTED
    point.assert_refused(reason)
    assert point.stored() == []
    assert point.catalogue.products.named(name) == []


def test_warnings_are_published_with_the_product(point: Point) -> None:
    point.rules += [light, dusty, solid]
    point.deliver()
    assert point.accept() is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert [finding.rule for finding in point.catalogue.products.findings(product.id)] == ["QC-92"]


@pytest.mark.parametrize(("days", "evicted"), [(None, None), (0.5, timedelta(hours=12)), (365_000.0, 1000 * YEAR)])
def test_an_inbox_says_how_long_its_products_stay(point: Point, days: float | None, evicted: timedelta | None) -> None:
    served = point.inbox("bulk", retention=days)
    point.deliver(inbox="bulk")
    assert point.accept(served) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert product.eviction_date == (NEVER if evicted is None else product.publication_date + evicted)


def test_a_damaged_container_is_refused_and_its_object_removed(point: Point) -> None:
    path = point.deliver(more={"ROCK_1/image": bytes(100_000)})
    path.write_bytes(path.read_bytes()[:-1024])
    assert point.accept() is Outcome.REJECTED
    point.assert_refused("two zero blocks")
    assert point.stored() == []


def sidecar(point: Point, content: object) -> None:
    (point.folder / "inbox" / "ROCK_1.tar.prip.json").write_text(json.dumps(content))


def test_a_sidecar_adds_what_it_knows(point: Point) -> None:
    sidecar(
        point,
        {"origin_date": "2026-03-01T08:00:00Z", "campaign": "granite", "attributes": {"downlinkOrbitNumber": 12}},
    )
    point.deliver()
    assert point.accept() is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    row = point.catalogue.products.row(product.id)
    assert {each["Name"]: each["Value"] for each in json.loads(row.attributes)} == {
        "weight": 7,
        "downlinkOrbitNumber": 12,
        "campaign": "granite",
    }
    assert product.origin_date.hour == 8
    point.assert_published_once()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA3-256"])
@pytest.mark.parametrize("right", [True, False])
def test_a_stated_digest_is_compared(point: Point, algorithm: str, right: bool) -> None:
    content = point.deliver().read_bytes()
    value = hashlib.new(algorithm.lower().replace("-", "_"), content).hexdigest()
    sidecar(
        point, {"checksum": {"algorithm": algorithm, "value": value.upper() if right else value[1:] + value[0] + "0"}}
    )
    point.deliver()
    assert point.accept() is (Outcome.PUBLISHED if right else Outcome.REJECTED)
    if right:
        point.assert_published_once()
        (product,) = point.catalogue.products.named("ROCK_1.tar")
        assert [checksum.algorithm for checksum in product.checksums] == ["MD5", "BLAKE3"]
    else:
        point.assert_refused(f"the sidecar states the {algorithm}")
        assert point.stored() == []


@pytest.mark.parametrize(
    ("content", "reason"), [({"attributes": {"weight": 8}}, "weight is 8, the product says 7"), ({"x": 1}, "x: Extra")]
)
def test_a_sidecar_that_contradicts_or_makes_no_sense_takes_its_product_along(
    point: Point, content: object, reason: str
) -> None:
    sidecar(point, content)
    point.deliver()
    assert point.accept() is Outcome.REJECTED
    point.assert_refused(reason)


def test_metadata_of_the_mission_reach_the_row(point: Point) -> None:
    mission = point.missions["geology"]
    inspect = mission.inspect

    def with_parent(identity: Any, files: Any) -> ProductMetadata:
        return replace(inspect(identity, files), parent="MOUNTAIN", origin_date=point.clock.now())

    mission.inspect = with_parent
    point.deliver()
    assert point.accept() is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    assert product.origin_date == point.clock.now()
