"""Footprints: checked, split at the antimeridian, written as WKT, GeoJSON and shapes (planar degrees, WGS 84)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import antimeridian
import shapely
from shapely.geometry.base import BaseGeometry

from prip_core.errors import ProductRejected
from prip_core.model import Footprint, Position
from prip_core.rules import refusal

_HALF_TURN = 180.0


def footprint_of_ring(ring: Sequence[Position]) -> Footprint:
    """The area inside a ring of (longitude, latitude), closed here when it is open; order and precision are kept.

    A ring that crosses the antimeridian is split there; one that goes round a pole gains the pole edge.

    :raises ProductRejected: fewer than three corners, out of range, or crossing itself (rule QC-13).
    """
    closed = _closed(_checked(ring))
    if len(set(closed)) < 3:
        raise _refusal(f"it has {len(set(closed))} different corners, a polygon needs three")
    polygons = _split(closed) if crosses_antimeridian(closed) else (closed,)
    for polygon in polygons:
        shape = shapely.Polygon(polygon)
        if not shape.is_valid:
            raise _refusal(f"the ring is not a simple polygon: {shapely.is_valid_reason(shape)}")
    return Footprint(polygons=polygons)


def footprint_of_line(line: Sequence[Position]) -> Footprint:
    """A track of two or more positions.

    :raises ProductRejected: fewer positions, or out of range (rule QC-13).
    """
    checked = _checked(line)
    if len(checked) < 2:
        raise _refusal("a line needs two positions")
    return Footprint(line=checked)


def footprint_wkt(footprint: Footprint) -> str:
    """The OData ``Footprint``: ``geography'SRID=4326;POLYGON((…))'``, upper-case, plain decimals, closing quote."""
    if footprint.line:
        body = f"LINESTRING({_wkt_positions(footprint.line)})"
    elif len(footprint.polygons) == 1:
        body = f"POLYGON(({_wkt_positions(footprint.polygons[0])}))"
    else:
        body = f"MULTIPOLYGON({','.join(f'(({_wkt_positions(ring)}))' for ring in footprint.polygons)})"
    return f"geography'SRID=4326;{body}'"


def footprint_geojson(footprint: Footprint) -> dict[str, Any]:
    """The OData ``GeoFootprint``: a GeoJSON geometry (RFC 7946) without ``crs``."""
    if footprint.line:
        return {"type": "LineString", "coordinates": footprint.line}
    if len(footprint.polygons) == 1:
        return {"type": "Polygon", "coordinates": [footprint.polygons[0]]}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in footprint.polygons]}


def footprint_shape(footprint: Footprint) -> BaseGeometry:
    """The planar shape to compare with areas: polygons as they are, a line split at the antimeridian."""
    if footprint.line:
        return split_line(footprint.line)
    polygons = [shapely.Polygon(ring) for ring in footprint.polygons]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def crosses_antimeridian(positions: Sequence[Position]) -> bool:
    """A step of more than half a turn is meant the short way round, across the antimeridian."""
    return any(abs(b[0] - a[0]) > _HALF_TURN for a, b in itertools.pairwise(positions))


def split_ring(ring: Sequence[Position]) -> tuple[shapely.Polygon, ...]:
    """The parts of the area inside a closed ring that crosses the antimeridian.

    One that goes round the Earth holds the pole that it is nearer to, and gains that pole's edge.

    :raises ValueError: it goes round more than once.
    """
    unrolled_ring = unrolled(ring)
    if not shapely.Polygon(unrolled_ring).exterior.is_ccw:
        ring, unrolled_ring = ring[::-1], unrolled_ring[::-1]
    touching = _on_one_side(ring, unrolled_ring)
    if touching:
        return (shapely.Polygon(touching),)
    aligned = _aligned(ring)
    northern = sum(latitude for _, latitude in aligned) >= 0
    round_earth = goes_round(aligned)
    fixed = antimeridian.fix_polygon(
        shapely.Polygon(aligned),
        fix_winding=True,
        great_circle=False,
        force_north_pole=round_earth and northern,
        force_south_pole=round_earth and not northern,
    )
    return tuple(part for part in shapely.get_parts(fixed) if part.area > 0)


def split_line(line: Sequence[Position]) -> BaseGeometry:
    """A line, in parts where it crosses the antimeridian; a point where all positions are one."""
    aligned = _aligned(line)
    if len(set(aligned)) == 1:
        return shapely.Point(aligned[0])
    whole = shapely.LineString(aligned)
    if not crosses_antimeridian(aligned):
        return whole
    fixed = antimeridian.fix_line_string(whole, great_circle=False)
    parts = [part for part in shapely.get_parts(fixed) if part.length > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def unrolled(positions: Sequence[Position]) -> tuple[Position, ...]:
    """Positions whose longitudes go on beyond 180 degrees where they cross the antimeridian."""
    going = [*positions[:1]]
    for longitude, latitude in positions[1:]:
        step = math.remainder(longitude - going[-1][0], 2 * _HALF_TURN)
        going.append((going[-1][0] + step, latitude))
    return tuple(going)


def _on_one_side(ring: Sequence[Position], going: Sequence[Position]) -> tuple[Position, ...]:
    """The positions of a ring that touches the antimeridian, but lies on one side of it; otherwise nothing.

    :param going: the ring, unrolled.
    """
    longitudes = [longitude for longitude, _ in going]
    middle = round((min(longitudes) + max(longitudes)) / 4 / _HALF_TURN) * 2 * _HALF_TURN
    if min(longitudes) < middle - _HALF_TURN or max(longitudes) > middle + _HALF_TURN:
        return ()
    return tuple(
        (math.copysign(_HALF_TURN, x - middle), latitude) if abs(longitude) == _HALF_TURN else (longitude, latitude)
        for (longitude, latitude), (x, _) in zip(ring, going, strict=True)
    )


def goes_round(ring: Sequence[Position]) -> bool:
    """The steps of a closed ring, each the short way, add up to a whole turn."""
    ends = unrolled(ring)
    return abs(ends[-1][0] - ends[0][0]) > _HALF_TURN


def _aligned(positions: Sequence[Position]) -> tuple[Position, ...]:
    """Positions without steps of a whole turn, from one side of the antimeridian to its other side."""
    aligned = [*positions[:1]]
    for longitude, latitude in positions[1:]:
        before = aligned[-1][0]
        aligned.append((before if abs(longitude - before) == 2 * _HALF_TURN else longitude, latitude))
    return tuple(aligned)


def _checked(positions: Sequence[Position]) -> tuple[Position, ...]:
    kept: list[Position] = []
    for longitude, latitude in positions:
        if not (math.isfinite(longitude) and math.isfinite(latitude)):
            raise _refusal("it holds a position that is no number")
        if abs(longitude) > _HALF_TURN or abs(latitude) > 90:
            raise _refusal(f"longitude {longitude} latitude {latitude} is out of range")
        if not kept or kept[-1] != (longitude, latitude):
            kept.append((longitude, latitude))
    return tuple(kept)


def _closed(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    return ring if ring and ring[0] == ring[-1] else ring + ring[:1]


def _split(ring: tuple[Position, ...]) -> tuple[tuple[Position, ...], ...]:
    try:
        parts = split_ring(ring)
    except ValueError as error:
        raise _refusal(f"it cannot be split at the antimeridian: {error}") from error
    return tuple(tuple((x, y) for (x, y), _ in itertools.groupby(part.exterior.coords)) for part in parts)


def _wkt_positions(positions: Sequence[Position]) -> str:
    return ",".join(f"{_decimal(x)} {_decimal(y)}" for x, y in positions)


def _decimal(number: float) -> str:
    """Without exponent: clients read WKT with digits, points and minus signs only."""
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refusal(message: str) -> ProductRejected:
    return refusal("QC-13", f"the footprint is not valid: {message}")
