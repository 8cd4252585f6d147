"""Whichever way products are found, they are the same: walked to, collected and sorted, or read in an index's order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from prip_core.catalogue import Catalogue, open_catalogue, upgrade
from prip_core.model import Attribute, AttributeValue, Checksum, Footprint, TimeRange
from prip_core.odata.options import Query, decode_query, parse_collection_options
from prip_core.products import NewProduct, PublishedProduct
from prip_core.testing.clock import FixedClock
from prip_core.testing.postgres import PostgresServer
from prip_core.times import to_milliseconds

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER = 240
WAYS = {
    "as it decides": {},
    "few are many": {"ways._FEW": 0},
    "walks": {"ways._FEW": 0, "ways.MOST_TO_SORT": 0, "sources.MOST_TO_SORT": 0, "ways._FEW_OF_ALL": 0},
    "walks in stages": {"ways._FEW": 0, "ways.MOST_TO_SORT": 3, "sources.MOST_TO_SORT": 3, "scope._NEAR": 10},
    "collects at the far end": {"ways._FEW": 0, "ways.MOST_TO_SORT": 50, "ways._FEW_OF_ALL": 1, "scope._NEAR": 10},
    "spread values": {"ways._FEW": 0, "dictionary._MOST_VALUES": 1},
}
SQUARE = "geography'SRID=4326;POLYGON((9.5 0.5,20.5 0.5,20.5 3,9.5 3,9.5 0.5))'"
TRIANGLE = "geography'SRID=4326;POLYGON((0 0,60 0,30 40,0 0))'"
PACIFIC = "geography'SRID=4326;POLYGON((170 -1,-170 -1,-170 5,170 5,170 -1))'"
FILTERS = (
    "Name eq 'S2A_GR_T007.tar'",
    "startswith(Name,'S2A')",
    "contains(Name,'_T01')",
    "contains(Name,'S2B_GR_T1')",
    "contains(Name,'GR_T9') or endswith(Name,'T003.zip')",
    "endswith(Name,'7.tar')",
    "contains(Name,'absent')",
    "not contains(Name,'_T0')",
    "kind eq 'even'",
    "kind eq 'even' and third eq 0",
    "kind in ('even','odd') and late eq 'yes'",
    "kind ne 'even'",
    "not (kind eq 'even')",
    "late eq 'yes'",
    "absent eq 1 or unique eq 'u5'",
    "unique ge 'u2' and unique lt 'u3'",
    "cloud le 20",
    "cloud gt 30 and cloud le 32",
    "cloud ge 90 or third eq 1",
    "cloud eq 12.5",
    "cloud ne 12.5",
    "made gt 2026-03-01T15:00:00Z",
    "made gt 2026-03-01T15:00:00Z and kind eq 'odd' and PublicationDate lt 2026-03-05T00:00:00Z",
    "contains(unique,'7')",
    "Attributes/any(a:a/Name eq 'third' and a/Value mul 2 eq 2)",
    "Attributes/any(a:startswith(a/Name,'th') and a/Value ge 1)",
    "Attributes/any(a:a/Name in ('kind','late') and a/Value ne 'even')",
    "Attributes/any(a:a/Name eq 'kind' and length(a/Name) eq 4 and not (a/Value eq 'even'))",
    "Attributes/any(a:a/Value eq 'u7')",
    "Attributes/any(a:a/ValueType eq 'Double')",
    "Attributes/any()",
    "Attributes/all(a:a/Name ne 'late')",
    f"OData.CSC.Intersects(area={SQUARE})",
    f"OData.CSC.Intersects(area={TRIANGLE}) and kind eq 'odd'",
    f"OData.CSC.Within(area={TRIANGLE})",
    f"OData.CSC.Disjoints(area={SQUARE})",
    f"not OData.CSC.Intersects(area={SQUARE})",
    f"OData.CSC.Intersects(area={PACIFIC})",
    f"Checksum/any(c:c/Value eq '{7:032x}')",
    "Checksum/any(c:c/Algorithm eq 'OWN' and startswith(c/Value,'Text 1'))",
    "ContentDate/Start gt 2026-03-01T10:00:00Z and ContentDate/End le 2026-03-01T13:00:00Z",
    "ContentDate/Start ge 2026-03-08T00:00:00Z",
    "PublicationDate gt 2026-03-03T00:00:00Z and startswith(Name,'S2B')",
    "PublicationDate ge 2026-03-02T00:00:00Z and PublicationDate le 2026-03-02T12:00:00Z",
    "PublicationDate gt 2027-03-02T00:00:00Z",
    "Online eq false and kind eq 'even'",
    "EvictionDate gt 2026-03-02T00:00:00Z and Online eq true",
    "(kind eq 'even' and third eq 1) or (kind eq 'odd' and third eq 2 and cloud lt 50)",
    "month(ContentDate/Start) eq 3 and ContentLength mod 7 eq 3",
)
ORDERS = (
    "",
    "PublicationDate desc",
    "ContentDate/Start",
    "ContentLength desc,Name",
    "Name desc",
    "Online desc,PublicationDate desc",
    "EvictionDate desc",
)


def footprint(number: int) -> Footprint | None:
    if number % 3 == 0:
        return None
    west, south = float(number % 60), float(number % 5)
    ring = ((west, south), (west + 1, south), (west + 1, south + 1), (west, south + 1), (west, south))
    if number % 10 == 1:  # split at the antimeridian
        return Footprint(
            polygons=(
                ((179.0, 0.0), (180.0, 0.0), (180.0, 1.0), (179.0, 1.0), (179.0, 0.0)),
                ((-180.0, 0.0), (-179.0, 0.0), (-179.0, 1.0), (-180.0, 1.0), (-180.0, 0.0)),
            )
        )
    return Footprint(polygons=(ring,))


def attributes(number: int) -> tuple[Attribute, ...]:
    values: dict[str, AttributeValue] = {
        "kind": "even" if number % 2 == 0 else "odd",
        "third": number % 3,
        "unique": f"u{number}",
        "made": START + timedelta(minutes=number),
    }
    if number % 4 == 1:
        values["cloud"] = number * 7 % 100 + (0.5 if number % 8 == 1 else 0.0)
    if number > NUMBER - 6:
        values["late"] = "yes"
    return () if number == 50 else tuple(Attribute(name=name, value=value) for name, value in values.items())


def product(make: Callable[..., NewProduct], number: int) -> PublishedProduct:
    start = START + timedelta(hours=number - 3) - timedelta(days=number % 11 == 0)
    published = START + timedelta(minutes=30 * (number // 2))
    suffix = "zip" if number % 20 == 3 else "tar"
    made = make(
        id=UUID(int=number * 7919 % 997 << 64 | number),
        name=f"S2{'AB'[number % 2]}_{'GR' if number % 4 < 3 else 'TL'}_T{number:03}.{suffix}",
        content_length=number * 37 % 50,
        content=TimeRange(start=start, end=start + timedelta(hours=1)),
        eviction_date=START + timedelta(hours=number % 40),
        footprint=footprint(number),
        attributes=attributes(number),
        indexed=("cloud",),
        checksums=(
            Checksum(algorithm="MD5", value=f"{number:032x}", date=START),
            Checksum(algorithm="OWN", value=f"Text {number}", date=START),
        ),
    )
    return PublishedProduct(
        product=made, publication_date=published, modification_date=published, online=number % 9 != 4
    )


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def catalogue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_product: Callable[..., NewProduct]
) -> Iterator[Catalogue]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('ways') / 'prip.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url(server.create())
    upgrade(url)
    catalogue = open_catalogue(url, FixedClock(START + timedelta(days=30)))
    catalogue.publication.restore(product(new_product, number) for number in range(NUMBER))
    yield catalogue
    catalogue.close()


def asked(text: str, order: str, options: str = "$top=1000") -> Query:
    pairs = f"{options}&$count=true&$filter={text.replace('%', '%25')}"
    return parse_collection_options(decode_query(f"{pairs}&$orderby={order}" if order else pairs), 1000)


def found(catalogue: Catalogue, query: Query) -> Sequence[int]:
    return [row.seq for row in catalogue.products.page(query).rows]


def scanned(catalogue: Catalogue, query: Query) -> Sequence[int]:
    """What a look at each product finds, with the filter as one condition."""
    assert query.filter is not None
    searching = catalogue._database.searching()
    condition = searching.condition(query.filter, to_milliseconds(START))
    listed = "" if "Online" in repr(query.filter) else " AND p.online = 1"
    sql = f"SELECT p.seq FROM product AS p WHERE {condition.text}{listed} ORDER BY p.seq"
    return [seq for (seq,) in catalogue._database.rows_of(sql, condition.values)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", FILTERS)
def test_all_ways_lead_to_the_same_products(
    catalogue: Catalogue, text: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(f"prip_core.catalogue.{name}", value)
    expected = scanned(catalogue, asked(text, ""))
    page = catalogue.products.page(asked(text, ""))
    assert [row.seq for row in page.rows] == expected
    assert page.total == len(expected)
    assert found(catalogue, asked(text, "PublicationDate desc")) == expected[::-1]
    assert found(catalogue, asked(text, "", "$top=4")) == expected[:4]
    assert found(catalogue, asked(text, "PublicationDate desc", "$top=3")) == expected[::-1][:3]
    assert found(catalogue, asked(text, "", "$top=3&$skip=2")) == expected[2:5]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("way", ["as it decides", "walks", "walks in stages"])
@pytest.mark.parametrize("text", ["ContentLength ge 0", "kind eq 'even'", "cloud le 20", "contains(Name,'_T0')"])
def test_positions_lead_through_every_order(
    catalogue: Catalogue, text: str, order: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(f"prip_core.catalogue.{name}", value)
    whole = found(catalogue, asked(text, order))
    assert sorted(whole) == scanned(catalogue, asked(text, order))
    query, met = asked(text, order, "$top=13"), []
    while True:
        page = catalogue.products.page(query)
        met += [row.seq for row in page.rows]
        assert page.total == len(whole)
        if page.after is None:
            break
        query = Query(filter=query.filter, order=query.order, top=13, count=True, after=page.after)
    assert met == whole
    assert not page.more
