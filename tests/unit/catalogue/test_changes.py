"""What has changed since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome, open_catalogue
from prip_core.catalogue.changes import ChangePage
from prip_core.model import Attribute, ProductType
from prip_core.odata.options import decode_query, parse_collection_options
from prip_core.testing.clock import FixedClock

Publish = Callable[..., PublishOutcome]
Seen = list[tuple[int, str]]


@pytest.fixture
def three(publish: Publish) -> list[UUID]:
    """Three products, of which the middle one has a name of its own."""
    ids = [uuid4() for _ in range(3)]
    for uuid, name in zip(ids, ("S2A_1.tar", "S1A_2.zip", "S2A_3.tar"), strict=True):
        publish(id=uuid, name=name)
    return ids


def since(catalogue: Catalogue, change: int, options: str = "", **settings: Any) -> ChangePage:
    query = parse_collection_options(decode_query(options), 1000)
    return catalogue.changes.since(query, change, **settings)


def seen(page: ChangePage) -> Seen:
    """Each change by the product's seq: whether it is listed, or gone, or does not match."""
    return [(change.seq, "listed" if change.row else "other" if change.online else "gone") for change in page.changes]


def test_changes_come_in_their_order_once_for_each_product(catalogue: Catalogue, three: list[UUID]) -> None:
    assert seen(since(catalogue, 0)) == [(1, "listed"), (2, "listed"), (3, "listed")]
    catalogue.transitions.withdraw(three[0], "x")
    page = since(catalogue, 0)
    assert seen(page) == [(2, "listed"), (3, "listed"), (1, "gone")]
    assert (page.upto, page.more) == (4, False)
    assert [change.id for change in page.changes] == [three[1], three[2], three[0]]


def test_nothing_changed(catalogue: Catalogue, three: list[UUID]) -> None:
    page = since(catalogue, 3)
    assert (seen(page), page.upto, page.more) == ([], 3, False)
    assert three


def test_pages_go_on_where_the_last_one_ended(catalogue: Catalogue, three: list[UUID]) -> None:
    catalogue.transitions.begin_eviction(three[1])
    first = since(catalogue, 0, "$top=2")
    assert (seen(first), first.upto, first.more) == ([(1, "listed"), (3, "listed")], 3, True)
    second = since(catalogue, first.upto, "$top=2")
    assert (seen(second), second.upto, second.more) == ([(2, "gone")], 4, False)


@pytest.mark.parametrize(
    "options, list_evicted, expected",
    [
        ("$filter=startswith(Name,'S2A')", False, [(3, "listed"), (1, "gone")]),
        ("$filter=startswith(Name,'S1A')", False, [(2, "gone")]),
        ("$filter=startswith(Name,'S3A')", False, []),
        ("", True, [(3, "listed"), (1, "listed"), (2, "listed")]),
        ("$filter=Online eq true", False, [(3, "listed"), (1, "gone"), (2, "gone")]),
        ("$filter=Online eq false", False, [(3, "other"), (1, "listed"), (2, "listed")]),
        ("$filter=ModificationDate gt 2030-01-01", False, [(3, "other"), (1, "gone"), (2, "gone")]),
    ],
)
def test_what_a_filter_leaves(
    catalogue: Catalogue, three: list[UUID], options: str, list_evicted: bool, expected: Seen
) -> None:
    catalogue.transitions.withdraw(three[0], "x")
    catalogue.transitions.begin_eviction(three[1])
    page = since(catalogue, 0, options, list_evicted=list_evicted)
    assert seen(page) == expected
    assert page.upto == 5


def test_attributes_come_when_they_are_wanted(catalogue: Catalogue, three: list[UUID]) -> None:
    (change,) = since(catalogue, 2, "$expand=Attributes").changes
    assert change.row is not None
    assert change.row.id == three[2]
    assert change.row.attributes is not None
    (bare,) = since(catalogue, 2).changes
    assert bare.row is not None
    assert bare.row.attributes is None


def test_a_catalogue_is_told_from_others_for_ever(url: str, catalogue: Catalogue, clock: FixedClock) -> None:
    again = open_catalogue(url, clock)
    assert again.changes.origin == catalogue.changes.origin
    assert len(catalogue.changes.origin) == 12
    again.close()


@pytest.mark.parametrize(
    "options, expected",
    [
        ("$filter=Attributes/any(a:a/Name eq 'caduSession')", ["listed"]),
        ("$filter=Attributes/any(a:a/Name eq 'orbitNumber')", ["listed"]),
        ("$filter=Attributes/any(a:a/Name eq 'unknown')", []),
        ("$filter=not Attributes/any(a:a/Name eq 'caduSession')", ["other"]),
        ("$filter=Attributes/all(a:a/Name ne 'caduSession')", ["other"]),
        ("$filter=not Attributes/any(a:a/Name eq 'unknown')", ["listed"]),
        ("$filter=OriginDate gt 2026-03-01T10:30:00Z", ["other"]),
        ("$filter=Name eq 'nothing'", []),
    ],
)
def test_a_product_that_inherits_comes_into_lists_and_leaves_them(
    catalogue: Catalogue, publish: Publish, options: str, expected: list[str]
) -> None:
    kind = ProductType(code="GR", mission="sentinel2", description="x", inherits=("caduSession", "OriginDate"))
    publish(product_type="GR", parent="STRIP", origin_estimated=True)
    inherited = (Attribute(name="caduSession", value="x"),)
    publish(name="STRIP.tar", attributes=inherited, origin_date=datetime(2026, 3, 1, 10, tzinfo=UTC))
    change = catalogue.clock.last().change_seq
    assert catalogue.inheritance.pass_on({("sentinel2", "GR"): kind}) == 1
    assert seen(since(catalogue, change, options)) == [(1, shown) for shown in expected]
