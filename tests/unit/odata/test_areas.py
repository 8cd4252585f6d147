"""Areas in WKT: what is read, what is refused, and where it is split."""

from __future__ import annotations

import random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from prip_core.odata.areas import MOST_CORNERS, BadArea, read_area

SQUARE = "POLYGON((0 0,10 0,10 10,0 10,0 0))"
CROSSING = shapely.MultiPolygon([shapely.box(170, 0, 180, 10), shapely.box(-180, 0, -170, 10)])
NORTH, SOUTH = shapely.box(-180, 60, 180, 90), shapely.box(-180, -90, 180, -60)


def area(wkt: str) -> shapely.Geometry:
    return shapely.from_wkb(read_area(f"SRID=4326;{wkt}"))


@pytest.mark.parametrize(
    "text",
    [
        f"SRID=4326;{SQUARE}",
        f" SRID = 4326 ; {SQUARE} ",
        f"srid=4326;{SQUARE.lower()}",
        f"SRID=04326;{SQUARE}",
        SQUARE,
        "SRID=4326;Polygon ( ( 0 0, 10 0,\t10 10,0 10 , 0 0 ) )",
        "SRID=4326;POLYGON((0.0 -0,1e1 0,10.000 1.0E+01,0 10,0 0))",
        "SRID=4326;MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)))",
        "SRID=4326;MULTIPOLYGON(((0 0,5 0,5 10,0 10,0 0)),((5 0,10 0,10 10,5 10,5 0)))",
    ],
)
def test_one_area_in_many_spellings(text: str) -> None:
    assert shapely.from_wkb(read_area(text)).equals(shapely.box(0, 0, 10, 10))


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT(1.5 -2)", "POINT(1.5 -2)"),
        ("LINESTRING(0 0,1 1)", "LINESTRING(0 0,1 1)"),
        ("LINESTRING(1 1,1 1)", "POINT(1 1)"),
        ("MULTIPOINT(1 1,2 2)", "MULTIPOINT(1 1,2 2)"),
        ("MULTIPOINT((1 1),(2 2))", "MULTIPOINT(1 1,2 2)"),
        ("MULTILINESTRING((0 0,1 1),(2 2,3 3))", "MULTILINESTRING((0 0,1 1),(2 2,3 3))"),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1))",
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1))",
        ),
        ("POLYGON((0 0,1.2e-7 0,1 1,0 0))", "POLYGON((0 0,0.00000012 0,1 1,0 0))"),
    ],
)
def test_every_kind_of_geometry(wkt: str, expected: str) -> None:
    assert area(wkt).equals(shapely.from_wkt(expected))


def test_it_is_written_little_endian_without_a_reference_system() -> None:
    assert read_area(SQUARE).startswith(b"\x01\x03\x00\x00\x00")


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POLYGON((170 0,-170 0,-170 10,170 10,170 0))", CROSSING),
        ("POLYGON((170 10,-170 10,-170 0,170 0,170 10))", CROSSING),
        ("POLYGON((170 0,180 0,-180 0,-170 0,-170 10,-180 10,180 10,170 10,170 0))", CROSSING),
        ("MULTIPOLYGON(((170 0,180 0,180 10,170 10,170 0)),((-180 0,-170 0,-170 10,-180 10,-180 0)))", CROSSING),
        ("POLYGON((180 0,-170 0,-170 10,180 10,180 0))", shapely.box(-180, 0, -170, 10)),
        ("POLYGON((-180 0,170 0,170 10,-180 10,-180 0))", shapely.box(170, 0, 180, 10)),
        ("POLYGON((-180 0,-170 0,-170 10,180 10,180 0,-180 0))", shapely.box(-180, 0, -170, 10)),
        ("POLYGON((-180 0,180 -5,-175 0,-180 0))", shapely.Polygon([(-180, 0), (-180, -5), (-175, 0)])),
        ("POLYGON((0 60,120 60,-120 60,0 60))", NORTH),
        ("POLYGON((0 60,-120 60,120 60,0 60))", NORTH),
        ("POLYGON((0 -60,120 -60,-120 -60,0 -60))", SOUTH),
        ("POLYGON((0 -60,-120 -60,120 -60,0 -60))", SOUTH),
        (
            "POLYGON((0 -60,120 -60,-120 -60,0 -60),(0 -70,120 -70,-120 -70,0 -70))",
            shapely.box(-180, -70, 180, -60),
        ),
        ("POLYGON((-180 60,180 60,180 90,-180 90,-180 60))", NORTH),
        ("POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", shapely.box(-180, -90, 180, 90)),
        ("POLYGON((-100 0,0 0,100 0,100 10,0 10,-100 10,-100 0))", shapely.box(-100, 0, 100, 10)),
        (
            "POLYGON((170 0,-170 0,-170 10,170 10,170 0),(175 2,-175 2,-175 8,175 8,175 2))",
            CROSSING.difference(shapely.box(175, 2, 180, 8)).difference(shapely.box(-180, 2, -175, 8)),
        ),
        (
            "POLYGON((170 0,-170 0,-170 10,170 10,170 0),(172 2,175 2,175 8,172 8,172 2))",
            CROSSING.difference(shapely.box(172, 2, 175, 8)),
        ),
        ("LINESTRING(170 0,-170 10)", shapely.from_wkt("MULTILINESTRING((170 0,180 5),(-180 5,-170 10))")),
        ("LINESTRING(180 0,-170 10)", shapely.from_wkt("LINESTRING(-180 0,-170 10)")),
        ("LINESTRING(180 0,-180 10)", shapely.from_wkt("LINESTRING(180 0,180 10)")),
    ],
)
def test_areas_are_split_at_the_antimeridian(wkt: str, expected: shapely.Geometry) -> None:
    assert area(wkt).equals(expected)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SRID=32632;POINT(1 2)", "SRID 32632, expected 4326"),
        ("SRID=999999999;POINT(1 2)", "SRID 999999999"),
        ("SRID=9999999999;POINT(1 2)", "is no area"),
        ("", "'' is no area, expected WKT such as POLYGON"),
        ("POLYGON EMPTY", "is no area"),
        ("POLYGON", "is no area"),
        ("TRIANGLE((0 0,1 0,1 1,0 0))", "is no area"),
        ("GEOMETRYCOLLECTION(POINT(1 1))", "is no area"),
        ("POINT(nan 1)", "is no area"),
        ("POINT(1 2);drop", "is no area"),
        ("POINT(١ 2)", "is no area"),
        ("POINT(1 2 3)", "not a longitude and a latitude"),
        ("POINT(1)", "cannot be read"),
        ("POINT(1 2", "is no area"),
        ("POINT()", "cannot be read"),
        ("POLYGON(())", "cannot be read"),
        ("POLYGON((((((0 0,1 0,1 1,0 0))))))", "cannot be read"),
        ("LINESTRING(1 1)", "cannot be read"),
        ("POLYGON((0 0,1 0,1 1,0 2))", "cannot be read: Points of LinearRing do not form a closed linestring"),
        ("POINT(180.1 0)", "out of range"),
        ("POINT(0 -90.1)", "out of range"),
        ("POINT(1e400 1)", "out of range"),
        ("POLYGON((0 0,1 1,1 0,0 1,0 0))", r"not valid: Self-intersection\[0.5 0.5\]"),
        ("POLYGON((170 0,-170 10,-170 0,170 10,170 0))", "not valid: Self-intersection"),
        ("POLYGON((0 50,120 50,-120 50,0 55,120 55,-120 55,0 50))", "not valid|split"),
        ("POLYGON((0 0,0 0,0 0,0 0))", "not valid: Too few points"),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(20 20,21 20,21 21,20 20))", "not valid: Hole lies outside shell"),
        ("POLYGON((170 0,-170 0,-170 9,170 9,170 0),(20 20,21 20,21 21,20 20))", "a hole lies outside"),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((0 0,1 1,1 0,0 1,0 0)))", "not valid: Self-intersection"),
        (f"LINESTRING({','.join(['1 1'] * (MOST_CORNERS + 1))})", f"more than {MOST_CORNERS} positions"),
    ],
)
def test_bad_areas(text: str, sentence: str) -> None:
    with pytest.raises(BadArea, match=sentence):
        read_area(text)


def scribble(corners: int) -> str:
    return ",".join(f"{number * 7919 % 171} {number * 104729 % 83}" for number in range(corners))


LATTICE = [f"((0 {y},80 {y},80 {y}.1,0 {y})),(({y} 0,{y} 80,{y}.1 80,{y} 0))" for y in range(80)]


@pytest.mark.parametrize(
    "wkt",
    [
        f"LINESTRING({scribble(1200)})",
        f"MULTILINESTRING(({scribble(400)}),({scribble(300)}))",
        f"MULTIPOLYGON({','.join(LATTICE)})",
    ],
    ids=["line", "lines", "lattice"],
)
def test_what_meets_itself_beyond_measure_is_refused(wkt: str) -> None:
    with pytest.raises(BadArea, match="crosses or touches itself more than"):
        read_area(wkt)


def test_many_corners_are_read() -> None:
    ring = shapely.Point(0, 0).buffer(10, quad_segs=MOST_CORNERS // 4 - 1)
    assert len(ring.exterior.coords) > MOST_CORNERS - 10
    assert area(ring.wkt).area == pytest.approx(ring.area)


@given(st.text(max_size=100))
def test_any_text_is_an_area_or_refused(text: str) -> None:
    try:
        read = read_area(text)
    except BadArea:
        return
    assert shapely.from_wkb(read).is_valid


PLACES = st.tuples(st.integers(20, 52).map(lambda step: step * 5.0), st.integers(-16, 16).map(lambda step: step * 5.0))
HULLS = (
    st.lists(PLACES, min_size=3, max_size=9)
    .map(lambda places: shapely.MultiPoint(places).convex_hull)
    .filter(lambda hull: hull.geom_type == "Polygon")
)


def wrapped(longitude: float, side: float) -> float:
    """A longitude from 100 to 260 as maps have it; the antimeridian is on the one side or the other."""
    return side if longitude == 180 else longitude - 360 if longitude > 180 else longitude


@settings(max_examples=300)
@given(HULLS, st.booleans(), st.integers(0, 8), st.randoms(use_true_random=False))
def test_a_ring_across_the_antimeridian_keeps_its_inside(
    hull: shapely.Polygon, reverse: bool, start: int, chance: random.Random
) -> None:
    corners = list(hull.exterior.coords)[:-1]
    corners = corners[start % len(corners) :] + corners[: start % len(corners)]
    corners = corners[::-1] if reverse else corners
    ring = [(wrapped(x, chance.choice([-180.0, 180.0])), y) for x, y in corners]
    ring.append(ring[0])
    split = area(f"POLYGON(({','.join(f'{x} {y}' for x, y in ring)}))")
    assert split.is_valid
    assert split.area == pytest.approx(hull.area)
    for longitude in range(102, 260, 10):
        for latitude in range(-78, 80, 12):
            place = shapely.Point(longitude, latitude)
            if hull.boundary.distance(place) > 1e-6:
                assert split.contains(shapely.Point(wrapped(longitude, 180), latitude)) is hull.contains(place)
