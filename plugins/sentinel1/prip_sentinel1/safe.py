"""Metadata of products in a SAFE folder: which attribute stands where in ``manifest.safe``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from prip_core import NEVER, AttributeValue, ProductFiles, ProductMetadata, TimeRange, listed_members
from prip_sentinel1.attributes import (
    PLATFORM_SHORT_NAME,
    boolean,
    double,
    integer,
    ordered,
    serial_identifier,
    time,
    typed,
    typed_time,
)
from prip_sentinel1.footprints import closed_coordinates, footprint_of_frames
from prip_sentinel1.manifest import Manifest, read_manifest
from prip_sentinel1.naming import Kind, ProductName

_RADAR = frozenset({Kind.RAW, Kind.IMAGE})
_SIGNAL = _RADAR | {Kind.AUXILIARY_RAW}
_ALL = _SIGNAL | {Kind.HOUSEKEEPING}
_RAW = frozenset({Kind.RAW})
_IMAGE = frozenset({Kind.IMAGE})

_PERIOD = "acquisitionPeriod"
_PLATFORM = "platform"
_PRODUCT = "standAloneProductInformation"
_ORBIT = "orbitReference"
_PROCESSING = "processing"
_QUALITY = "qualityInformation"

_QUICKLOOKS = ("preview/quick-look.png", "preview/thumbnail.png")


class Row(NamedTuple):
    """One line of the attribute table: an attribute, the kinds of product that have it, and where it stands."""

    name: str
    kinds: frozenset[Kind]
    block: str
    path: str
    read: Callable[[str], AttributeValue] = str
    attribute: str = ""


ROWS = (
    Row("beginningDateTime", _ALL, _PERIOD, "startTime", time),
    Row("endingDateTime", _ALL, _PERIOD, "stopTime", time),
    Row("startTimeFromAscendingNode", _SIGNAL, _PERIOD, "extension/timeANX/startTimeANX", double),
    Row("completionTimeFromAscendingNode", _SIGNAL, _PERIOD, "extension/timeANX/stopTimeANX", double),
    Row("platformShortName", _ALL, _PLATFORM, "familyName"),
    Row("platformSerialIdentifier", _ALL, _PLATFORM, "number"),
    Row("instrumentShortName", _SIGNAL, _PLATFORM, "instrument/familyName", attribute="abbreviation"),
    Row("operationalMode", _RADAR, _PLATFORM, "instrument/extension/instrumentMode/mode"),
    Row("swathIdentifier", _RAW, _PLATFORM, "instrument/extension/instrumentMode/swathNumber"),
    Row("swathIdentifier", _IMAGE, _PLATFORM, "instrument/extension/instrumentMode/swath"),
    Row("polarisationChannels", _RADAR, _PRODUCT, "transmitterReceiverPolarisation"),
    Row("productClass", _RADAR, _PRODUCT, "productClass"),
    Row("productConsolidation", _RAW, _PRODUCT, "productConsolidation"),
    Row("instrumentConfigurationID", _RADAR, _PRODUCT, "instrumentConfigurationID", integer),
    Row("datatakeID", _RADAR, _PRODUCT, "missionDataTakeID", integer),
    Row("sliceProductFlag", _RADAR, _PRODUCT, "sliceProductFlag", boolean),
    Row("sliceNumber", _RADAR, _PRODUCT, "sliceNumber", integer),
    Row("totalSlices", _RAW, _PRODUCT, "totalNumberOfSlices", integer),
    Row("totalSlices", _IMAGE, _PRODUCT, "totalSlices", integer),
    Row("segmentStartTime", _IMAGE, _PRODUCT, "segmentStartTime", time),
    Row("productComposition", _IMAGE, _PRODUCT, "productComposition"),
    Row("timeliness", _IMAGE, _PRODUCT, "productTimelinessCategory"),
    Row("orbitNumber", _ALL, _ORBIT, "orbitNumber[@type='start']", integer),
    Row("relativeOrbitNumber", _ALL, _ORBIT, "relativeOrbitNumber[@type='start']", integer),
    Row("cycleNumber", _ALL, _ORBIT, "cycleNumber", integer),
    Row("orbitDirection", _SIGNAL, _ORBIT, "extension/orbitProperties/pass"),
    Row("processingDate", _ALL, _PROCESSING, "", time, "start"),
    Row("processingCenter", _ALL, _PROCESSING, "facility", attribute="site"),
    Row("processorName", _ALL, _PROCESSING, "facility/software", attribute="name"),
    Row("processorName", _ALL, _PROCESSING, "software", attribute="name"),
    Row("processorVersion", _ALL, _PROCESSING, "facility/software", attribute="version"),
    Row("processorVersion", _ALL, _PROCESSING, "software", attribute="version"),
)

_COUNTS = "extension/qualityProperties/"
QUALITY_ROWS = (
    Row("qualityDataObjectID", _RAW, _QUALITY, _COUNTS + "dataObjectID"),
    Row("qualityNumOfElement", _RAW, _QUALITY, _COUNTS + "numOfElements", integer),
    Row("qualityNumOfMissingElements", _RAW, _QUALITY, _COUNTS + "numOfMissingElements", integer),
    Row("qualityNumOfCorruptedElements", _RAW, _QUALITY, _COUNTS + "numOfCorruptedElements", integer),
    Row("qualityNumOfRSIncorrigibleElements", _RAW, _QUALITY, _COUNTS + "numOfRSIncorrigibleElements", integer),
    Row("qualityNumOfRSCorrectedElements", _RAW, _QUALITY, _COUNTS + "numOfRSCorrectedElements", integer),
    Row("qualityNumOfRSCorrectedSymbols", _RAW, _QUALITY, _COUNTS + "numOfRSCorrectedSymbols", integer),
)
"""Of calibration and noise products, for the first measurement."""

_JOINED = ("swathIdentifier", "polarisationChannels")

AUXILIARY_ROWS = (
    Row("beginningDateTime", frozenset({Kind.AUXILIARY}), _PRODUCT, "validity", time),
    Row("productType", frozenset({Kind.AUXILIARY}), _PRODUCT, "auxProductType"),
    Row("productGeneration", frozenset({Kind.AUXILIARY}), _PRODUCT, "generation", time),
    Row("instrumentConfigurationID", frozenset({Kind.AUXILIARY}), _PRODUCT, "instrumentConfigurationId", integer),
    Row("processingDate", frozenset({Kind.AUXILIARY}), _PROCESSING, "", time, "start"),
    Row("processingCenter", frozenset({Kind.AUXILIARY}), _PROCESSING, "facility", attribute="site"),
)


def inspect_safe(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """Metadata of a sensed product (Level 0 to 2).

    :raises ProductRejected: no readable manifest, no sensing period, a malformed value or footprint.
    """
    manifest = read_manifest(files)
    rows = ROWS + QUALITY_ROWS if name.code[9:] in ("C", "N") else ROWS
    frames = manifest.texts("frameSet", "frame/footPrint/coordinates") if name.kind in _RADAR else []
    period = TimeRange(start=_period_time(manifest, "startTime"), end=_period_time(manifest, "stopTime"))
    values = _values(manifest, (row for row in rows if name.kind in row.kinds))
    values |= {"productType": name.code, "coordinates": closed_coordinates(frames)}
    return ProductMetadata(
        content=period,
        attributes=ordered(values),
        footprint=footprint_of_frames(frames),
        quicklooks=_quicklooks(manifest, files),
        generated=processing_start(manifest),
        manifest=listed_members(manifest.root, manifest.member),
    )


def inspect_auxiliary(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """Metadata of an auxiliary file in a SAFE folder; an end of validity that nobody names is ``NEVER``.

    :raises ProductRejected: no readable manifest, or a malformed value.
    """
    manifest = read_manifest(files)
    values = _values(manifest, AUXILIARY_ROWS)
    stated = manifest.text(_PRODUCT, "validity")
    start = typed_time(stated, what="validity", member=manifest.member) if stated else name.start
    period = TimeRange(start=start, end=name.stop or NEVER)
    values |= {
        "productType": values.get("productType", name.code),
        "beginningDateTime": period.start,
        "endingDateTime": period.end,
        "platformShortName": PLATFORM_SHORT_NAME,
        "platformSerialIdentifier": serial_identifier(name.platform),
    }
    return ProductMetadata(
        content=period,
        attributes=ordered(values),
        generated=processing_start(manifest),
        manifest=listed_members(manifest.root, manifest.member),
    )


def processing_start(manifest: Manifest) -> datetime | None:
    """Begin of the outermost processing step, UTC.

    :raises ProductRejected: it is no time.
    """
    text = manifest.text(_PROCESSING, attribute="start")
    return typed_time(text, what="processing/@start", member=manifest.member) if text else None


def _period_time(manifest: Manifest, element: str) -> datetime:
    return typed_time(manifest.text(_PERIOD, element), what=f"{_PERIOD}/{element}", member=manifest.member)


def _values(manifest: Manifest, rows: Iterable[Row]) -> dict[str, AttributeValue | None]:
    values: dict[str, AttributeValue | None] = {}
    for row in rows:
        texts = manifest.texts(row.block, row.path, row.attribute)
        text = ",".join(texts) if row.name in _JOINED else next(iter(texts), None)
        where = f"{row.block}/{row.path}".strip("/") + (f"/@{row.attribute}" if row.attribute else "")
        value = typed(row.read, text or None, what=where, member=manifest.member)
        if value is not None:
            values.setdefault(row.name, value)
    return values


def _quicklooks(manifest: Manifest, files: ProductFiles) -> tuple[str, ...]:
    folder = manifest.member.split("/", maxsplit=1)[0]
    names = set(files.names())
    return tuple(name for name in (f"{folder}/{picture}" for picture in _QUICKLOOKS) if name in names)
