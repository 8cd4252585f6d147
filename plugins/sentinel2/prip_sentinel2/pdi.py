"""Granules, datastrips, tiles, true colour images and satellite ancillary data: what they say about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from prip_core import AttributeValue, Footprint, ProductFiles, ProductMetadata, TimeRange, footprint_of_ring
from prip_sentinel2.fields import Fields, ordered_attributes
from prip_sentinel2.footprints import footprint_of_metadata, footprint_of_placement
from prip_sentinel2.inventory import ROOT, Inventory, inventory_attributes, read_inventory
from prip_sentinel2.jp2 import read_image_documents
from prip_sentinel2.members import (
    INVENTORY,
    document,
    find_top_member,
    manifest_entries,
    metadata_member,
    missing,
    quicklook_members,
    top_member,
)
from prip_sentinel2.mtd import Mtd, metadata_root, read_mtd
from prip_sentinel2.naming import Family, ProductName

WITH_MTD = frozenset({Family.GRANULE, Family.DATASTRIP, Family.TILE})
"""The families that have an MTD file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdi:
    """The metadata of one PDI.

    :param mtd: of granules, datastrips and tiles only.
    :param place: the document to take the footprint from when the inventory has no polygon.
    """

    name: ProductName
    inventory: Inventory
    mtd: Mtd | None = None
    place: Fields | None = None

    @property
    def sensing(self) -> TimeRange:
        """The sensing time of the MTD file; inventories of older processors misplace the milliseconds."""
        return self.mtd.sensing if self.mtd and self.mtd.sensing else self.inventory.validity


_READ: WeakKeyDictionary[ProductFiles, Pdi] = WeakKeyDictionary()


def read_pdi(name: ProductName, files: ProductFiles) -> Pdi:
    """Read inventory and MTD file, once for as long as the view of the delivered file lives.

    :raises ProductRejected: one is missing or malformed.
    """
    known = _READ.get(files)
    if known is None or known.name != name:
        known = _READ[files] = _read(name, files)
    return known


def _read(name: ProductName, files: ProductFiles) -> Pdi:
    if name.family is Family.TRUE_COLOUR:
        return _read_true_colour(name, files)
    inventory = read_inventory(document(files, top_member(files, INVENTORY), root=ROOT))
    if name.family not in WITH_MTD:
        return Pdi(name=name, inventory=inventory)
    fields = document(files, metadata_member(files), root=metadata_root(name.family, name.product_type))
    return Pdi(name=name, inventory=inventory, mtd=read_mtd(fields), place=fields)


def describe_pdi(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """The metadata of a PDI.

    :raises ProductRejected: it is missing, malformed, or the footprint is no polygon.
    """
    pdi = read_pdi(name, files)
    return ProductMetadata(
        content=pdi.sensing,
        attributes=ordered_attributes(_attributes(pdi)),
        footprint=None if name.family is Family.SATELLITE_ANCILLARY else _footprint(pdi),
        parent=_datastrip(pdi),
        parts=pdi.mtd.parts if pdi.mtd else (),
        quicklooks=quicklook_members(files) if name.product_type == "MSI_L0__DS" else (),
        generated=pdi.inventory.generated,
        manifest=manifest_entries(files),
    )


def _read_true_colour(name: ProductName, files: ProductFiles) -> Pdi:
    """The inventory is a box of the image; images of 2021 and before may come in a tar beside it."""
    beside = None if files.container == "file" else find_top_member(files, INVENTORY)
    if beside is not None:
        return Pdi(name=name, inventory=read_inventory(document(files, beside, root=ROOT)))
    image = next((member for member in files.names() if member.endswith(".jp2")), None)
    if image is None:
        raise missing("the JPEG 2000 image")
    documents = read_image_documents(files, image)
    return Pdi(name=name, inventory=read_inventory(documents.inventory), place=documents.placement)


def _attributes(pdi: Pdi) -> dict[str, AttributeValue | None]:
    values = inventory_attributes(pdi.inventory)
    values |= {"beginningDateTime": pdi.sensing.start, "endingDateTime": pdi.sensing.end}
    if pdi.name.family is Family.SATELLITE_ANCILLARY:
        return values | {"instrumentShortName": "SAD", "lastOrbitNumber": pdi.inventory.stop_orbit}
    return values | _image_attributes(pdi) | _family_attributes(pdi)


def _image_attributes(pdi: Pdi) -> dict[str, AttributeValue | None]:
    inventory = pdi.inventory
    return {
        "acquisitionStation": inventory.acquisition_station,
        "instrumentShortName": inventory.sensor,
        "processorVersion": inventory.file_version,
        "productGroupId": inventory.group_id or (pdi.mtd.group_id if pdi.mtd else None),
        "cloudCover": None if pdi.name.family is Family.DATASTRIP else inventory.cloud_cover,
        "tileId": pdi.name.fields.get("tile"),
    }


def _family_attributes(pdi: Pdi) -> dict[str, AttributeValue | None]:
    if pdi.mtd is None:
        return {"dsParentId": _datastrip(pdi)}
    if pdi.name.family is Family.DATASTRIP:
        return {
            "relativeOrbitNumber": pdi.mtd.relative_orbit,
            "operationalMode": pdi.mtd.datatake_type,
            "downlinkOrbitNumber": pdi.mtd.downlink_orbit,
        }
    sun = None if pdi.name.product_type == "MSI_L0__GR" else pdi.mtd.sun_zenith
    return {"datastripId": _datastrip(pdi), "illuminationZenithAngle": sun}


def _datastrip(pdi: Pdi) -> str | None:
    if pdi.name.family in {Family.DATASTRIP, Family.SATELLITE_ANCILLARY}:
        return None
    return pdi.inventory.parent_id or (pdi.mtd.datastrip_id if pdi.mtd else None)


def _footprint(pdi: Pdi) -> Footprint | None:
    if pdi.inventory.ring:
        return footprint_of_ring(pdi.inventory.ring)
    if pdi.place is None:
        return None
    return footprint_of_metadata(pdi.place) if pdi.mtd else footprint_of_placement(pdi.place)
