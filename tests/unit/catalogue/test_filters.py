"""Filters in SQL against the same filters in plain Python, over a catalogue of products that differ in everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prip_core.catalogue import Catalogue, open_catalogue, upgrade
from prip_core.catalogue.dictionary import ElementConditions
from prip_core.catalogue.filters import Filter
from prip_core.catalogue.scalars import SCALAR_WRITERS, Scalars
from prip_core.clock import SystemClock
from prip_core.errors import BadQuery
from prip_core.model import Checksum, ProductionType, TimeRange
from prip_core.odata import ast
from prip_core.odata.ast import (
    And,
    Comparison,
    Constant,
    IsNull,
    Literal,
    Matching,
    Node,
    Not,
    Operator,
    Or,
    OrderBy,
    PropertyValue,
    TextMatch,
)
from prip_core.odata.edm import PATHS, Primitive, Property
from prip_core.odata.options import Query
from prip_core.odata.parse import parse_filter
from prip_core.products import NewProduct, PublishedProduct
from prip_core.testing.postgres import PostgresServer
from prip_core.times import to_milliseconds

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = (
    "S2A_x.tar",
    "S2A_x.zip", "S2a_x.tar", "S2A%x.tar", "S2AAx.tar", "S2B_'y'.tar", "ä_é.tar", "\ud7ff.tar", "\ue000.tar",
    "\U0010ffff\U0010ffff.tar", "S2B*", "S2B?", "S2", "S1A", "x" * 60,
)  # fmt: skip
TYPES = ("application/x-tar", "application/zip", "application/octet-stream")


def restored(number: int) -> PublishedProduct:
    uuid = UUID(int=(number * 7919) % 61 << 64 | number)
    product = NewProduct(
        id=uuid,
        name=f"{NAMES[number % len(NAMES)]}" if number < len(NAMES) else f"{NAMES[number % len(NAMES)]}{number // 15}",
        product_type="T",
        mission="m",
        content_type=TYPES[number % 3],
        content_length=(number * 37) % 50,
        content=TimeRange(start=START + number % 7 * HOUR, end=START + number % 11 * HOUR),
        origin_date=START + number % 13 * HOUR,
        origin_estimated=False,
        eviction_date=START + number % 5 * HOUR,
        production_type=list(ProductionType)[number % 3],
        checksums=(Checksum(algorithm="MD5", value=f"{number:032x}", date=START),),
        footprint=None,
        attributes=(),
        storage="hot",
        key="k",
    )
    published = START + number // 2 * HOUR  # two products share each date
    return PublishedProduct(
        product=product,
        publication_date=published,
        modification_date=published + number % 3 * HOUR,
        online=number % 4 != 0,
    )


ROWS = [restored(number) for number in range(60)]


def stored(row: PublishedProduct) -> dict[str, Any]:
    product = row.product
    return {
        "Id": product.id,
        "Name": product.name,
        "ContentType": product.content_type,
        "ContentLength": product.content_length,
        "OriginDate": to_milliseconds(product.origin_date),
        "PublicationDate": to_milliseconds(row.publication_date),
        "ModificationDate": to_milliseconds(row.modification_date),
        "Online": row.online,
        "EvictionDate": to_milliseconds(product.eviction_date),
        "ProductionType": product.production_type.number,
        "ContentDate/Start": to_milliseconds(product.content.start),
        "ContentDate/End": to_milliseconds(product.content.end),
    }


VALUES = [stored(row) for row in ROWS]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def catalogue(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('filters') / 'prip.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url(server.create())
    upgrade(url)
    catalogue = open_catalogue(url, SystemClock())
    catalogue.publication.restore(ROWS)
    yield catalogue
    catalogue.close()


def test_no_node_is_forgotten() -> None:
    """Whatever the tree may hold can be written; a new type of node or scalar fails here until it can."""
    assert set(get_args(Node)) == set(get_args(Node)) & {*Filter.WRITERS, *ElementConditions.WRITERS}
    assert {ast.ValueMatch} == set(get_args(Node)) - Filter.WRITERS.keys()
    assert set(get_args(ast.Scalar)) == SCALAR_WRITERS.keys()
    for writer, names in (
        (Filter, Filter.WRITERS),
        (Scalars, SCALAR_WRITERS),
        (ElementConditions, ElementConditions.WRITERS),
    ):
        assert all(hasattr(writer, name) for name in names.values())


def compared(declared: Property, operator: Operator, value: Any) -> Comparison:
    return Comparison(PropertyValue(declared), operator, Literal(declared.type, value))


def null(declared: Property) -> IsNull:
    return IsNull(PropertyValue(declared))


def matched(declared: Property, matching: Matching, text: str) -> TextMatch:
    return TextMatch(PropertyValue(declared), matching, Literal(Primitive.TEXT, text))


def test_every_path_has_a_value_to_compare() -> None:
    assert set(PATHS) == set(VALUES[0])


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda a, b: a == b,
    Operator.NE: lambda a, b: a != b,
    Operator.GT: lambda a, b: a > b,
    Operator.GE: lambda a, b: a >= b,
    Operator.LT: lambda a, b: a < b,
    Operator.LE: lambda a, b: a <= b,
}
_MATCH: dict[Matching, Callable[[str, str], bool]] = {
    Matching.CONTAINS: lambda text, part: part in text,
    Matching.STARTS_WITH: str.startswith,
    Matching.ENDS_WITH: str.endswith,
}


def holds(node: Node, row: dict[str, Any]) -> bool:
    match node:
        case Constant():
            return node.value
        case Comparison():
            return _COMPARE[node.operator](row[node.left.property.name], node.right.value)
        case IsNull():
            return row[node.operand.property.name] is None
        case TextMatch():
            return _MATCH[node.matching](row[node.operand.property.name], node.text.value)
        case Not():
            return not holds(node.operand, row)
        case And():
            return all(holds(operand, row) for operand in node.operands)
        case Or():
            return any(holds(operand, row) for operand in node.operands)


def comparisons(declared: Property) -> st.SearchStrategy[Node]:
    present = st.sampled_from([row[declared.name] for row in VALUES])
    operators = st.sampled_from(Operator)
    match declared.type:
        case Primitive.BOOLEAN:
            operators = st.sampled_from([Operator.EQ, Operator.NE])
            values: st.SearchStrategy[Any] = st.booleans()
        case Primitive.GUID:
            values = present | st.uuids()
        case Primitive.TEXT:
            values = present | st.text(max_size=5)
        case _:
            values = present.flatmap(lambda value: st.integers(value - 1, value + 1)) | st.integers(-(2**63), 2**63 - 1)
    return st.builds(compared, st.just(declared), operators, values)


def parts(text: str) -> st.SearchStrategy[str]:
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    return bounds.map(lambda ends: text[min(ends) : max(ends)]).filter(bool)


TEXTS = [PATHS["Name"], PATHS["ContentType"]]
patterns = st.sampled_from([*NAMES, *TYPES]).flatmap(parts) | st.sampled_from(
    ["%", "_", "*", "?", "\U0010ffff", "S2A", "'"]
)
leaves = st.one_of(
    st.builds(Constant, st.booleans()),
    st.sampled_from(list(PATHS.values())).flatmap(comparisons),
    st.builds(null, st.sampled_from(list(PATHS.values()))),
    st.builds(matched, st.sampled_from(TEXTS), st.sampled_from(Matching), patterns | st.text(min_size=1, max_size=4)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=8,
)
orders = st.lists(
    st.builds(OrderBy, st.sampled_from(list(PATHS.values())), st.booleans()),
    max_size=3,
    unique_by=lambda key: key.property.name,
).map(tuple)


def mentions_online(node: Node | None) -> bool:
    return node is not None and "name='Online'" in repr(node)


def expected(query: Query, *, list_evicted: bool) -> Sequence[int]:
    """The seqs of all matches, in order."""
    found = [
        seq
        for seq, row in enumerate(VALUES, start=1)
        if (query.filter is None or holds(query.filter, row))
        and (list_evicted or row["Online"] or mentions_online(query.filter))
    ]
    keys = list(query.order)
    for position, key in enumerate(keys):
        if key.property.name == "PublicationDate":  # stands for seq, which has no ties
            keys = keys[: position + 1]
    if keys and keys[-1].descending:
        found.reverse()  # equal products come in publication order, or against it where the last key descends
    for key in reversed(keys):
        # Python's sort keeps the order of equals, also in reverse.
        found.sort(key=lambda seq, name=key.property.name: sort_key(seq, name), reverse=key.descending)
    return found


def sort_key(seq: int, name: str) -> Any:
    return seq if name == "PublicationDate" else VALUES[seq - 1][name]


@settings(max_examples=300)
@given(tree=trees, order=orders, skip=st.integers(0, 5), top=st.integers(0, 70), list_evicted=st.booleans())
def test_pages_are_what_plain_python_finds(
    catalogue: Catalogue, tree: Node, order: tuple[OrderBy, ...], skip: int, top: int, list_evicted: bool
) -> None:
    query = Query(filter=tree, order=order, top=top, skip=skip, count=True)
    seqs = expected(query, list_evicted=list_evicted)
    page = catalogue.products.page(query, list_evicted=list_evicted)
    assert [row.seq for row in page.rows] == list(seqs[skip : skip + top])
    assert page.total == len(seqs)
    assert page.more == (top > 0 and len(seqs) > skip + top)


@settings(max_examples=200)
@given(tree=trees, order=orders)
def test_steering_changes_no_result(catalogue: Catalogue, tree: Node, order: tuple[OrderBy, ...]) -> None:
    """Found by an index and sorted, or met in order: the rows are the same."""
    query = Query(filter=tree, order=order, top=100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prip_core.catalogue.ways.MOST_TO_SORT", 0)
        walked = catalogue.products.page(query)
    assert walked == catalogue.products.page(query)


def nested(levels: int) -> Node:
    """``a and (b or (a and (b or …)))``."""
    tree: Node = compared(PATHS["ContentLength"], Operator.GE, 0)
    for level in range(levels):
        leaf = matched(PATHS["Name"], Matching.STARTS_WITH, f"S{level}")
        tree = (And if level % 2 else Or)((Not(leaf), tree, leaf))
    return tree


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("levels", [1, 20])
def test_deep_filters_are_answered(catalogue: Catalogue, levels: int, skip: int) -> None:
    query = Query(filter=nested(levels), top=100, skip=skip, count=True)
    assert catalogue.products.page(query).total == len(expected(query, list_evicted=False))


def test_too_deep_a_filter_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(BadQuery, match="20 levels"):
        catalogue.products.page(Query(filter=nested(21), top=100))


@pytest.mark.parametrize("catalogue", ["sqlite"], indirect=True)
def test_values_too_deep_for_the_database_are_refused(catalogue: Catalogue) -> None:
    scalar = f"{'1 add (' * 15}{'round(' * 10}ContentLength divby 2{')' * 25}"
    with pytest.raises(BadQuery, match="nested deeper than the database can follow"):
        catalogue.products.page(Query(filter=parse_filter(f"{scalar} gt 5"), top=100))


def test_wide_filters_under_many_nots_are_answered(catalogue: Catalogue) -> None:
    tree: Node = Or(tuple(compared(PATHS["ContentLength"], Operator.EQ, number) for number in range(500)))
    for _ in range(100):
        tree = Not(tree)
    query = Query(filter=tree, top=100)
    assert [row.seq for row in catalogue.products.page(query).rows] == expected(query, list_evicted=False)


@pytest.mark.parametrize("text", ["'; DROP TABLE product; --", '"', "\x00", "?"])
def test_text_is_never_sql(catalogue: Catalogue, text: str) -> None:
    for matching in Matching:
        catalogue.products.page(Query(filter=matched(PATHS["Name"], matching, text), top=5))
    catalogue.products.page(Query(filter=compared(PATHS["Name"], Operator.EQ, text), top=5))
    assert catalogue.products.page(Query(top=100, count=True), list_evicted=True).total == len(ROWS)
