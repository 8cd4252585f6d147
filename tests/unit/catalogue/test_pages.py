"""Pages of the list: defaults, paging by token, order, attributes, counts, and what they cost the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from prip_core.catalogue import Catalogue, Page, PublishOutcome
from prip_core.odata.options import Query, decode_query, parse_collection_options
from prip_core.odata.positions import Position, write_position
from prip_core.odata.resolve import MOST_TERMS

Publish = Callable[..., PublishOutcome]
Ask = Callable[..., Page]
SECOND = write_position(Position(seq=2), "startswith(Name,'S2')\n")


@pytest.fixture
def ask(catalogue: Catalogue) -> Ask:
    """Asks for a page as a client does."""

    def ask(options: str = "", *, list_evicted: bool = False, page_size: int = 1000) -> Page:
        return catalogue.products.page(query(options, page_size), list_evicted=list_evicted)

    return ask


@pytest.fixture
def ten(publish: Publish, sql: Callable[[str], object]) -> None:
    """Ten products, seq 1 to 10; 1 to 3 are evicted."""
    for _ in range(10):
        publish()
    sql("UPDATE product SET state = 'EVICTED', online = 0 WHERE seq <= 3")
    sql("UPDATE publication_clock SET online = 7")


def query(options: str, page_size: int = 1000) -> Query:
    return parse_collection_options(decode_query(options), page_size)


def seqs(page: Page) -> list[int]:
    return [row.seq for row in page.rows]


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize(
    "options, expected",
    [
        ("", [4, 5, 6, 7, 8, 9, 10]),
        ("$filter=Online eq false", [1, 2, 3]),
        ("$filter=Online ne true", [1, 2, 3]),
        ("$filter=startswith(Name,'S2') and Online eq true", [4, 5, 6, 7, 8, 9, 10]),
        ("$filter=Online eq true and Online eq false", []),
        ("$filter=Online eq true or not (Online eq true)", list(range(1, 11))),
        ("$orderby=PublicationDate desc", [10, 9, 8, 7, 6, 5, 4]),
        ("$orderby=PublicationDate desc&$top=2&$skip=1", [9, 8]),
        ("$orderby=Online,PublicationDate desc&$filter=Online eq true or Online eq false&$top=4", [3, 2, 1, 10]),
        ("$orderby=ContentLength&$top=2", [4, 5]),
        ("$orderby=ContentLength desc&$top=2", [10, 9]),
        ("$skip=6", [10]),
        ("$skip=7", []),
        ("$filter=PublicationDate gt 1990-01-01T00:00:00Z", [4, 5, 6, 7, 8, 9, 10]),
        ("$filter=PublicationDate lt 1990-01-01T00:00:00Z", []),
        ("$filter=PublicationDate gt 2090-01-01T00:00:00Z", []),
    ],
)
def test_rows_of_a_page(ask: Ask, options: str, expected: list[int]) -> None:
    page = ask(options)
    assert seqs(page) == expected
    assert page.total is None
    counted = ask(f"{options}&$count=true")
    assert seqs(counted) == expected


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize(
    "options, list_evicted, total",
    [
        ("", False, 7),
        ("", True, 10),
        ("$filter=Online eq false", False, 3),
        ("$filter=startswith(Name,'S2B')", False, 7),
        ("$filter=startswith(Name,'S2B')", True, 10),
        ("$filter=contains(Name,'absent')", True, 0),
        ("$top=0", False, 7),
        ("$skip=5&$top=1", False, 7),
    ],
)
def test_count_is_exact_and_knows_no_paging(ask: Ask, options: str, list_evicted: bool, total: int) -> None:
    assert ask(f"{options}&$count=true", list_evicted=list_evicted).total == total


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize("order", ["", "&$orderby=PublicationDate desc", "&$orderby=PublicationDate asc"])
def test_tokens_lead_through_the_whole_list(catalogue: Catalogue, order: str, *, count: bool) -> None:
    met: list[int] = []
    asked = query(f"$top=3{order}")
    for _ in range(3):
        page = catalogue.products.page(asked)
        met += seqs(page)
        asked = Query(top=3, order=asked.order, skip=len(met), after=page.after, count=count)
    assert not page.more
    assert met == sorted(range(4, 11), reverse="desc" in order)
    assert page.total == (7 if count else None)


def test_served_dates_find_themselves(publish: Publish, ask: Ask) -> None:
    dates = [str(publish().publication_date).replace(" ", "T").replace("+00:00", "Z") for _ in range(5)]
    assert seqs(ask(f"$filter=PublicationDate eq {dates[2]}")) == [3]
    assert seqs(ask(f"$filter=PublicationDate ne {dates[2]}")) == [1, 2, 4, 5]
    assert seqs(ask(f"$filter=PublicationDate gt {dates[2]}")) == [4, 5]
    assert seqs(ask(f"$filter=PublicationDate ge {dates[1]} and PublicationDate le {dates[3]}")) == [2, 3, 4]


def test_attributes_come_when_they_are_wanted(publish: Publish, ask: Ask) -> None:
    publish()
    publish(attributes=(), indexed=())
    assert [row.attributes for row in ask().rows] == [None, None]
    first, second = ask("$expand=Attributes").rows
    assert first.attributes is not None
    assert b'"cloudCover"' in first.attributes
    assert second.attributes in {None, b"[]"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize(
    "options, statements",
    [
        ("$top=20&$expand=Attributes", 1),
        ("$filter=PublicationDate gt 2026-01-01T00:00:00Z&$top=20", 1),
        ("$filter=startswith(Name,'S2') and ContentDate/Start gt 2026-01-01T00:00:00Z&$skip=2&$count=true", 3),
        ("$orderby=ContentLength&$filter=contains(Name,'S2') or Online eq true&$count=true", 3),
        ("$filter=platformSerialIdentifier eq 'B' and orbitNumber eq 43829", 3),
        ("$filter=platformSerialIdentifier eq 'absent'", 1),
        ("$filter=absent eq 'absent'&$count=true", 1),
        ("$top=0&$count=true", 1),
    ],
)
def test_a_page_takes_a_few_statements(catalogue: Catalogue, ask: Ask, options: str, statements: int) -> None:
    ask(options)
    seen: list[str] = []
    connection: sqlite3.Connection = catalogue._database.peewee.connection()
    connection.set_trace_callback(seen.append)
    ask(options)
    connection.set_trace_callback(None)
    assert len(seen) == statements


def plan(catalogue: Catalogue, ask: Ask, options: str) -> str:
    """How the database finds the rows of the page: the plan of the last statement."""
    ask(options)  # reads what is read once
    seen: list[str] = []
    connection: sqlite3.Connection = catalogue._database.peewee.connection()
    connection.set_trace_callback(seen.append)
    ask(options)
    connection.set_trace_callback(None)
    rows: list[tuple[Any, ...]] = connection.execute(f"EXPLAIN QUERY PLAN {seen[-1]}").fetchall()
    return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize(
    "options, step",
    [
        ("$filter=PublicationDate gt 2026-01-01T00:00:00Z", "product_online (online=? AND rowid>?)"),
        ("$filter=startswith(Name,'S2')", "product_name (name>? AND name<?)"),
        ("$filter=Name eq 'S2'", "product_name (name=?)"),
        ("$filter=Name eq 'a' or Name eq 'b'", "product_name (name=?)"),
        ("$filter=EvictionDate lt 2026-01-01T00:00:00Z", "product_eviction_date (eviction_date<?)"),
        ("$filter=ModificationDate gt 2026-01-01T00:00:00Z", "product_modification_date (modification_date>?)"),
        ("$filter=OriginDate gt 2026-01-01T00:00:00Z", "product_origin_date (origin_date>?)"),
        ("$filter=ContentDate/Start gt 2026-01-01T00:00:00Z", "product_content_start (content_start>?)"),
        ("$filter=ContentDate/End gt 2026-01-01T00:00:00Z", "product_content_end (content_end>?)"),
        ("$filter=Id eq 4c7bd4d4-5c2f-4b26-a4c5-3d7e6f0c9a10", "product_id (id=?)"),
        ("$filter=startswith(Name,'S2')&$orderby=ContentDate/Start", "product_name (name>? AND name<?)"),
        ("$filter=startswith(Name,'S2')&$skiptoken=" + SECOND, "product_name (name>? AND name<?)"),
        ("$orderby=ContentDate/Start", "product_content_start"),
        ("$filter=contains(Name,'S2')", "p USING INTEGER PRIMARY KEY (rowid>?)"),
    ],
)
def test_rows_are_found_by_the_index_meant_for_them(
    catalogue: Catalogue, ask: Ask, options: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they are among many: these ten would be found without."""
    monkeypatch.setattr("prip_core.catalogue.ways._FEW", 0)
    assert step in plan(catalogue, ask, options)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize(
    "options",
    [
        "$filter=PublicationDate gt 2026-01-01T00:00:00Z&$top=3",
        "$filter=contains(Name,'S2')&$top=3",
        "$filter=startswith(Name,'S2')&$top=3",
        "$orderby=PublicationDate desc&$top=3",
    ],
)
def test_publication_order_is_never_sorted(
    catalogue: Catalogue, ask: Ask, options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where more rows match than are worth sorting."""
    monkeypatch.setattr("prip_core.catalogue.ways.MOST_TO_SORT", 5)
    assert "TEMP B-TREE" not in plan(catalogue, ask, options)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize("order", ["EvictionDate", "EvictionDate desc"])
def test_a_page_begins_behind_its_position_in_the_index_however_many_share_the_date(
    catalogue: Catalogue, ask: Ask, order: str
) -> None:
    """The ten are all evicted at the same time: never."""
    first = ask(f"$orderby={order}&$top=2")
    assert first.after is not None
    behind = replace(query(f"$orderby={order}&$top=3"), after=first.after)
    seen: list[str] = []
    connection: sqlite3.Connection = catalogue._database.peewee.connection()
    connection.set_trace_callback(seen.append)
    page = catalogue.products.page(behind)
    connection.set_trace_callback(None)
    assert seqs(page) == ([8, 7, 6] if order.endswith("desc") else [6, 7, 8])
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {seen[-1]}")]
    beyond = "<" if order.endswith("desc") else ">"
    assert any(f"product_eviction_date (eviction_date=? AND rowid{beyond}?)" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps if "RIGHT PART" in step)


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize("joint", [" and ", " or "])
@pytest.mark.parametrize("term", ["Name ne 'a'", "not startswith(Name,'a')", "ContentLength ge 0", "contains(Name,'')"])
@pytest.mark.parametrize("options", ["", "&$orderby=Name", "&$orderby=ContentLength desc&$skip=3", "&$count=true"])
def test_a_filter_with_as_many_terms_as_allowed_is_answered(options: str, term: str, joint: str, ask: Ask) -> None:
    assert len(ask(f"$filter={joint.join([term] * MOST_TERMS)}{options}").rows) == (4 if "skip" in options else 7)
