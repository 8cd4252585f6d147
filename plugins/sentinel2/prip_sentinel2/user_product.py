"""SAFE user products: what MTD_MSIL1C.xml, MTD_MSIL2A.xml and their one tile say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from prip_core import AttributeValue, ProductFiles, ProductMetadata, TimeRange
from prip_sentinel2.fields import Fields, ordered_attributes
from prip_sentinel2.footprints import footprint_of_metadata
from prip_sentinel2.hktm import manifest_section
from prip_sentinel2.members import MANIFEST, document, find_top_member, manifest_entries, top_member
from prip_sentinel2.mtd import read_mtd
from prip_sentinel2.naming import ProductName

_GRANULE_ORBIT = re.compile(r"_A(\d{6})_", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granules:
    """The one granule of a compact product and its datastrip; ``None`` where there are several."""

    granule: str | None
    datastrip: str | None


def read_user_product(name: ProductName, files: ProductFiles) -> Fields:
    """The product's own metadata file.

    :raises ProductRejected: it is missing or malformed.
    """
    level = name.fields["level"]
    return document(files, top_member(files, f"MTD_MSI{level}.xml"), root=f"Level-{level[1:]}_User_Product")


def product_info(mtd: Fields) -> Fields:
    """``General_Info/Product_Info`` (``L2A_Product_Info`` before baseline 02.08).

    :raises ProductRejected: it is missing.
    """
    for path in ("Product_Info", "L2A_Product_Info"):
        found = mtd.element.find(f"{{*}}General_Info/{{*}}{path}")
        if found is not None:
            return Fields(found, mtd.member)
    raise mtd.rejected("General_Info/Product_Info is missing")


def describe_user_product(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """The metadata of a user product.

    :raises ProductRejected: it is missing, malformed, or the footprint is no polygon.
    """
    mtd = read_user_product(name, files)
    info = product_info(mtd)
    granules = read_granules(info)
    content = TimeRange(start=info.required_moment("PRODUCT_START_TIME"), end=info.required_moment("PRODUCT_STOP_TIME"))
    generated = info.required_moment("GENERATION_TIME")
    values = {
        "beginningDateTime": content.start,
        "endingDateTime": content.end,
        "processingDate": generated,
        "cloudCover": mtd.number("Quality_Indicators_Info/Cloud_Coverage_Assessment"),
        "illuminationZenithAngle": _sun_zenith(files),
        "orbitNumber": _orbit(files, granules),
        "tileId": name.fields.get("tile"),
    }
    return ProductMetadata(
        content=content,
        attributes=ordered_attributes(values | _info_attributes(name, info, granules) | _quality(mtd)),
        footprint=footprint_of_metadata(mtd),
        parent=granules.datastrip,
        generated=generated,
        manifest=manifest_entries(files),
    )


def read_granules(info: Fields) -> Granules:
    """What the list of granules says."""
    found = [*info.element.iterfind(".//{*}Granule_List/{*}Granule"), *info.element.iterfind(".//{*}Granules")]
    datastrips = {granule.get("datastripIdentifier") for granule in found}
    return Granules(
        granule=found[0].get("granuleIdentifier") if len(found) == 1 else None,
        datastrip=datastrips.pop() if len(datastrips) == 1 else None,
    )


def _info_attributes(name: ProductName, info: Fields, granules: Granules) -> dict[str, AttributeValue | None]:
    baseline = info.text("PROCESSING_BASELINE")
    return {
        "productType": info.text("PRODUCT_TYPE"),
        "processingLevel": info.text("PROCESSING_LEVEL"),
        "processorVersion": baseline,
        "processingBaseline": baseline,
        "processingCenter": granules.datastrip[20:24] if granules.datastrip else None,
        "platformShortName": "SENTINEL-2",
        "platformSerialIdentifier": name.fields["mission"][2],
        "instrumentShortName": "MSI",
        "relativeOrbitNumber": info.integer("Datatake/SENSING_ORBIT_NUMBER"),
        "orbitDirection": info.text("Datatake/SENSING_ORBIT_DIRECTION"),
        "operationalMode": info.text("Datatake/DATATAKE_TYPE"),
        "productGroupId": info.attribute("Datatake", "datatakeIdentifier"),
        "datastripId": granules.datastrip,
        "granuleIdentifier": granules.granule,
    }


def _quality(mtd: Fields) -> dict[str, AttributeValue | None]:
    """Every inspection passed: nominal. The elements' names changed over the years, their place did not."""
    results = inspections(mtd)
    if not results:
        return {}
    if all(result == "PASSED" for _, result in results):
        return {"qualityStatus": "NOMINAL", "qualityInfo": 100}
    return {"qualityStatus": "DEGRADED"}


def inspections(mtd: Fields) -> Sequence[tuple[str, str]]:
    """Name and result of each quality inspection that a user product's metadata file sums up."""
    path = "{*}Quality_Indicators_Info/{*}Quality_Control_Checks/{*}Quality_Inspections/*"
    return [
        (check.get("checkType") or etree.QName(check).localname, (check.text or "").strip())
        for check in mtd.element.iterfind(path)
        if isinstance(check.tag, str)
    ]


def _orbit(files: ProductFiles, granules: Granules) -> int | None:
    manifest = find_top_member(files, MANIFEST)
    if manifest is not None:
        fields = document(files, manifest, root="XFDU")
        orbit = manifest_section(fields, "measurementOrbitReference", "orbitReference")
        if orbit is not None and (number := orbit.integer("orbitNumber[@type='start']")) is not None:
            return number
    found = _GRANULE_ORBIT.search(granules.granule or "")
    return int(found.group(1)) if found else None


def _sun_zenith(files: ProductFiles) -> float | None:
    tiles = [
        name
        for name in files.names()
        if PurePosixPath(name).name == "MTD_TL.xml" and PurePosixPath(name).parts[1:2] == ("GRANULE",)
    ]
    return read_mtd(document(files, tiles[0])).sun_zenith if len(tiles) == 1 else None
