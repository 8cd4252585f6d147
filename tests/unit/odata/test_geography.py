"""Conditions on footprints, in every spelling: the tree that each gives."""

from __future__ import annotations

import pytest
import shapely

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata.areas import read_area
from prip_core.odata.ast import And, AnyOf, FootprintMatch, IsNotTrue, Node, Not, Relation
from prip_core.odata.parse import parse_filter

LITERAL = "geography'SRID=4326;POLYGON((10 40,12 40,12 42,10 42,10 40))'"
MATCH = FootprintMatch(Relation.INTERSECTS, read_area(LITERAL[10:-1]))


@pytest.mark.parametrize(
    "text",
    [
        f"OData.CSC.Intersects(area={LITERAL})",
        f"odata.csc.intersects(AREA={LITERAL})",
        f"ODATA.CSC.Intersects( area = {LITERAL} )",
        f"OData.CSC.Intersects({LITERAL})",
        f"OData.CSC.Intersects(location=Footprint,area={LITERAL})",
        f"OData.CSC.Intersects(area={LITERAL}, location = Footprint)",
        f"OData.CSC.Intersects(geo_property=Footprint,geo_shape={LITERAL})",
        f"OData.CSC.Intersects(location=GeoFootprint,area={LITERAL})",
        f"geo.intersects(Footprint,{LITERAL})",
        f"geo.intersects({LITERAL},Footprint)",
        f"Geo.Intersects(GeoFootprint, {LITERAL})",
        "OData.CSC.Intersects(area=geometry'SRID=4326;POLYGON((10 40,12 40,12 42,10 42,10 40))')",
        "OData.CSC.Intersects(area=Geography'srid = 4326 ; polygon ( (10 40, 12 40, 1.2e1 42, 10 42, 10 40) )')",
    ],
)
def test_one_area_in_many_spellings(text: str) -> None:
    assert parse_filter(text) == MATCH


@pytest.mark.parametrize(
    ("function", "relation"),
    [("Intersects", Relation.INTERSECTS), ("Within", Relation.WITHIN), ("Disjoints", Relation.DISJOINT)],
)
def test_relations(function: str, relation: Relation) -> None:
    assert parse_filter(f"OData.CSC.{function}(area={LITERAL})") == FootprintMatch(relation, MATCH.area)


def test_areas_stand_among_other_conditions() -> None:
    text = f"not OData.CSC.Intersects(area={LITERAL}) and Attributes/any() and (geo.intersects(Footprint,{LITERAL}))"
    tree = parse_filter(text)
    assert isinstance(tree, And)
    assert tree.operands[0] == Not(MATCH)
    assert isinstance(tree.operands[1], AnyOf)
    assert tree.operands[2] == MATCH


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Footprint eq null", True),
        ("null eq GeoFootprint", True),
        ("Footprint ne null", False),
        ("(null) ne (Footprint)", False),
    ],
)
def test_whether_there_is_a_footprint(text: str, wanted: bool) -> None:
    tree: Node = parse_filter(text)
    if not wanted:
        assert isinstance(tree, Not)
        tree = tree.operand
    assert isinstance(tree, IsNotTrue)
    assert isinstance(tree.operand, FootprintMatch)
    assert tree.operand.relation is Relation.INTERSECTS
    assert shapely.from_wkb(tree.operand.area).equals(shapely.box(-180, -90, 180, 90))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("OData.CSC.Intersects()", "character 1: OData.CSC.Intersects takes an area"),
        (f"OData.CSC.Intersects({LITERAL},{LITERAL})", "takes an area"),
        (f"OData.CSC.Intersects(Footprint,Footprint,{LITERAL})", "takes an area"),
        ("OData.CSC.Intersects(Footprint)", "takes an area"),
        (f"OData.CSC.Intersects(Name,{LITERAL})", "takes an area"),
        ("OData.CSC.Intersects('POINT(1 2)')", "takes an area"),
        ("OData.CSC.Intersects(area='POINT(1 2)')", "character 22: .* has parameters area=geography"),
        (f"OData.CSC.Intersects(location={LITERAL})", "has parameters area=geography"),
        (f"OData.CSC.Intersects(zone={LITERAL})", "has parameters area=geography"),
        ("OData.CSC.Intersects(area=Footprint)", "has parameters area=geography"),
        (
            "Online and OData.CSC.Within(area=geography'SRID=4326;POINT(181 0)')",
            "character 34: the area is out of range",
        ),
        ("OData.CSC.Within(area=geography'SRID=3857;POINT(1 0)')", "the area has SRID 3857"),
        ("OData.CSC.Within(area=geography'POINT(1 0)", "character 32: the text ' has no closing quote"),
    ],
)
def test_bad_conditions(text: str, sentence: str) -> None:
    with pytest.raises(BadQuery, match=sentence):
        parse_filter(text)


@pytest.mark.parametrize(
    "text", ["Footprint eq 'x'", f"{LITERAL} eq Footprint", "Footprint gt null", "GeoFootprint eq Name"]
)
def test_footprints_are_compared_with_null_alone(text: str) -> None:
    with pytest.raises(UnsupportedQuery, match="can be compared with null alone"):
        parse_filter(text)


@pytest.mark.parametrize("text", ["Footprint", "not Footprint", "Footprint in ('a')", "length(Footprint) eq 1"])
def test_a_footprint_is_no_value(text: str) -> None:
    with pytest.raises(BadQuery, match="Footprint cannot be filtered or ordered by"):
        parse_filter(text)
