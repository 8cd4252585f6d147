"""Filters as clients send them, decoded: each is read, and means what the client means."""

from __future__ import annotations

import pytest

from prip_core.odata.ast import And, AnyOf, Comparison, FootprintMatch, IsNull, Literal, Node, Not, Or, TextMatch
from prip_core.odata.parse import parse_filter, parse_order

STRING, INTEGER, DOUBLE, DATE = (
    f"OData.CSC.{kind}Attribute" for kind in ("String", "Integer", "Double", "DateTimeOffset")
)


def attribute(kind: str, name: str, relation: str) -> str:
    """An attribute condition as the interface documents spell it."""
    return f"Attributes/{kind}/any(att:att/Name eq '{name}' and att/{kind}/Value {relation})"


def joined(*conditions: str) -> str:
    return " and ".join(conditions)


COPSI = joined(
    "contains(Name,'S1A')",
    "endswith(Name, '.zip')",
    "(ContentDate/Start ge 2020-01-01T00:00:00.000Z and ContentDate/End le 2020-01-31T23:59:59.999Z)",
    (
        f"({joined(*(attribute(STRING, name, 'eq 1') for name in ('platformShortName', 'productType')))}) or "
        f"({joined(attribute(DOUBLE, 'cloudCover', 'ge 0'), attribute(DOUBLE, 'cloudCover', 'le 20'))})"
    ).join("()"),
    "OData.CSC.Intersects(area=geography'SRID=4326;MULTIPOLYGON(((170.123456789012345 1.2e-7,180 0,180 10,170 10,"
    "170.123456789012345 1.2e-7)),((-180 0,-170 0,-170 10,-180 10,-180 0)))')",
)
EODAG = joined(
    "Collection/Name eq 'SENTINEL-1'",
    "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON ((1.0000 43.0000, 2.0000 43.0000, 2.0 44.0, 1.0 43.0))')",
    "ContentDate/Start lt 2020-08-16T00:00:00.000Z and ContentDate/End gt 2020-08-08T00:00:00.000Z",
    "contains(Name,'S1A_IW')",
    f"Attributes/{INTEGER}/any(att:att/Name eq 'orbitNumber' and att/{STRING}/Value eq 123)",
)
AUXIP_CLIENT = joined(
    "((PublicationDate ge 2020-01-01T01:00:00Z and PublicationDate lt 2020-01-01T01:03:55Z)", "contains(Name,'x'))"
)
NATIVE_API = joined(
    "ContentDate/Start gt 2023-02-06T14:33:00.000",
    "OData.CSC.Intersects(location=Footprint,area=geography'SRID=4326;POLYGON((1 2, 3 2, 3 4, 1 2))')",
)
AIP_CLIENT = joined(
    "(startswith(Name,'S1A') or startswith(Name,'S1_'))",
    "ContentDate/Start lt 2020-01-01T00:00:00Z and ContentDate/End gt 2020-01-01T00:00:00Z",
    attribute(STRING, "productType", "eq 'AUX_RESORB'"),
)
ADGS_TOOLS = joined(
    " PublicationDate gt 2020-01-01T00:00:00Z",
    " PublicationDate lt 2020-01-01T00:00:00Z",
    "(contains(Name,'X') or contains(Name,'Y'))",
    "startswith(Name,'S2')",
)
SUBSCRIPTION = joined("contains(Name,'a') or contains(Name,'b')", "PublicationDate gt 2020-01-01")
COMPLIANCE = joined(
    "ProductionType eq OData.CSC.ProductionType'systematic_production'", "'X' eq Name", "EvictionDate eq null"
)
QUOTED = '"PublicationDate gt 2020-01-01T00:00:00.000Z and PublicationDate lt 2020-01-02T00:00:00.000Z"'


@pytest.mark.parametrize(
    ("client", "text", "kinds"),
    [
        ("COPSI", COPSI, [TextMatch, TextMatch, And, Or, FootprintMatch]),
        ("COPSI, typed by a user", "contains(Name,'S1') AND NOT (Name EQ 'x')", [TextMatch, Not]),
        ("eodag", EODAG, [AnyOf, FootprintMatch, Comparison, Comparison, TextMatch, AnyOf]),
        ("rs-server", QUOTED, [Comparison, Comparison]),
        ("COPRS auxip-client", AUXIP_CLIENT, [And, TextMatch]),
        ("COPRS native-api", NATIVE_API, [Comparison, FootprintMatch]),
        ("prosEO aip-client", AIP_CLIENT, [Or, Comparison, Comparison, AnyOf]),
        ("CS ADGS tools", ADGS_TOOLS, [Comparison, Comparison, Or, TextMatch]),
        ("DHuS", "CreationDate ge datetime'2020-01-01T00:00:00.000' and (Name ne 'x')", [Comparison, Comparison]),
        ("a blank for a plus sign", "OriginDate ge 2020-01-01T00:00:00 02:00 and Online", [Comparison, Comparison]),
        ("subscriptions", SUBSCRIPTION, [TextMatch, And]),
        ("prosEO compliance set", COMPLIANCE, [Comparison, Comparison, IsNull]),
    ],
)
def test_filters_of_clients(client: str, text: str, kinds: list[type[Node]]) -> None:
    tree = parse_filter(text)
    assert isinstance(tree, And | Or)
    assert len(tree.operands) == len(kinds)
    for operand, kind in zip(tree.operands, kinds, strict=True):
        assert isinstance(operand, kind)


@pytest.mark.parametrize(
    ("client", "kind", "name", "literal", "types"),
    [
        ("eodag", INTEGER, "spatialResolution", "'10'", ["Edm.String", "Edm.Int64", "Edm.Double"]),
        ("eodag", STRING, "processingDate", "'2022-06-26'", ["Edm.String", "Edm.DateTimeOffset"]),
        ("RS-PYTHON", STRING, "orbitNumber", "'265'", ["Edm.String", "Edm.Int64", "Edm.Double"]),
        ("RS-PYTHON", STRING, "sliceProductFlag", "'False'", ["Edm.String", "Edm.Boolean"]),
        ("RS-PYTHON", STRING, "startTimeFromAscendingNode", "'4646455.264'", ["Edm.String", "Edm.Double"]),
    ],
)
def test_casts_and_literals_that_do_not_fit(client: str, kind: str, name: str, literal: str, types: list[str]) -> None:
    tree = parse_filter(attribute(kind, name, f"eq {literal}"))
    assert isinstance(tree, AnyOf)
    assert isinstance(tree.condition, And)
    named, match = tree.condition.operands
    assert isinstance(named, Comparison)
    assert isinstance(named.right, Literal)
    assert named.right.value == name
    assert [term.type for term in match.terms] == types  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("client", "text", "keys"),
    [
        ("COPSI", "PublicationDate desc", [("PublicationDate", True)]),
        ("COPSI", "ContentDate/Start DESC", [("ContentDate/Start", True)]),
        ("eodag", "ContentDate/Start asc", [("ContentDate/Start", False)]),
        ("DHuS synchroniser", "CreationDate", [("PublicationDate", False)]),
        ("prosEO aip-client", "OriginDate asc, Name  desc", [("OriginDate", False), ("Name", True)]),
    ],
)
def test_orders_of_clients(client: str, text: str, keys: list[tuple[str, bool]]) -> None:
    assert [(key.property.name, key.descending) for key in parse_order(text)] == keys
