"""Rules that hold a product's name against its metadata, and its metadata files against each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prip_core import InspectedProduct, Severity, format_utc, qc_rule
from prip_sentinel2.auxiliary import read_header
from prip_sentinel2.fields import named_moment
from prip_sentinel2.naming import Family, ProductName, inspected_name
from prip_sentinel2.pdi import Pdi, read_pdi
from prip_sentinel2.user_product import product_info, read_granules, read_user_product

_SECOND = timedelta(seconds=1)

AGREEMENT = timedelta(seconds=1, milliseconds=1)
"""Two times closer than this agree: older processors write milliseconds as if they were microseconds."""


@qc_rule("QC-11")
def pdi_names_agree(product: InspectedProduct) -> Iterator[str]:
    """A PDI's name, its inventory and its MTD file say the same."""
    pdi = read_pdi(inspected_name(product), product.files)
    yield from _inventory_differences(pdi)
    yield from _mtd_differences(pdi)
    if pdi.name.family is not Family.SATELLITE_ANCILLARY:
        yield from _differs_in_time("Generation_Time", pdi.inventory.generated, pdi.name, "created")
    yield from _differs_in_time("the begin of sensing", pdi.sensing.start, pdi.name, "sensing")
    yield from _differs_in_time("Validity_Start", pdi.sensing.start, pdi.name, "start")
    yield from _differs_in_time("Validity_Stop", pdi.sensing.end, pdi.name, "stop")


@qc_rule("QC-11", severity=Severity.WARNING)
def inventory_agrees_with_metadata(product: InspectedProduct) -> Iterator[str]:
    """The inventory's validity is the MTD file's sensing time, give or take misplaced milliseconds."""
    pdi = read_pdi(inspected_name(product), product.files)
    if pdi.mtd is None or pdi.mtd.sensing is None:
        return
    validity, sensing = pdi.inventory.validity, pdi.mtd.sensing
    for what, written, sensed in (
        ("Validity_Start", validity.start, sensing.start),
        ("Validity_Stop", validity.end, sensing.end),
    ):
        if abs(written - sensed) >= AGREEMENT:
            yield f"{what} of the inventory is {format_utc(written)}, the metadata file says {format_utc(sensed)}"


@qc_rule("QC-11")
def telemetry_names_agree(product: InspectedProduct) -> Iterator[str]:
    """The name of telemetry says the satellite and the period of its manifest."""
    name, content = inspected_name(product), product.metadata.content
    serial = next((a.value for a in product.metadata.attributes if a.name == "platformSerialIdentifier"), None)
    yield from _differs("platform/number", str(serial), name.fields["mission"][2])
    yield from _differs_in_time("startTime", content.start, name, "start")
    yield from _differs_in_time("stopTime", content.end, name, "stop")


@qc_rule("QC-11")
def auxiliary_names_agree(product: InspectedProduct) -> Iterator[str]:
    """The header of an auxiliary file says its own name and type."""
    name, header = inspected_name(product), read_header(product.files)
    if header is not None:
        yield from _differs("File_Name", header.text("File_Name"), name.identifier)
        yield from _differs("File_Type", header.text("File_Type"), name.product_type)


@qc_rule("QC-11")
def user_product_names_agree(product: InspectedProduct) -> Iterator[str]:
    """The name of a user product says what its metadata file says."""
    name = inspected_name(product)
    info = product_info(read_user_product(name, product.files))
    fields, granules = name.fields, read_granules(info)
    baseline = info.text("PROCESSING_BASELINE")
    uri = info.text("PRODUCT_URI")
    yield from _differs("PRODUCT_URI", uri and uri.removesuffix(".SAFE"), name.identifier)
    yield from _differs("PRODUCT_TYPE", info.text("PRODUCT_TYPE"), name.product_type)
    yield from _differs("PROCESSING_BASELINE", baseline and baseline.replace(".", ""), fields["baseline"])
    yield from _differs(
        "Datatake/SENSING_ORBIT_NUMBER", info.integer("Datatake/SENSING_ORBIT_NUMBER"), int(fields["relative_orbit"])
    )
    spacecraft = info.text("Datatake/SPACECRAFT_NAME")
    yield from _differs("Datatake/SPACECRAFT_NAME", spacecraft and spacecraft[-1], fields["mission"][2])
    if granules.granule and "tile" in fields and f"_T{fields['tile']}_" not in granules.granule:
        yield f"granuleIdentifier is {granules.granule}, expected one of the tile {fields['tile']}"
    yield from _differs_in_time("PRODUCT_START_TIME", product.metadata.content.start, name, "datatake")


def _inventory_differences(pdi: Pdi) -> Iterator[str]:
    inventory, fields = pdi.inventory, pdi.name.fields
    yield from _differs("File_ID", inventory.file_id, pdi.name.identifier)
    yield from _differs("File_Name", inventory.file_name, pdi.name.identifier)
    yield from _differs("File_Type", inventory.file_type, pdi.name.product_type)
    yield from _differs("Satellite_Code", inventory.satellite, fields["mission"])
    yield from _differs("Processing_Station", inventory.processing_station, fields["site"])
    if "baseline" in fields:
        yield from _differs("File_Version", inventory.file_version, fields["baseline"])
    if "detector" in fields:
        yield from _differs("Detector", inventory.detector, fields["detector"])
    if "orbit" in fields:
        yield from _differs("Start_Orbit_Number", inventory.start_orbit, int(fields["orbit"]))


def _mtd_differences(pdi: Pdi) -> Iterator[str]:
    if pdi.mtd is None:
        return
    for what, found, element, expected in (
        ("DATASTRIP_ID", pdi.mtd.datastrip_id, "Parent_ID", pdi.inventory.parent_id),
        ("datatakeIdentifier", pdi.mtd.group_id, "Group_ID", pdi.inventory.group_id),
    ):
        if found and expected:
            yield from _differs(what, found, expected, f"{element} of the inventory")
    if pdi.name.family is Family.DATASTRIP:
        return
    unit = "TILE_ID" if pdi.name.family is Family.TILE else "GRANULE_ID"
    yield from _differs(unit, pdi.mtd.unit_id, pdi.name.identifier)
    if pdi.name.family is Family.GRANULE:
        yield from _differs("DETECTOR_ID", pdi.mtd.detector, pdi.name.fields["detector"])


def _differs(what: str, found: object, expected: object, source: str = "the name") -> Iterator[str]:
    if found != expected:
        yield f"{what} is {found or 'missing'}, {source} says {expected}"


def _differs_in_time(what: str, found: datetime, name: ProductName, field: str) -> Iterator[str]:
    """A name cuts or rounds its times to seconds."""
    if field in name.fields and abs(found - named_moment(name.fields[field])) > _SECOND:
        yield f"{what} is {format_utc(found)}, the name says {name.fields[field]}"
