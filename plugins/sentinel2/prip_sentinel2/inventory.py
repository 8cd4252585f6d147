"""Inventory_Metadata.xml: the one file that every PDI has, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prip_core import AttributeValue, Position, TimeRange
from prip_sentinel2.fields import Fields, finite_number

ROOT = "Inventory_Metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What an inventory says. Texts are as written, times are UTC.

    :param ring: the outline as (longitude, latitude) in degrees, in the order of the file; empty without one.
    :param quality: per cent, 100 is nominal.
    :param cloud_cover: per cent.
    :param data_size: bytes of the product's files, without what packs them.
    """

    file_id: str
    file_name: str
    file_type: str
    satellite: str
    processing_station: str
    generated: datetime
    validity: TimeRange
    start_orbit: int | None
    stop_orbit: int | None
    parent_id: str | None
    group_id: str | None
    file_version: str | None
    sensor: str | None
    detector: str | None
    acquisition_station: str | None
    quality: float | None
    cloud_cover: float | None
    data_size: int | None
    ring: tuple[Position, ...]

    @property
    def quality_status(self) -> str | None:
        """``NOMINAL`` or ``DEGRADED``."""
        if self.quality is None:
            return None
        return "NOMINAL" if self.quality == 100 else "DEGRADED"


def read_inventory(fields: Fields) -> Inventory:
    """Read an inventory.

    :raises ProductRejected: a mandatory field is missing, or a value is malformed (rule QC-10).
    """
    return Inventory(
        file_id=fields.required("File_ID"),
        file_name=fields.required("File_Name"),
        file_type=fields.required("File_Type"),
        satellite=fields.required("Satellite_Code"),
        processing_station=fields.required("Processing_Station"),
        generated=fields.required_moment("Generation_Time"),
        validity=TimeRange(start=fields.required_moment("Validity_Start"), end=fields.required_moment("Validity_Stop")),
        start_orbit=fields.integer("Start_Orbit_Number"),
        stop_orbit=fields.integer("Stop_Orbit_Number"),
        parent_id=fields.text("Parent_ID"),
        group_id=fields.text("Group_ID"),
        file_version=fields.text("File_Version"),
        sensor=fields.text("Sensor_Code"),
        detector=fields.text("Detector"),
        acquisition_station=fields.text("Acquisition_Station"),
        quality=fields.number("Quality_Info"),
        cloud_cover=fields.number("CloudPercentage"),
        data_size=fields.integer("Data_Size"),
        ring=_ring(fields),
    )


def inventory_attributes(inventory: Inventory) -> dict[str, AttributeValue | None]:
    """The attributes that all PDIs take from their inventory, by name."""
    return {
        "productType": inventory.file_type,
        "platformShortName": "SENTINEL-2",
        "platformSerialIdentifier": inventory.satellite[2:3] or None,
        "processingCenter": inventory.processing_station,
        "processingDate": inventory.generated,
        "qualityInfo": None if inventory.quality is None else int(inventory.quality),
        "qualityStatus": inventory.quality_status,
        "orbitNumber": inventory.start_orbit,
    }


def _ring(fields: Fields) -> tuple[Position, ...]:
    points = fields.element.iterfind("{*}Geographic_Localization/{*}List_Of_Geo_Pnt/{*}Geo_Pnt")
    return tuple(_position(Fields(point, fields.member)) for point in points)


def _position(point: Fields) -> Position:
    latitude, longitude = point.required("LATITUDE"), point.required("LONGITUDE")
    try:
        return finite_number(longitude), finite_number(latitude)
    except ValueError as error:
        raise point.rejected(f"Geographic_Localization has a position that is no number: {error}") from error
