"""The MTD file of granules, datastrips and tiles: what the inventory does not know, or knows less well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prip_core import TimeRange
from prip_sentinel2.fields import Fields
from prip_sentinel2.naming import Family

_UNITS: Mapping[Family, str] = {Family.GRANULE: "Granule", Family.DATASTRIP: "DataStrip", Family.TILE: "Tile"}
_SUN_OF_TILE = "Geometric_Info/Tile_Angles/Mean_Sun_Angle/ZENITH_ANGLE"
_SUN_OF_GRANULE = "Geometric_Info/Granule_Position/Geometric_Header/Solar_Angles/ZENITH_ANGLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mtd:
    """What an MTD file says. Texts are as written, times are UTC, angles are degrees.

    :param unit_id: name of the granule or tile; a datastrip's file mostly does not say its own.
    :param sensing: when the unit was sensed.
    :param sun_zenith: mean zenith angle of the sun.
    :param parts: names of the granules or tiles that a datastrip declares.
    """

    unit_id: str | None
    datastrip_id: str | None
    detector: str | None
    sensing: TimeRange | None
    sun_zenith: float | None
    group_id: str | None
    relative_orbit: int | None
    datatake_type: str | None
    downlink_orbit: int | None
    parts: tuple[str, ...]


def metadata_root(family: Family, product_type: str) -> str:
    """Local name of the root element, e.g. ``Level-1C_Tile_ID`` for ``MSI_L1C_TL``."""
    level = product_type[5:7].rstrip("_")
    return f"Level-{level}_{_UNITS[family]}_ID"


def read_mtd(fields: Fields) -> Mtd:
    """Read an MTD file.

    :raises ProductRejected: a value is malformed (rule QC-10).
    """
    sun = fields.number(_SUN_OF_TILE)
    return Mtd(
        unit_id=fields.text("General_Info/TILE_ID") or fields.text("General_Info/GRANULE_ID"),
        datastrip_id=fields.text("General_Info/DATASTRIP_ID"),
        detector=fields.text("General_Info/DETECTOR_ID"),
        sensing=_sensing(fields),
        sun_zenith=sun if sun is not None else fields.number(_SUN_OF_GRANULE),
        group_id=fields.attribute("General_Info/Datatake_Info", "datatakeIdentifier"),
        relative_orbit=fields.integer("General_Info/Datatake_Info/SENSING_ORBIT_NUMBER"),
        datatake_type=fields.text("General_Info/Datatake_Info/DATATAKE_TYPE"),
        downlink_orbit=fields.integer("General_Info/Downlink_Info/DOWNLINK_ORBIT_NUMBER"),
        parts=_parts(fields),
    )


def _sensing(fields: Fields) -> TimeRange | None:
    moment = fields.moment("General_Info/SENSING_TIME")
    if moment is not None:
        return TimeRange(start=moment, end=moment)
    start = fields.moment("General_Info/Datastrip_Time_Info/DATASTRIP_SENSING_START")
    end = fields.moment("General_Info/Datastrip_Time_Info/DATASTRIP_SENSING_STOP")
    return TimeRange(start=start, end=end) if start and end else None


def _parts(fields: Fields) -> tuple[str, ...]:
    image = fields.element.find("{*}Image_Data_Info")
    if image is None:
        return ()
    granules = (granule.get("granuleId") for granule in image.iterfind(".//{*}Granule_List/{*}Granule"))
    tiles = (tile.get("tileId") for tile in image.iterfind(".//{*}Tile_List/{*}Tile"))
    return tuple(dict.fromkeys(name for name in (*granules, *tiles) if name))
