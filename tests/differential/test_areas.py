"""How footprints lie to areas: on either database as shapely says, touching borders included."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin
from random import Random

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prip_core.catalogue import Catalogue
from tests.differential.areas import RELATIONS, Area, random_area
from tests.differential.conditions import Condition, Not
from tests.differential.pen import Pen
from tests.differential.products import Facts
from tests.differential.questions import Asked, Question, expected
from tests.differential.shapes import folded, wrapped

AREAS = 300
PLAIN = Pen(Random(0), plain=True)


def _asked(condition: Condition, catalogue: Catalogue) -> tuple[Question, list[int]]:
    question = Question(condition, condition.text(PLAIN), [], "", list_evicted=True)
    return question, Asked(question, catalogue).at_once()


@pytest.mark.parametrize("seed", range(4))
def test_areas_on_the_grid_of_the_footprints(seed: int, catalogue: Catalogue, products: Sequence[Facts]) -> None:
    """Many touch at borders and corners, and are equal to footprints."""
    chance = Random(seed)
    for _ in range(AREAS):
        question, found = _asked(random_area(chance), catalogue)
        assert found == expected(question, products), question.text


degrees = st.floats(-180, 180, allow_nan=False).map(lambda number: round(number, 7))
latitudes = st.floats(-90, 90, allow_nan=False).map(lambda number: round(number, 7))
positions = st.tuples(degrees, latitudes)


@st.composite
def polygons(draw: st.DrawFn) -> tuple[object, shapely.Geometry]:
    """Triangles and stars anywhere, that do not cross the antimeridian."""
    middle = draw(st.tuples(st.floats(-89, 89), st.floats(-80, 80)))
    sizes = draw(st.lists(st.floats(0.001, 80), min_size=3, max_size=9))
    ring = []
    for number, size in enumerate(sizes):
        east, north = _direction(number, len(sizes))
        longitude, latitude = middle[0] + east * size, middle[1] + north * size
        ring.append((round(longitude, 7), round(max(min(latitude, 90.0), -90.0), 7)))
    shape = shapely.Polygon([*ring, ring[0]])
    assume(shape.is_valid and shape.area > 0)
    return [[*ring, ring[0]]], shape


def _direction(number: int, of: int) -> tuple[float, float]:
    angle = 2 * pi * number / of
    return cos(angle), sin(angle)


@st.composite
def boxes_across(draw: st.DrawFn) -> tuple[object, shapely.Geometry]:
    """Boxes across the antimeridian."""
    west, east = draw(st.floats(120, 179)), draw(st.floats(181, 240))
    south, height = draw(st.floats(-90, 80)), draw(st.floats(0.001, 10))
    corners = [(west, south), (east, south), (east, south + height), (west, south + height), (west, south)]
    ring = [(round(longitude, 7), round(latitude, 7)) for longitude, latitude in corners]
    return [[(round(wrapped(x), 7), y) for x, y in ring]], folded(shapely.Polygon(ring))


points = positions.map(lambda position: ([position], shapely.Point(position)))


@settings(max_examples=150)
@given(relation=st.sampled_from(list(RELATIONS)), meant=polygons() | boxes_across() | points)
def test_areas_anywhere(
    catalogue: Catalogue, products: Sequence[Facts], relation: str, meant: tuple[object, shapely.Geometry]
) -> None:
    body, shape = meant
    keyword = "POINT" if shape.geom_type == "Point" else "POLYGON"
    question, found = _asked(Area(relation, keyword, body, shape), catalogue)
    assert found == expected(question, products)


@pytest.mark.parametrize("relation", RELATIONS)
def test_products_without_footprint_lie_nowhere(relation: str, catalogue: Catalogue, products: Sequence[Facts]) -> None:
    area = Area(relation, "POINT", [(1.0, 1.0)], shapely.Point(1, 1))
    found = [*_asked(area, catalogue)[1], *_asked(Not(area), catalogue)[1]]
    assert sorted(found) == [seq for seq, facts in enumerate(products, start=1) if facts.shape is not None]
