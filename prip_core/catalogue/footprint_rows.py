"""Footprints as the catalogue keeps them: the exact shape, and the boxes by which an index finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import shapely

BOXES = 2
"""A shape has this many boxes at the most: the parts east and west of Greenwich, so that one that was split at the
antimeridian does not go round the world."""


class Box(NamedTuple):
    """Bounds in degrees."""

    west: float
    east: float
    south: float
    north: float


def boxes_of(shape: shapely.Geometry) -> Sequence[Box]:
    """One box around a shape of one part; otherwise one around the parts on each side of Greenwich."""
    parts = shapely.get_parts(shape)
    east = [part for part in parts if part.bounds[0] >= 0]
    west = [part for part in parts if part.bounds[0] < 0]
    return [_box_around(side) for side in (east, west) if side]


def _box_around(parts: Sequence[shapely.Geometry]) -> Box:
    west, south, east, north = shapely.total_bounds(parts).tolist()
    return Box(west, east, south, north)
