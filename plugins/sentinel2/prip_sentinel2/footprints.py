"""Where a product lies: inventory polygon, lists of the MTD file, or the corners of its UTM tile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pyproj import Transformer

from prip_core import Footprint, Position, footprint_of_ring, refusal
from prip_sentinel2.fields import Fields, finite_number

_POSITION_LISTS = (
    "Geometric_Info/Granule_Footprint/Granule_Footprint/Footprint/EXT_POS_LIST",
    "Quality_Indicators_Info/Quicklook_Info/Footprint/EXT_POS_LIST",
    "Geometric_Info/Product_Footprint/Product_Footprint/Global_Footprint/EXT_POS_LIST",
)
_UTM = re.compile(r"32([67])(0[1-9]|[1-5]\d|60)", re.ASCII)
_COVERAGE = (
    "{*}featureMember/{*}FeatureCollection/{*}featureMember/{*}RectifiedGridCoverage"
    "/{*}rectifiedGridDomain/{*}RectifiedGrid"
)


def footprint_of_metadata(mtd: Fields) -> Footprint | None:
    """The footprint that an MTD file gives: its list of positions, else the corners of its tile.

    :returns: ``None`` when it gives neither.
    :raises ProductRejected: what it gives is no polygon (rule QC-13).
    """
    text = next((text for path in _POSITION_LISTS if (text := mtd.text(path))), None)
    ring = ring_of_position_list(text) if text else _ring_of_geocoding(mtd)
    return footprint_of_ring(ring) if ring else None


def footprint_of_placement(placement: Fields) -> Footprint | None:
    """The corners of a true colour image from its GML; ``None`` when it does not say them.

    :raises ProductRejected: it says them wrongly (rule QC-13).
    """
    grid = placement.element.find(_COVERAGE)
    if grid is None:
        return None
    fields = Fields(grid, placement.member)
    low, high = _numbers(fields.text("limits/GridEnvelope/low")), _numbers(fields.text("limits/GridEnvelope/high"))
    centre = _numbers(fields.text("origin/Point/pos"))
    system = fields.attribute("origin/Point", "srsName")
    steps = [_numbers(vector.text) for vector in grid.iterfind("{*}offsetVector")]
    if not (system and [len(part) for part in (low, high, centre, *steps)] == [2, 2, 2, 2, 2]):
        return None
    (east, _), (_, north) = steps
    corner = (centre[0] - east / 2, centre[1] - north / 2)
    extent = ((high[0] - low[0] + 1) * east, (high[1] - low[1] + 1) * north)
    return footprint_of_ring(_ring_of_rectangle(system, corner, extent))


def ring_of_position_list(text: str) -> tuple[Position, ...]:
    """A ring from an ``EXT_POS_LIST``: ``lat lon …`` or ``lat lon height …``, whichever the list can be.

    :raises ProductRejected: it can be neither, or both (rule QC-13).
    """
    numbers = _numbers(text)
    dimensions = [dimension for dimension in (2, 3) if len(numbers) % dimension == 0]
    if len(dimensions) == 2:
        dimensions = [dimension for dimension in dimensions if numbers[:dimension] == numbers[-dimension:]]
    if len(numbers) < 6 or len(dimensions) != 1:
        raise refusal(
            "QC-13", f"EXT_POS_LIST has {len(numbers)} numbers that are no closed list of pairs or of triples"
        )
    step = dimensions[0]
    return tuple((numbers[index + 1], numbers[index]) for index in range(0, len(numbers), step))


def _ring_of_geocoding(mtd: Fields) -> tuple[Position, ...] | None:
    geocoding = mtd.element.find("{*}Geometric_Info/{*}Tile_Geocoding")
    if geocoding is None:
        return None
    size = geocoding.find("{*}Size[@resolution='10']")
    place = geocoding.find("{*}Geoposition[@resolution='10']")
    system = mtd.text("Geometric_Info/Tile_Geocoding/HORIZONTAL_CS_CODE")
    if size is None or place is None or system is None:
        return None
    rows, columns, left, top = (
        Fields(element, mtd.member).number(name)
        for element, name in ((size, "NROWS"), (size, "NCOLS"), (place, "ULX"), (place, "ULY"))
    )
    if rows is None or columns is None or left is None or top is None:
        return None
    return _ring_of_rectangle(system, (left, top), (columns * 10, rows * -10))


def _ring_of_rectangle(system: str, corner: tuple[float, float], extent: tuple[float, float]) -> tuple[Position, ...]:
    """Upper left, upper right, lower right, lower left, upper left of a rectangle in a UTM system (metres)."""
    zone = _UTM.fullmatch(system.rpartition(":")[2])
    if zone is None:
        raise refusal("QC-13", f"the reference system is {system!r}, expected UTM on WGS 84 (EPSG:326zz or 327zz)")
    (left, top), (width, height) = corner, extent
    eastings = (left, left + width, left + width, left, left)
    northings = (top, top, top + height, top + height, top)
    longitudes, latitudes = _inverse_utm(zone.group()).transform(eastings, northings)
    return tuple(zip(map(float, longitudes), map(float, latitudes), strict=True))


@lru_cache(maxsize=120)
def _inverse_utm(code: str) -> Transformer:
    return Transformer.from_crs(int(code), 4326, always_xy=True)


def _numbers(text: str | None) -> Sequence[float]:
    try:
        return [finite_number(word) for word in (text or "").split()]
    except ValueError as error:
        raise refusal("QC-13", f"the footprint holds something that is no number: {error}") from error
