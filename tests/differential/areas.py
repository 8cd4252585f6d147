"""Areas of a filter: points, lines and polygons on the grid of the products' footprints, and what lies how to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import shapely

from tests.differential.logic import Truth
from tests.differential.pen import Level, Pen
from tests.differential.products import Scope
from tests.differential.shapes import (
    STEP,
    Position,
    closed,
    corners,
    folded,
    random_line,
    random_ring,
    unwrapped,
    wrapped,
)

RELATIONS: Mapping[str, Callable[[shapely.Geometry, shapely.Geometry], bool]] = {
    "Intersects": shapely.intersects,
    "Within": shapely.contains,
    "Disjoints": shapely.disjoint,
}
"""What lies how to the area, which is asked first."""


@dataclass(frozen=True)
class HasFootprint:
    """``Footprint ne null``, or whether it has none."""

    ordering: str
    name: str
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        return pen.joined(self.ordering, [self.name, pen.keyword("null")])

    def value(self, scope: Scope) -> Truth:
        return (scope.product.shape is not None) is (self.ordering == "ne")


@dataclass(frozen=True)
class Area:
    """How a product's footprint lies to an area; null for a product without one.

    :param keyword: of the well-known text, ``POLYGON``.
    :param body: its positions in nested lists; a position is a pair.
    :param geometry: what it means, planar.
    """

    relation: str
    keyword: str
    body: object
    geometry: shapely.Geometry = field(compare=False)
    level = Level.PRIMARY

    def __post_init__(self) -> None:
        shapely.prepare(self.geometry)  # for many products

    def text(self, pen: Pen) -> str:
        gap = " " if pen.rarely(3) else ""
        srid = "SRID = 4326 ; " if pen.rarely() else "SRID=4326;"
        prefix = pen.keyword("geometry" if pen.rarely() else "geography")
        literal = f"{prefix}'{srid}{pen.keyword(self.keyword)}{gap}{_written(self.body, pen)}'"
        if self.relation == "Intersects" and pen.rarely():
            return f"{pen.keyword('geo.intersects')}({pen.path('Footprint')},{pen.gap()}{literal})"
        arguments = f"area={literal}"
        if pen.rarely(4):
            arguments = pen.chance.choice(
                (f"location=Footprint,area={literal}", f"geo_property=Footprint,geo_shape={literal}",
                 f"area = {literal}", f"location=Footprint, area={literal}")
            )  # fmt: skip
        return f"{pen.keyword('OData.CSC')}.{self.relation}({pen.gap()}{arguments}{pen.gap()})"

    def value(self, scope: Scope) -> Truth:
        footprint = scope.product.geometry
        return None if footprint is None else bool(RELATIONS[self.relation](self.geometry, footprint))


def _written(body: object, pen: Pen) -> str:
    if isinstance(body, tuple):
        return " ".join(_coordinate(number, pen) for number in body)
    assert isinstance(body, list)
    comma = ", " if pen.rarely() else ","
    return f"({comma.join(_written(part, pen) for part in body)})"


def _coordinate(number: float, pen: Pen) -> str:
    if number * 2 % 1:
        return format(number, ".7f")
    if number and pen.rarely(20):
        return f"{number / 10:.15g}e1"
    if number % 1 or pen.rarely(3):
        return pen.chance.choice((f"{number:.1f}", f"{number:.4f}"))
    return f"{number:.0f}"


def _around(ring: Sequence[Position]) -> list[Position]:
    return [(wrapped(longitude), latitude) for longitude, latitude in ring]


def random_area(chance: Random) -> Area:
    """Any kind of area; one in five crosses the antimeridian."""
    relation = chance.choice(list(RELATIONS))
    kind = chance.choice(
        (_point, _points, _line, _lines, _polygon, _polygon, _polygon, _polygon_with_hole, _polygons, _cap, _band)
    )
    keyword, body, geometry = kind(chance)
    return Area(relation, keyword, body, geometry)


_Meant = tuple[str, list[Any], shapely.Geometry]


def _point(chance: Random) -> _Meant:
    position = (float(chance.randrange(-180, 181, STEP)), float(chance.randrange(-90, 91, STEP)))
    return "POINT", [position], shapely.Point(position)


def _line(chance: Random) -> _Meant:
    line = random_line(chance, across=chance.random() < 0.2)
    return "LINESTRING", list(line), folded(shapely.LineString(unwrapped(line)))


def _points(chance: Random) -> _Meant:
    positions = [_point(chance)[1][0] for _ in range(chance.randint(1, 3))]
    return "MULTIPOINT", [[position] for position in positions], shapely.MultiPoint(positions)


def _lines(chance: Random) -> _Meant:
    lines = [random_line(chance, across=False) for _ in range(chance.randint(1, 3))]
    return "MULTILINESTRING", [list(line) for line in lines], shapely.MultiLineString(lines)


def _polygon(chance: Random) -> _Meant:
    ring = random_ring(chance, across=chance.random() < 0.2)
    if chance.random() < 0.5:
        ring = ring[::-1]
    return "POLYGON", [_around(ring)], folded(shapely.Polygon(ring))


def _polygon_with_hole(chance: Random) -> _Meant:
    across = chance.random() < 0.2
    west = 160 if across else chance.randrange(-180, 140, STEP)
    south = chance.randrange(-90, 50, STEP)
    outer = closed(corners((west, south, west + 8 * STEP, south + 8 * STEP)))
    inset = chance.choice((STEP, 2 * STEP))
    bounds = (west + inset, south + inset, west + 8 * STEP - inset, south + 7 * STEP)
    hole = closed(corners(bounds))[::-1]
    return "POLYGON", [_around(outer), _around(hole)], folded(shapely.Polygon(outer, [hole]))


def _polygons(chance: Random) -> _Meant:
    """Two boxes that do not touch, the second on the other hemisphere."""
    west = chance.randrange(-180, 150, STEP)
    first = closed(corners((west, -40, west + 2 * STEP, -10)))
    second = closed(corners((-west - 2 * STEP, 10, -west, 40)))
    shape = shapely.MultiPolygon([shapely.Polygon(first), shapely.Polygon(second)])
    return "MULTIPOLYGON", [[list(first)], [list(second)]], shape


def _cap(chance: Random) -> _Meant:
    """A ring around a pole: everything beyond its parallel."""
    latitude = float(chance.randrange(50, 85, STEP))
    sign = chance.choice((1, -1))
    ring = closed([(longitude, sign * latitude) for longitude in (-135.0, -45.0, 45.0, 135.0)][::sign])
    return "POLYGON", [list(ring)], around_pole(sign * latitude)


def around_pole(latitude: float) -> shapely.Geometry:
    """Everything beyond a parallel, up to the pole that is nearer to it."""
    south, north = sorted((latitude, 90.0 if latitude > 0 else -90.0))
    return shapely.box(-180, south, 180, north)


def _band(chance: Random) -> _Meant:
    """All longitudes: taken as it stands."""
    south = chance.randrange(-90, 80, STEP)
    ring = closed(corners((-180, south, 180, south + 2 * STEP)))
    return "POLYGON", [list(ring)], shapely.Polygon(ring)
