"""Shapes on a coarse grid of degrees, so that how two of them lie is exact; some cross the antimeridian."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TypeAlias

import shapely
from shapely import affinity

Position: TypeAlias = tuple[float, float]
Ring: TypeAlias = tuple[Position, ...]

STEP = 5
WORLD = shapely.box(-180, -90, 180, 90)


@dataclass(frozen=True)
class Shape:
    """What a product covers: one or more rings without holes, or a line; as a catalogue is given it.

    :param rings: closed, split at the antimeridian.
    :param line: a track, which may cross the antimeridian.
    """

    rings: tuple[Ring, ...] = ()
    line: Ring = ()

    @cached_property
    def geometry(self) -> shapely.Geometry:
        """Planar, in degrees of longitude and latitude, split at the antimeridian."""
        if self.line:
            return folded(shapely.LineString(unwrapped(self.line)))
        return shapely.MultiPolygon([shapely.Polygon(ring) for ring in self.rings])


def unwrapped(positions: Sequence[Position]) -> list[Position]:
    """Positions whose longitudes go on beyond 180 where a step of more than half a turn means the short way round."""
    result = [positions[0]]
    for longitude, latitude in positions[1:]:
        before = result[-1][0]
        turns = round((before - longitude) / 360)
        result.append((longitude + 360 * turns, latitude))
    return result


def folded(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape that may reach beyond the antimeridian, with those parts brought back to the other side."""
    if WORLD.covers(shape):
        return shape
    parts = [affinity.translate(shape, turn).intersection(WORLD) for turn in (-360, 0, 360)]
    kept = [part for whole in parts for part in getattr(whole, "geoms", [whole]) if _weighs(part, shape)]
    return kept[0] if len(kept) == 1 else shapely.union_all(kept)


def _weighs(part: shapely.Geometry, shape: shapely.Geometry) -> bool:
    """It is more than the touch of a border."""
    return not part.is_empty and shapely.get_dimensions(part) == shapely.get_dimensions(shape)


def wrapped(longitude: float) -> float:
    """A longitude between -180 and 180."""
    return longitude - 360 if longitude > 180 else longitude


def box(chance: Random, *, across: bool) -> tuple[float, float, float, float]:
    """West, south, east, north on the grid; ``across`` the antimeridian, east is then beyond 180."""
    if across:
        west = chance.randrange(150, 180, STEP)
        east = chance.randrange(185, 215, STEP)
    else:
        west = chance.randrange(-180, 180, STEP)
        east = min(west + STEP * chance.randint(1, 8), 180)
    south = chance.randrange(-90, 90, STEP)
    return west, south, east, min(south + STEP * chance.randint(1, 6), 90)


def corners(bounds: tuple[float, float, float, float]) -> list[Position]:
    west, south, east, north = bounds
    return [(west, south), (east, south), (east, north), (west, north)]


def closed(positions: Sequence[Position]) -> Ring:
    return (*positions, positions[0])


def random_ring(chance: Random, *, across: bool) -> Ring:
    """A closed ring with longitudes beyond 180 where it lies across: a box, a triangle, or a box without a corner."""
    west, south, east, north = bounds = box(chance, across=across)
    if across:
        west = 360 - east  # even about the antimeridian: slanted edges cross it half-way, without rounding
    around = corners((west, south, east, north) if across else bounds)
    if chance.random() < 0.5 or (across and north == 90):
        return closed(around)
    if chance.random() < 0.7:
        around.pop(chance.randrange(4))
        return closed(around)
    middle = ((west + east) / 2, (south + north) / 2)
    around[chance.randrange(4)] = middle
    return closed(around)


def random_shape(chance: Random) -> Shape:
    """What a product covers."""
    across = chance.random() < 0.15
    if chance.random() < 0.15:
        return Shape(line=random_line(chance, across=across))
    ring = random_ring(chance, across=across)
    polygon = folded(shapely.Polygon(ring))
    parts = getattr(polygon, "geoms", [polygon])
    return Shape(rings=tuple(tuple(part.exterior.coords) for part in parts))


def random_line(chance: Random, *, across: bool) -> Ring:
    """Two or three positions on the grid, in order."""
    if across:
        size = STEP * chance.randint(1, 6)
        start, latitude = 180 - size, chance.randrange(-80, 80, STEP)
        return ((start, latitude), (wrapped(180 + size), latitude + 2 * STEP))
    west, south, east, north = box(chance, across=False)
    line = [(west, south), (east, north)]
    if chance.random() < 0.5:
        line.append((east, south))
    return tuple(position for position, _ in itertools.groupby(line))
