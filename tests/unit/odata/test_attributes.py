"""Conditions on attributes, in lambdas and by bare names: the tree that each gives."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prip_core.errors import BadQuery
from prip_core.odata import edm
from prip_core.odata.ast import (
    And,
    AnyOf,
    AttributeValue,
    Call,
    Collection,
    Comparison,
    Constant,
    ElementValue,
    Function,
    IsNotTrue,
    IsNull,
    Literal,
    Matching,
    Node,
    Not,
    Operator,
    Or,
    TextMatch,
    Value,
    ValueMatch,
    ValueTerm,
)
from prip_core.odata.edm import Primitive
from prip_core.odata.parse import parse_filter
from prip_core.times import to_milliseconds

NAME, VALUE_TYPE = (ElementValue(Collection.ATTRIBUTES, member) for member in edm.ATTRIBUTE.properties)
TEXT = AttributeValue(Primitive.TEXT)
NUMBER = AttributeValue(Primitive.DOUBLE)


def text(value: str) -> Literal:
    return Literal(Primitive.TEXT, value)


def matches(operator: str, **values: Value | tuple[Value, ...]) -> ValueMatch:
    """What an attribute's value relates to, by its type as ``ValueType`` says it."""
    return ValueMatch(
        tuple(
            ValueTerm(edm.VALUE_TYPES[name], Operator(operator), each if isinstance(each, tuple) else (each,))
            for name, each in values.items()
        )
    )


def named(name: str) -> Comparison:
    return Comparison(NAME, Operator.EQ, text(name))


def attribute(name: str, *conditions: Node) -> AnyOf:
    return AnyOf(Collection.ATTRIBUTES, And((named(name), *conditions)) if conditions else named(name))


def condition(predicate: str) -> Node | None:
    """The condition of ``Attributes/any``."""
    tree = parse_filter(f"Attributes/any(a:{predicate})")
    assert isinstance(tree, AnyOf)
    assert tree.collection is Collection.ATTRIBUTES
    return tree.condition


CAST = "OData.CSC.StringAttribute"
IW = attribute("productType", matches("eq", String="IW_SLC__1S"))


@pytest.mark.parametrize(
    "text_",
    [
        f"Attributes/{CAST}/any(att:att/Name eq 'productType' and att/{CAST}/Value eq 'IW_SLC__1S')",
        "Attributes/any(a:a/Name eq 'productType' and a/Value eq 'IW_SLC__1S')",
        f"attributes/{CAST}/any(att:att/Name eq 'productType' and att/{CAST}/Value eq 'IW_SLC__1S')",
        "Attributes/OData.CSC.IntegerAttribute/any ( x : 'productType' eq x/Name AND 'IW_SLC__1S' EQ x/Value )",
        "StringAttributes/any(not:not/Name eq 'productType' and not/Value eq 'IW_SLC__1S')",
        "Attributes/any(Name:Name/Name eq 'productType' and Name/Value in ('IW_SLC__1S'))",
        "Attributes/ANY(a:a/Name eq 'productType' and a/Value eq 'IW_SLC__1S')",
        "productType eq 'IW_SLC__1S'",
        "'IW_SLC__1S' eq productType",
        "productType in ('IW_SLC__1S',)",
    ],
)
def test_one_condition_in_many_spellings(text_: str) -> None:
    assert parse_filter(text_) == IW


@pytest.mark.parametrize("name", ["OData.CSC", "a/b", "'a'", "5", "$it/a"])
def test_a_variable_is_a_name(name: str) -> None:
    with pytest.raises(BadQuery, match=r"\$filter at character"):
        parse_filter(f"Attributes/any({name}:{name}/Name eq 'x')")


WHEN = to_milliseconds(datetime(2022, 6, 26, 6, 11, 22, 535000, tzinfo=UTC))


@pytest.mark.parametrize(
    ("literal", "tree"),
    [
        ("'x'", matches("eq", String="x")),
        ("'265'", matches("eq", String="265", Integer=265, Double=265.0)),
        ("265", matches("eq", String="265", Integer=265, Double=265.0)),
        ("' 265 '", matches("eq", String=" 265 ", Integer=265, Double=265.0)),
        ("'4646455.264'", matches("eq", String="4646455.264", Double=4646455.264)),
        ("40.00", matches("eq", String="40.00", Integer=40, Double=40.0)),
        ("-1e3", matches("eq", String="-1e3", Integer=-1000, Double=-1000.0)),
        ("1e400", matches("eq", String="1e400", Double=float("inf"))),
        ("NaN", matches("eq", String="NaN")),
        ("'False'", matches("eq", String="False", Boolean=False)),
        ("true", matches("eq", String="true", Boolean=True)),
        ("'2022-06-26T06:11:22.535Z'", matches("eq", String="2022-06-26T06:11:22.535Z", DateTimeOffset=WHEN)),
        ("2022-06-26T08:11:22.535+02:00", matches("eq", String="2022-06-26T08:11:22.535+02:00", DateTimeOffset=WHEN)),
        ("datetime'2022-06-26T06:11:22.535'", matches("eq", String="2022-06-26T06:11:22.535", DateTimeOffset=WHEN)),
        ("'2022-06-26T06:11:22.5351Z'", matches("eq", String="2022-06-26T06:11:22.5351Z")),
        ("'2022-13-26'", matches("eq", String="2022-13-26")),
        ("'1_000'", matches("eq", String="1_000")),
        ("'٢'", matches("eq", String="٢")),
        ("OData.CSC.ProductionType'x'", matches("eq", String="x")),
        ("12:00", matches("eq", String="12:00")),
        ("duration'PT1S'", matches("eq", String="PT1S")),
        (
            "3d40010a-f220-4667-9d38-1083994e5e48",
            matches("eq", String="3d40010a-f220-4667-9d38-1083994e5e48"),
        ),
    ],
)
def test_a_literal_is_brought_to_every_type(literal: str, tree: Node) -> None:
    assert condition(f"a/Value eq {literal}") == condition(f"{literal} eq a/OData.CSC.DoubleAttribute/Value") == tree


@pytest.mark.parametrize(
    ("term", "tree"),
    [
        ("a/Value gt 1.5", ValueMatch((*matches("gt", String="1.5", Integer=1, Double=1.5).terms,))),
        (
            "a/Value lt 1.5",
            ValueMatch(
                (*matches("lt", String="1.5").terms, *matches("le", Integer=1).terms, *matches("lt", Double=1.5).terms)
            ),
        ),
        (
            "a/Value ge '1.5'",
            ValueMatch(
                (*matches("ge", String="1.5").terms, *matches("gt", Integer=1).terms, *matches("ge", Double=1.5).terms)
            ),
        ),
        ("1.5 gt a/Value", condition("a/Value lt 1.5")),
        ("a/Value ne 1.5", matches("ne", String="1.5", Integer=(), Double=1.5)),
        ("a/Value ne NaN", matches("ne", String="NaN", Integer=(), Double=())),
        ("a/Value ne false", matches("ne", String="false", Boolean=False)),
        ("a/Value gt true", matches("gt", String="true")),
        ("a/Value le 1e30", matches("le", String="1e30", Integer=2**63 - 1, Double=1e30)),
        (
            "a/Value gt 2022-06-26T06:11:22.5355Z",
            matches("gt", String="2022-06-26T06:11:22.5355Z", DateTimeOffset=WHEN),
        ),
        ("a/Value ne 2022-06-26T06:11:22.5355Z", matches("ne", String="2022-06-26T06:11:22.5355Z", DateTimeOffset=())),
        ("a/Value in ('IW','EW')", matches("eq", String=("IW", "EW"))),
        ("a/Value in (1,2.5,'x',1)", matches("eq", String=("1", "2.5", "x"), Integer=1, Double=(1.0, 2.5))),
        (
            "a/Value in ('true',2,2022-06-26T06:11:22.535Z)",
            ValueMatch(
                (
                    *matches("eq", String=("true", "2", "2022-06-26T06:11:22.535Z"), Integer=2, Double=2.0).terms,
                    *matches("eq", Boolean=True, DateTimeOffset=WHEN).terms,
                )
            ),
        ),
        ("a/Value eq null", None),
        ("a/Value in (null,'x')", Or((matches("eq", String="x"), Constant(False)))),
        ("a/Value", matches("eq", String="true", Boolean=True)),
        ("not a/Value", Not(matches("eq", String="true", Boolean=True))),
        ("contains(a/Value,'x')", TextMatch(TEXT, Matching.CONTAINS, text("x"))),
        ("startswith(a/OData.CSC.IntegerAttribute/Value,'x')", TextMatch(TEXT, Matching.STARTS_WITH, text("x"))),
        ("contains('abc',a/Value)", TextMatch(text("abc"), Matching.CONTAINS, TEXT)),
        ("endswith(a/Value,'')", TextMatch(TEXT, Matching.ENDS_WITH, TEXT)),
        (
            "tolower(a/Value) eq 'x'",
            Comparison(Call(Function.TOLOWER, (TEXT,), Primitive.TEXT), Operator.EQ, text("x")),
        ),
        (
            "a/Value gt length(a/Value)",
            Comparison(NUMBER, Operator.GT, Call(Function.LENGTH, (TEXT,), Primitive.INT64)),
        ),
        ("tolower(a/Value) eq null", IsNull(Call(Function.TOLOWER, (TEXT,), Primitive.TEXT))),
        ("a/Value eq a/Name", Comparison(TEXT, Operator.EQ, NAME)),
        ("a/ValueType in ('String','Integer')", None),
        ("a/Value gt null", None),
    ],
)
def test_what_can_be_asked_of_a_value(term: str, tree: Node | None) -> None:
    found = parse_filter(f"Attributes/any(a:{term})")
    if tree is not None:
        assert found == AnyOf(Collection.ATTRIBUTES, tree)


@pytest.mark.parametrize(
    ("text_", "tree"),
    [
        ("Attributes/any()", AnyOf(Collection.ATTRIBUTES, None)),
        ("Attributes/any(a:true)", AnyOf(Collection.ATTRIBUTES, None)),
        ("Attributes/any(a:a/Value ne null)", AnyOf(Collection.ATTRIBUTES, None)),
        ("Attributes/any(a:a/Value eq null)", Constant(False)),
        ("Attributes/any(a:a/Value gt null)", Constant(False)),
        ("not Attributes/any()", Not(AnyOf(Collection.ATTRIBUTES, None))),
        ("Attributes/all(a:a/Name eq 'x')", Not(AnyOf(Collection.ATTRIBUTES, IsNotTrue(named("x"))))),
        ("Attributes/any(a:a/Name eq 'x') eq false", Not(attribute("x"))),
        (
            "Checksum/any(c:c/Value eq 'd41' and c/Algorithm eq 'MD5')",
            AnyOf(
                Collection.CHECKSUM,
                And(
                    (
                        Comparison(
                            ElementValue(Collection.CHECKSUM, edm.CHECKSUM.properties[1]), Operator.EQ, text("d41")
                        ),
                        Comparison(
                            ElementValue(Collection.CHECKSUM, edm.CHECKSUM.properties[0]), Operator.EQ, text("MD5")
                        ),
                    )
                ),
            ),
        ),
        (
            "Checksums/any(c:c/ChecksumDate eq null)",
            AnyOf(Collection.CHECKSUM, IsNull(ElementValue(Collection.CHECKSUM, edm.CHECKSUM.properties[2]))),
        ),
    ],
)
def test_collections(text_: str, tree: Node) -> None:
    assert parse_filter(text_) == tree


@pytest.mark.parametrize(
    ("text_", "tree"),
    [
        (
            "orbitNumber eq 43829",
            attribute("orbitNumber", matches("eq", String="43829", Integer=43829, Double=43829.0)),
        ),
        ("orbitNumber eq null", Not(attribute("orbitNumber"))),
        ("null ne orbitNumber", attribute("orbitNumber")),
        ("orbitNumber gt null", Constant(False)),
        (
            "tileId in ('32TQM',null)",
            Or((attribute("tileId", matches("eq", String="32TQM")), Not(attribute("tileId")))),
        ),
        ("tileId in (null)", Or((Constant(False), Not(attribute("tileId"))))),
        ("sliceProductFlag", attribute("sliceProductFlag", matches("eq", String="true", Boolean=True))),
        (
            "not sliceProductFlag",
            Not(attribute("sliceProductFlag", matches("eq", String="true", Boolean=True))),
        ),
        ("contains(tileId,'32')", attribute("tileId", TextMatch(TEXT, Matching.CONTAINS, text("32")))),
        (
            "round(cloudCover) le 5",
            attribute(
                "cloudCover",
                Comparison(
                    Call(Function.ROUND, (NUMBER,), Primitive.DOUBLE), Operator.LE, Literal(Primitive.DOUBLE, 5.0)
                ),
            ),
        ),
        (
            "length(tileId) eq null",
            attribute("tileId", IsNull(Call(Function.LENGTH, (TEXT,), Primitive.INT64))),
        ),
        ("Collection/Name eq 'SENTINEL-2'", attribute("platformShortName", matches("eq", String="SENTINEL-2"))),
        (
            "startswith(Collection/Name,'SENTINEL')",
            attribute("platformShortName", TextMatch(TEXT, Matching.STARTS_WITH, text("SENTINEL"))),
        ),
    ],
)
def test_bare_names(text_: str, tree: Node) -> None:
    assert parse_filter(text_) == tree
