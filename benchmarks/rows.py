"""A catalogue made by rule: the same products for the same count, a quarter images and three quarters reports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prip_core.model import Attribute, AttributeValue, Checksum, Footprint, ProductionType, TimeRange
from prip_core.products import NewProduct, PublishedProduct
from prip_core.times import NEVER

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=130)
"""Between two publications: 7.5 a second, the load of a delivery point of its kind."""

_REPORTS_IN_100 = 77


def rows(count: int) -> Iterator[PublishedProduct]:
    """So many products, oldest first; those of a smaller count are the beginning of those of a larger one."""
    for number in range(count):
        published = BEGIN + STEP * number
        product = _report(number, published) if number % 100 < _REPORTS_IN_100 else _tile(number, published)
        yield PublishedProduct(product=product, publication_date=published, modification_date=published, online=True)


def _tile(number: int, published: datetime) -> NewProduct:
    sensing = published - timedelta(hours=2)
    tile = f"{number % 60 + 1:02d}{'CDEFGHJKLMNPQRSTUVWX'[number % 20]}{'ABCDEFGH'[number % 8]}{'JKLMNP'[number % 6]}"
    name = f"S2B_OPER_MSI_L1C_TL_2BPS_{published:%Y%m%dT%H%M%S}_A{number % 60000:06d}_T{tile}_N05.11.tar"
    attributes = {
        **_common(number, sensing, "MSI_L1C_TL"),
        "tileId": tile,
        "cloudCover": float(number * 37 % 1000) / 10,
        "processingLevel": "Level-1C",
        "processingBaseline": "05.11",
        "operationalMode": "INS-NOBS",
        "orbitDirection": "DESCENDING",
        "productGroupId": f"GS2B_{sensing:%Y%m%dT%H}0000_{number % 60000:06d}_N05.11",
        "datastripId": f"S2B_OPER_MSI_L1C_DS_2BPS_{published:%Y%m%dT%H}0000_S{sensing:%Y%m%dT%H}0000_N05.11",
        "qualityStatus": "NOMINAL",
        "qualityInfo": 100,
        "illuminationZenithAngle": float(number % 90),
        "acquisitionStation": "EDRS",
        "downlinkOrbitNumber": number % 60000,
        "datatakeType": "INS-NOBS",
    }
    west, south = float(number % 350 - 175), float(number % 150 - 75)
    ring = ((west, south), (west + 1, south), (west + 1, south + 1), (west, south + 1), (west, south))
    return _product(number, name, published, "MSI_L1C_TL", attributes, Footprint(polygons=(ring,)))


def _report(number: int, published: datetime) -> NewProduct:
    sensing = published - timedelta(hours=2)
    name = (
        f"S2B_OPER_MSI_L0__GR_2BPS_{published:%Y%m%dT%H%M%S}_S{sensing:%Y%m%dT%H%M%S}_D{number % 12 + 1:02d}"
        f"_{number:08d}_GENERAL_QUALITY_report.xml"
    )
    attributes = {**_common(number, sensing, "OLQC_REPORT"), "globalStatus": "PASSED"}
    return _product(number, name, published, "OLQC_REPORT", attributes, None)


def _common(number: int, sensing: datetime, product_type: str) -> dict[str, AttributeValue]:
    return {
        "productType": product_type,
        "platformShortName": "SENTINEL-2",
        "platformSerialIdentifier": "AB"[number % 2],
        "instrumentShortName": "MSI",
        "orbitNumber": number % 60000,
        "relativeOrbitNumber": number % 143 + 1,
        "beginningDateTime": sensing,
        "endingDateTime": sensing + timedelta(seconds=3),
        "processingDate": sensing + timedelta(hours=1),
        "processingCenter": "2BPS",
        "processorVersion": "05.11",
    }


def _product(
    number: int,
    name: str,
    published: datetime,
    product_type: str,
    attributes: dict[str, AttributeValue],
    footprint: Footprint | None,
) -> NewProduct:
    digest = hashlib.md5(name.encode(), usedforsecurity=False)
    uuid = UUID(bytes=digest.digest(), version=4)
    start = published - timedelta(hours=2)
    return NewProduct(
        id=uuid,
        name=name,
        product_type=product_type,
        mission="sentinel2",
        content_type="application/octet-stream",
        content_length=1000 + number,
        content=TimeRange(start=start, end=start + timedelta(seconds=3)),
        origin_date=published - timedelta(hours=1),
        origin_estimated=False,
        eviction_date=NEVER,
        production_type=ProductionType.SYSTEMATIC,
        checksums=(Checksum(algorithm="MD5", value=digest.hexdigest(), date=published),),
        footprint=footprint,
        attributes=tuple(Attribute(name=key, value=value) for key, value in attributes.items()),
        indexed=("cloudCover",) if "cloudCover" in attributes else (),
        storage="archive",
        key=f"{product_type}/{published:%Y/%m/%d}/{uuid}/{name}",
    )
