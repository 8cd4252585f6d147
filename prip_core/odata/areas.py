"""Areas that clients write: WKT in planar degrees (WGS 84), checked and split at the antimeridian."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from prip_core.errors import BadQuery
from prip_core.footprint import crosses_antimeridian, goes_round, split_line, split_ring, unrolled
from prip_core.model import Position
from prip_core.odata.crossings import meet_often

MOST_CORNERS = 5000
"""Positions that an area may have."""

MOST_MEETINGS = 20_000
"""Pairs of segments that may cross or touch each other. A scribble of a thousand lines has half a million crossings,
each a point for whoever compares it with a footprint."""

_LITERAL = re.compile(r"\s*(?:SRID\s*=\s*(?P<srid>[0-9]{1,9})\s*;)?\s*(?P<wkt>.*?)\s*", re.I | re.S | re.A)
_WKT = re.compile(r"(?P<kind>[A-Za-z]+)\s*(?P<positions>\([-+0-9.eE(),\s]*\))", re.A)
_KINDS = ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON")
_HALF_TURN = 180.0


class BadArea(BadQuery):
    """A text is no area that products can be compared with; the sentence says why."""


def read_area(text: str) -> bytes:
    """Read the text of a ``geography'…'`` literal.

    A ring or line with a step of more than half a turn is meant the short way round and split at the antimeridian; a
    ring round a pole gains the pole's edge; one that is valid with steps from -180 to 180 is taken as it stands.

    :returns: WKB, little-endian, of a valid planar geometry.
    :raises BadArea: it is no WKT, not in WGS 84, out of range, too large, not closed or crosses itself.
    """
    literal = _LITERAL.fullmatch(text)
    assert literal is not None, "every text has this form"
    if int(literal["srid"] or 4326) != 4326:
        raise BadArea(f"the area has SRID {literal['srid']}, expected 4326 (WGS 84)")
    geometry = _on_sphere(_planar(literal["wkt"]))
    return bytes(shapely.to_wkb(geometry, byte_order=1, output_dimension=2))


def _planar(wkt: str) -> BaseGeometry:
    """The geometry as it is written."""
    match = _WKT.fullmatch(wkt)
    if match is None or match["kind"].upper() not in _KINDS:
        raise BadArea(f"{wkt[:40]!r} is no area, expected WKT such as POLYGON((10 45,12 45,12 47,10 45)): {_known()}")
    if match["positions"].count(",") >= MOST_CORNERS:
        raise BadArea(f"the area has more than {MOST_CORNERS} positions")
    try:
        with np.errstate(over="ignore"):
            geometry = shapely.from_wkt(wkt)
    except shapely.errors.GEOSException as error:
        raise BadArea(f"the area cannot be read: {_reason(error)}") from None
    if geometry.has_z or geometry.is_empty:
        raise BadArea("the area has positions that are not a longitude and a latitude")
    west, south, east, north = geometry.bounds
    if not (-_HALF_TURN <= west <= east <= _HALF_TURN and -90 <= south <= north <= 90):
        raise BadArea("the area is out of range: longitudes are within -180 and 180, latitudes within -90 and 90")
    return geometry


def _known() -> str:
    return f"{', '.join(_KINDS[:-1])} or {_KINDS[-1]}"


def _reason(error: Exception) -> str:
    """What GEOS says, without the name of its exception."""
    return str(error).partition(": ")[2].partition("\n")[0] or str(error)


def _on_sphere(geometry: BaseGeometry) -> BaseGeometry:
    parts = [_SPLITTERS[part.geom_type](part) for part in _parts(geometry)]
    if (len(parts) > 1 or parts[0].geom_type != "Polygon") and meet_often(parts, MOST_MEETINGS):
        raise BadArea(f"the area crosses or touches itself more than {MOST_MEETINGS} times")
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    return list(getattr(geometry, "geoms", [geometry]))


def _point(point: BaseGeometry) -> BaseGeometry:
    return point


def _line(line: shapely.LineString) -> BaseGeometry:
    return _valid(split_line(_positions(line)))


def _polygon(polygon: shapely.Polygon) -> BaseGeometry:
    rings = [_positions(ring) for ring in (polygon.exterior, *polygon.interiors)]
    if not any(map(crosses_antimeridian, rings)):
        return _valid(polygon)
    if all(map(_is_band, rings)) and polygon.is_valid:
        return polygon
    shell, *holes = map(_inside, rings)
    for hole in holes:
        if not shell.covers(hole):
            raise BadArea("the area is not valid: a hole lies outside of it")
        shell = shell.difference(hole)
    return _valid(shell)


def _is_band(ring: Sequence[Position]) -> bool:
    """All steps of more than half a turn go round the whole Earth, from -180 to 180 or back."""
    steps = (abs(b[0] - a[0]) for a, b in itertools.pairwise(ring))
    return all(step == 2 * _HALF_TURN for step in steps if step > _HALF_TURN)


def _inside(ring: Sequence[Position]) -> BaseGeometry:
    """The area within a ring."""
    if not crosses_antimeridian(ring):
        return _valid(shapely.Polygon(ring))
    if not goes_round(ring):
        _valid(shapely.Polygon(unrolled(ring)))  # where it crosses itself on the antimeridian, its parts do not
    try:
        parts = split_ring(ring)
    except (ValueError, AssertionError) as error:
        raise BadArea(f"the area cannot be split at the antimeridian: {error}") from error
    return shapely.union_all([_valid(part) for part in parts])


def _valid(geometry: BaseGeometry) -> BaseGeometry:
    if not geometry.is_valid or geometry.is_empty:
        raise BadArea(f"the area is not valid: {shapely.is_valid_reason(geometry)}")
    return geometry


def _positions(line: BaseGeometry) -> tuple[Position, ...]:
    return tuple((longitude, latitude) for longitude, latitude in line.coords)


_SPLITTERS: dict[str, Callable[..., BaseGeometry]] = {"Point": _point, "LineString": _line, "Polygon": _polygon}
