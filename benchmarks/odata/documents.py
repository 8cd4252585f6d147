"""The catalogue that is queried, made by rule: products and quality reports as a delivery point's answer gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from benchmarks.odata.scenes import BASELINE, BEGIN, STEP, Scene, scene
from prip_core.times import format_utc

Document = dict[str, Any]
"""A product as OData gives it with its Attributes."""

REPORTS = 0.77
"""Quality reports among all products: 500 000 beside 150 000 others a day."""

_REPORTS_EACH = 4  # about a product
_STRIP_LASTS = timedelta(seconds=72)
_CHECKS = (
    "FORMAT_CORRECTNESS",
    "GENERAL_QUALITY",
    "GEOMETRIC_QUALITY",
    "SENSOR_QUALITY",
    "RADIOMETRIC_QUALITY",
)
_KEPT_BY_REPORTS = frozenset(
    {
        "productType",
        "platformShortName",
        "platformSerialIdentifier",
        "instrumentShortName",
        "orbitNumber",
        "processingCenter",
        "processingDate",
        "beginningDateTime",
        "endingDateTime",
        "processorVersion",
        "productGroupId",
        "datastripId",
        "qualityStatus",
    }
)


def documents(count: int, reports: float = REPORTS) -> Iterator[Document]:
    """So many products by PublicationDate; those of a smaller count are the beginning of those of a larger one."""
    return (document(number, reports) for number in range(count))


def document(number: int, reports: float = REPORTS) -> Document:
    """A product, or one of the quality reports about a product.

    :param reports: the share of reports, 0 to 1.
    """
    random = Random(number)
    if random.random() < reports:
        return _report(number, random)
    seen = scene(number, random)
    written = _written(seen, random)
    written["Attributes"] = [_attribute(name, value) for name, value in _attributes(seen, random).items()]
    return written


def _written(seen: Scene, random: Random) -> Document:
    uid = f"{random.getrandbits(128):032x}"
    published = format_utc(seen.published)
    ring = ",".join(f"{x} {y}" for x, y in seen.ring)
    return {
        "@odata.mediaContentType": "application/octet-stream",
        "Id": f"{uid[:8]}-{uid[8:12]}-4{uid[13:16]}-8{uid[17:20]}-{uid[20:]}",
        "Name": seen.name,
        "ContentType": "application/octet-stream",
        "ContentLength": int(seen.kind.size * random.uniform(0.6, 1.4)),
        "OriginDate": format_utc(seen.made),
        "PublicationDate": published,
        "Checksum": [
            {"Algorithm": "MD5", "Value": f"{random.getrandbits(128):032x}", "ChecksumDate": published},
            {"Algorithm": "BLAKE3", "Value": f"{random.getrandbits(256):064x}", "ChecksumDate": published},
        ],
        "ProductionType": "systematic_production",
        "ContentDate": {"Start": format_utc(seen.start), "End": format_utc(seen.end)},
        "Footprint": f"geography'SRID=4326;POLYGON(({ring}))'",
        "GeoFootprint": {"type": "Polygon", "coordinates": [seen.ring]},
        "Online": True,
        "EvictionDate": format_utc(seen.published + timedelta(days=7)),
        "ModificationDate": published,
    }


def _attributes(seen: Scene, random: Random) -> dict[str, str | int | float | bool | datetime]:
    level = seen.kind.code[4:7].strip("_") if seen.kind.code.startswith("MSI") else "L0"
    sensed = f"{seen.strip_start:%Y%m%dT%H%M%S}"
    datatake = f"GS2{seen.unit}_{sensed}_{seen.orbit:06d}_N{BASELINE}"
    return {
        "productType": seen.kind.code,
        "platformShortName": "SENTINEL-2",
        "platformSerialIdentifier": seen.unit,
        "instrumentShortName": "MSI",
        "orbitNumber": seen.orbit,
        "relativeOrbitNumber": 1 + seen.orbit % 143,
        "orbitDirection": "DESCENDING" if random.random() < 0.93 else "ASCENDING",
        "processingCenter": seen.centre,
        "processingLevel": level,
        "processingDate": seen.made,
        "beginningDateTime": seen.start,
        "endingDateTime": seen.end,
        "processorName": f"IPF_{level}",
        "processorVersion": BASELINE,
        "datatakeID": datatake,
        "productGroupId": datatake,
        "datastripId": f"S2{seen.unit}_OPER_{seen.kind.code[:7]}_DS_{seen.centre}_{sensed}_S{sensed}_N{BASELINE}",
        "tileId": seen.tile or "NA",
        "detectorId": seen.detector,
        "cloudCover": round(random.uniform(0, 100), 4),
        "operationalMode": "INS-NOBS" if random.random() < 0.97 else random.choice(("INS-VIC", "INS-RAW")),
        "qualityStatus": "NOMINAL" if random.random() < 0.985 else "DEGRADED",
        "cycleNumber": seen.orbit // 143,
        "timeliness": "NOMINAL" if random.random() < 0.9 else "NRT",
        "sliceProductFlag": False,
    }


def _report(number: int, random: Random) -> Document:
    """One of the quality reports about a product: its relations, the datastrip's period, no footprint, a few kilobytes.

    Four numbers in a row are reports about one product, one of each check.
    """
    parent = number - number % _REPORTS_EACH
    seen = scene(parent, Random(parent))
    end = seen.strip_start + _STRIP_LASTS
    check = _CHECKS[(number + number // _REPORTS_EACH) % len(_CHECKS)]
    attributes = {name: value for name, value in _attributes(seen, random).items() if name in _KEPT_BY_REPORTS}
    attributes |= {"productType": "OLQC_REPORT", "beginningDateTime": seen.strip_start, "endingDateTime": end}
    attributes |= {"checkName": check, "parentProduct": seen.name.rpartition(".")[0]}
    return {
        **_written(replace(seen, published=BEGIN + STEP * number), random),
        "Name": f"{seen.name.rpartition('_N')[0]}_{check}_report.xml",
        "ContentLength": random.randrange(3000, 30000),
        "ContentDate": {"Start": format_utc(seen.strip_start), "End": format_utc(end)},
        "Footprint": None,
        "GeoFootprint": None,
        "Attributes": [_attribute(name, value) for name, value in attributes.items()],
    }


def _attribute(name: str, value: str | int | float | bool | datetime) -> Document:
    match value:
        case bool():
            kind = "Boolean"
        case str():
            kind = "String"
        case int():
            kind = "Integer"
        case float():
            kind = "Double"
        case _:
            return {"Name": name, "ValueType": "DateTimeOffset", "Value": format_utc(value)}
    return {"Name": name, "ValueType": kind, "Value": value}
