"""Footprints: checked, split at the antimeridian, written as WKT and GeoJSON (planar degrees, WGS 84)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import antimeridian
import shapely

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
    polygons = _split(closed) if _crosses(closed) else (closed,)
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


def _crosses(ring: tuple[Position, ...]) -> bool:
    """A step of more than half a turn is meant the short way round, across the antimeridian."""
    return any(abs(b[0] - a[0]) > _HALF_TURN for a, b in itertools.pairwise(ring))


def _split(ring: tuple[Position, ...]) -> tuple[tuple[Position, ...], ...]:
    try:
        fixed = antimeridian.fix_polygon(shapely.Polygon(ring), fix_winding=True, great_circle=False)
    except ValueError as error:
        raise _refusal(f"it cannot be split at the antimeridian: {error}") from error
    parts = [part for part in getattr(fixed, "geoms", [fixed]) if part.area > 0]
    return tuple(tuple(position for position, _ in itertools.groupby(part.exterior.coords)) for part in parts)


def _wkt_positions(positions: Sequence[Position]) -> str:
    return ",".join(f"{_decimal(x)} {_decimal(y)}" for x, y in positions)


def _decimal(number: float) -> str:
    """Without exponent: clients read WKT with digits, points and minus signs only."""
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refusal(message: str) -> ProductRejected:
    return refusal("QC-13", f"the footprint is not valid: {message}")
