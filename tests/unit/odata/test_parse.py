"""Tables of filters: the tree that each gives."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

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
    PropertyValue,
    TextMatch,
)
from prip_core.odata.edm import PATHS, Primitive
from prip_core.odata.parse import parse_filter
from prip_core.times import to_milliseconds

UUID_TEXT = "3d40010a-f220-4667-9d38-1083994e5e48"


def compared(path: str, operator: str, value: str | int | bool | UUID) -> Comparison:
    declared = PATHS[path]
    return Comparison(PropertyValue(declared), Operator(operator), Literal(declared.type, value))  # type: ignore[arg-type]


def matched(path: str, matching: str, text: str) -> TextMatch:
    return TextMatch(PropertyValue(PATHS[path]), Matching(matching), Literal(Primitive.TEXT, text))


def is_null(path: str) -> IsNull:
    return IsNull(PropertyValue(PATHS[path]))


def ms(*date: int, milli: int = 0) -> int:
    return to_milliseconds(datetime(*date, tzinfo=UTC)) + milli  # type: ignore[arg-type,misc]


A, B, C = (compared("Name", "eq", letter) for letter in "abc")
NOON = ms(2020, 1, 2, 12)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Name eq 'a'", A),
        ("Name ne 'a'", compared("Name", "ne", "a")),
        ("'a' eq Name", A),
        ("'a' lt Name", compared("Name", "gt", "a")),
        ("'a' ge Name", compared("Name", "le", "a")),
        ("Name eq 'it''s'", compared("Name", "eq", "it's")),
        ("Name eq ''''", compared("Name", "eq", "'")),
        ("Name eq ''", compared("Name", "eq", "")),
        ("Name eq 'a and b) or (''c'", compared("Name", "eq", "a and b) or ('c")),
        ("Name eq 'é_%*?\\'", compared("Name", "eq", "é_%*?\\")),
        ("ContentType eq 'application/zip'", compared("ContentType", "eq", "application/zip")),
        (f"Id eq {UUID_TEXT}", compared("Id", "eq", UUID(UUID_TEXT))),
        (f"Id eq '{UUID_TEXT}'", compared("Id", "eq", UUID(UUID_TEXT))),
        (f"{UUID_TEXT.upper()} eq Id", compared("Id", "eq", UUID(UUID_TEXT))),
        ("Id eq 00000000-0000-0000-0000-000000000000", compared("Id", "eq", UUID(int=0))),
        ("Online eq true", compared("Online", "eq", True)),
        ("Online ne false", compared("Online", "ne", False)),
        ("false eq Online", compared("Online", "eq", False)),
        ("Online eq True", compared("Online", "eq", True)),
        ("Online", compared("Online", "eq", True)),
        ("not Online", Not(compared("Online", "eq", True))),
        ("true", Constant(True)),
        ("EvictionDate eq null", is_null("EvictionDate")),
        ("null ne EvictionDate", Not(is_null("EvictionDate"))),
        ("ContentLength gt null", Constant(False)),
        ("ProductionType eq 'systematic_production'", compared("ProductionType", "eq", 0)),
        ("ProductionType eq OData.CSC.ProductionType'on_demand_default'", compared("ProductionType", "eq", 1)),
        ("odata.csc.productiontype'systematic_production' ne ProductionType", compared("ProductionType", "ne", 0)),
        ("ProductionType eq 'on-demand:default'", compared("ProductionType", "eq", 1)),
        ("ProductionType eq 'on-demand non-default'", compared("ProductionType", "eq", 2)),
        ("ProductionType ne 2", compared("ProductionType", "ne", 2)),
    ],
)
def test_comparisons(text: str, tree: Node) -> None:
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("ContentLength eq 5", compared("ContentLength", "eq", 5)),
        ("ContentLength gt -5", compared("ContentLength", "gt", -5)),
        ("ContentLength gt +5", compared("ContentLength", "gt", 5)),
        ("ContentLength le 5.0", compared("ContentLength", "le", 5)),
        ("ContentLength le 1e3", compared("ContentLength", "le", 1000)),
        ("ContentLength le 1.5E+3", compared("ContentLength", "le", 1500)),
        ("ContentLength gt 1.5", compared("ContentLength", "gt", 1)),
        ("ContentLength ge 1.5", compared("ContentLength", "gt", 1)),
        ("ContentLength lt 1.5", compared("ContentLength", "le", 1)),
        ("ContentLength le -1.5", compared("ContentLength", "le", -2)),
        ("1.5 lt ContentLength", compared("ContentLength", "gt", 1)),
        ("ContentLength eq 15e-1", Constant(False)),
        ("ContentLength ne 1.5", Constant(True)),
        ("ContentLength gt 0.1e-999999", compared("ContentLength", "gt", 0)),
        ("ContentLength lt 9223372036854775807", compared("ContentLength", "lt", 2**63 - 1)),
        ("ContentLength lt 9223372036854775808", compared("ContentLength", "le", 2**63 - 1)),
        ("ContentLength gt 1e999999", compared("ContentLength", "gt", 2**63 - 1)),
        ("ContentLength gt -1e30", compared("ContentLength", "gt", -(2**63))),
        ("ContentLength eq 1e30", Constant(False)),
    ],
)
def test_numbers_are_compared_exactly(text: str, tree: Node) -> None:
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("literal", "milliseconds"),
    [
        ("2020-01-02T12:00:00Z", NOON),
        ("2020-01-02T12:00Z", NOON),
        ("2020-01-02t12:00:00z", NOON),
        ("2020-01-02T12:00:00", NOON),
        ("2020-01-02T12:00:00.0Z", NOON),
        ("2020-01-02T12:00:00.5Z", NOON + 500),
        ("2020-01-02T12:00:00.12Z", NOON + 120),
        ("2020-01-02T12:00:00.123Z", NOON + 123),
        ("2020-01-02T12:00:00.123000Z", NOON + 123),
        ("2020-01-02T12:00:00.123000000Z", NOON + 123),
        ("2020-01-02T12:00:00.123", NOON + 123),
        ("2020-01-02T14:00:00+02:00", NOON),
        ("2020-01-02T14:00:00 02:00", NOON),
        ("2020-01-02T09:30:00.001-02:30", NOON + 1),
        ("2020-01-02T12:00:00 00:00", NOON),
        ("2020-01-02", ms(2020, 1, 2)),
        ("'2020-01-02T12:00:00.123Z'", NOON + 123),
        ("'2020-01-02'", ms(2020, 1, 2)),
        ("datetimeoffset'2020-01-02T12:00:00Z'", NOON),
        ("datetime'2020-01-02T12:00:00'", NOON),
        ("9999-12-31T23:59:59.999Z", ms(9999, 12, 31, 23, 59, 59, milli=999)),
        ("9999-12-31T23:59:59-14:00", ms(9999, 12, 31, 23, 59, 59) + 14 * 3_600_000),
        ("0001-01-01T00:00:00+14:00", ms(1, 1, 1) - 14 * 3_600_000),
        ("2020-02-29T23:59:59Z", ms(2020, 2, 29, 23, 59, 59)),
    ],
)
def test_dates_in_every_spelling(literal: str, milliseconds: int) -> None:
    assert parse_filter(f"PublicationDate ge {literal}") == compared("PublicationDate", "ge", milliseconds)
    assert parse_filter(f"{literal} ge PublicationDate") == compared("PublicationDate", "le", milliseconds)


@pytest.mark.parametrize(
    ("operator", "tree"),
    [
        ("gt", compared("OriginDate", "gt", NOON + 123)),
        ("ge", compared("OriginDate", "gt", NOON + 123)),
        ("lt", compared("OriginDate", "le", NOON + 123)),
        ("le", compared("OriginDate", "le", NOON + 123)),
        ("eq", Constant(False)),
        ("ne", Constant(True)),
    ],
)
@pytest.mark.parametrize("fraction", ["1235", "123456789", "123000001"])
def test_dates_finer_than_milliseconds_are_compared_exactly(operator: str, tree: Node, fraction: str) -> None:
    assert parse_filter(f"OriginDate {operator} 2020-01-02T12:00:00.{fraction}Z") == tree


@pytest.mark.parametrize("path", ["PublicationDate", "CreationDate", "IngestionDate"])
def test_older_names_of_the_publication_date(path: str) -> None:
    assert parse_filter(f"{path} gt 2020-01-02") == compared("PublicationDate", "gt", ms(2020, 1, 2))


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_path_can_be_filtered(path: str) -> None:
    assert parse_filter(f"{path} eq null") == is_null(path)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("contains(Name,'S2A')", matched("Name", "contains", "S2A")),
        ("startswith(Name, 'S2A')", matched("Name", "startswith", "S2A")),
        ("endswith( ContentType , 'zip' )", matched("ContentType", "endswith", "zip")),
        ("Contains(Name,'x')", matched("Name", "contains", "x")),
        ("contains(Name,'_%''')", matched("Name", "contains", "_%'")),
        ("contains(Name,'x') eq true", matched("Name", "contains", "x")),
        ("true eq contains(Name,'x')", matched("Name", "contains", "x")),
        ("contains(Name,'x') ne false", matched("Name", "contains", "x")),
        ("contains(Name,'x') eq false", Not(matched("Name", "contains", "x"))),
        ("contains(Name,'')", Not(is_null("Name"))),
        ("startswith(ProductionType,'systematic')", compared("ProductionType", "eq", 0)),
        (
            "contains(ProductionType,'on_demand')",
            Or((compared("ProductionType", "eq", 1), compared("ProductionType", "eq", 2))),
        ),
        ("endswith(ProductionType,'x')", Constant(False)),
    ],
)
def test_functions(text: str, tree: Node) -> None:
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Name eq 'a' and Name eq 'b'", And((A, B))),
        ("Name eq 'a' or Name eq 'b' and Name eq 'c'", Or((A, And((B, C))))),
        ("Name eq 'a' and Name eq 'b' or Name eq 'c'", Or((And((A, B)), C))),
        ("(Name eq 'a' or Name eq 'b') and Name eq 'c'", And((Or((A, B)), C))),
        ("Name eq 'a' and (Name eq 'b' and Name eq 'c')", And((A, And((B, C))))),
        ("not (Name eq 'a') and Name eq 'b'", And((Not(A), B))),
        ("not (Name eq 'a' or Name eq 'b')", Not(Or((A, B)))),
        ("not not (Name eq 'a')", Not(Not(A))),
        ("not contains(Name,'x') or Name eq 'a'", Or((Not(matched("Name", "contains", "x")), A))),
        ("not Online eq true", Not(compared("Online", "eq", True))),
        ("Name eq 'a' OR Name eq 'b' And NOT (Name EQ 'c')", Or((A, And((B, Not(C)))))),
        ("(((Name eq 'a')))", A),
        ("(Name) eq ('a')", A),
        ("(Name eq 'a') eq true", A),
        ("((Name eq 'a') and ((Name eq 'b')))", And((A, B))),
        ("  Name  eq\t'a'  and\n Name eq 'b' ", And((A, B))),
        ("\"Name eq 'a' and Name eq 'b'\"", And((A, B))),
        (" \"Name eq 'a'\" ", A),
        ("Name eq 'a'and(Name eq 'b')", And((A, B))),
    ],
)
def test_precedence_and_layout(text: str, tree: Node) -> None:
    assert parse_filter(text) == tree


def test_a_not_binds_tighter_than_a_comparison() -> None:
    flag = compared("Online", "eq", True)
    assert parse_filter("not Online eq false") == Not(Not(flag))
    assert parse_filter("not (Online eq false)") == Not(compared("Online", "eq", False))


@pytest.mark.parametrize(
    "text",
    [
        "((PublicationDate ge 2020-01-01T01:00:00Z and PublicationDate lt 2020-01-01T01:03Z) and contains(Name,'x'))",
        " PublicationDate gt 2020-01-01T00:00:00Z and  (contains(Name,'X') or contains(Name,'Y')) and Online",
        '"PublicationDate gt 2020-01-01T00:00:00.000Z and PublicationDate lt 2020-01-02T00:00:00.000Z"',
        "(startswith(Name,'S1A') or startswith(Name,'S1_')) and ContentDate/Start lt 2020-01-01T00:00:00",
        "(ContentDate/Start ge 2020-01-01T00:00:00.000Z and ContentDate/End le 2020-01-31T23:59:59.999Z)",
        f"Id eq {UUID_TEXT}",
    ],
)
def test_what_known_clients_send_is_read(text: str) -> None:
    assert isinstance(parse_filter(text), And | Comparison)


def test_trees_are_kept_by_text() -> None:
    assert parse_filter("Name eq 'kept'") is parse_filter("Name eq 'kept'")
