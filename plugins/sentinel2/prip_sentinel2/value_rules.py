"""Rules about the values that were read: there, in range, and possible in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from prip_core import AttributeValue, InspectedProduct, Severity, qc_rule, sensed_after_launch
from prip_sentinel2.naming import Family, inspected_name
from prip_sentinel2.pdi import read_pdi

after_launch = sensed_after_launch(
    {
        "S2A": datetime(2015, 6, 23, tzinfo=UTC),
        "S2B": datetime(2017, 3, 7, tzinfo=UTC),
        "S2C": datetime(2024, 9, 5, tzinfo=UTC),
    }
)
"""Nothing was sensed before its satellite was launched."""

_ALWAYS = ("platformShortName", "productType")
_PERIOD = ("beginningDateTime", "endingDateTime", "processingDate", "processingCenter", "platformSerialIdentifier")
_INVENTORY = (*_ALWAYS, *_PERIOD, "orbitNumber", "qualityInfo", "qualityStatus", "instrumentShortName")
_IMAGE = (*_INVENTORY, "acquisitionStation", "processorVersion", "productGroupId")

MANDATORY: Mapping[Family, tuple[str, ...]] = {
    Family.GRANULE: (*_IMAGE, "cloudCover", "datastripId"),
    Family.DATASTRIP: (*_IMAGE, "operationalMode", "relativeOrbitNumber"),
    Family.TILE: (*_IMAGE, "cloudCover", "datastripId", "illuminationZenithAngle", "tileId"),
    Family.TRUE_COLOUR: (*_IMAGE, "cloudCover", "tileId"),
    Family.SATELLITE_ANCILLARY: (*_INVENTORY, "lastOrbitNumber"),
    Family.HOUSEKEEPING: (*_ALWAYS, *_PERIOD, "orbitNumber"),
    Family.USER_PRODUCT: (*_ALWAYS, *_PERIOD, "datastripId", "productGroupId", "relativeOrbitNumber"),
    Family.QUALITY_REPORT: (*_ALWAYS, "checkName", "processingDate", "qualityStatus"),
    Family.AUXILIARY: (*_ALWAYS, "beginningDateTime", "endingDateTime", "processingDate"),
    Family.MISSION_PLANNING: (*_ALWAYS, "beginningDateTime", "endingDateTime"),
}
"""The attributes that a product of each family must have."""


@qc_rule("QC-10")
def mandatory_attributes_present(product: InspectedProduct) -> Iterator[str]:
    """Every attribute that a product of this kind must have is known.

    (The true colour images of 2019 name no datastrip.)
    """
    known = _values(product)
    for name in MANDATORY[inspected_name(product).family]:
        if name not in known:
            yield f"the attribute {name} is not known: the metadata field that gives it is missing or empty"


@qc_rule("QC-14", severity=Severity.WARNING)
def values_in_range(product: InspectedProduct) -> Iterator[str]:
    """Clouds cover 0 to 100 per cent, zenith angles are 0 to 180 degrees, and orbits count from one."""
    known = _values(product)
    yield from _outside(known, "cloudCover", 0, 100)
    yield from _outside(known, "illuminationZenithAngle", 0, 180)
    for name in ("orbitNumber", "lastOrbitNumber"):
        yield from _outside(known, name, 1, 999_999)
    yield from _outside(known, "relativeOrbitNumber", 1, 143)


OVERHEAD_LIMIT = 1024 * 1024
"""How many bytes a delivered file may have beyond its data, for what packs and describes them (a real tile: 108 kB)."""


@qc_rule("QC-15", severity=Severity.WARNING)
def data_size_fits(product: InspectedProduct) -> Iterator[str]:
    """The inventory's Data_Size is no more than the delivered file has, and little less."""
    stated, files = read_pdi(inspected_name(product), product.files).inventory.data_size, product.files
    # A collector may have gzipped the tar: then its members tell what it had.
    unfolded = product.size if files.container in {"file", "tar"} else sum(map(files.size, files.names()))
    if stated is not None and not stated <= unfolded <= stated + OVERHEAD_LIMIT:
        yield f"Data_Size is {stated}, the delivered file has {unfolded} bytes"


def _outside(known: Mapping[str, AttributeValue], name: str, lowest: float, highest: float) -> Iterator[str]:
    value = known.get(name)
    if isinstance(value, int | float) and not lowest <= value <= highest:
        yield f"{name} is {value}, expected {lowest} to {highest}"


def _values(product: InspectedProduct) -> Mapping[str, AttributeValue]:
    return {attribute.name: attribute.value for attribute in product.metadata.attributes}
