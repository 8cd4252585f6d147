"""Products of both missions go the whole way: renamed into the inbox, listed, and downloaded byte for byte."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest
import requests
from blake3 import blake3

from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

SENTINEL1 = (
    "IW_RAW__0S",
    "IW_SLC__1S",
    "IW_GRDH_1S",
    "WV_OCN__2S",
    "HK_RAW__0_",
    "AUX_CAL",
    "AUX_POEORB",
    "AUX_OBMEMC",
)
SENTINEL2 = (
    "MSI_L0__GR",
    "MSI_L0__DS",
    "MSI_L1C_TL",
    "MSI_L1C_TC",
    "MSI_L2A_TL",
    "S2MSI1C",
    "S2MSI2A",
    "OLQC_REPORT",
    "PRD_HKTM__",
    "AUX_SADATA",
    "GIP_ATMIMA",
    "AUX_PREORB",
)
SITE = "REFS"
"""The processing centre of the Sentinel-2 products here, which keeps their names from those of other tests."""


def attributes(product: dict[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in product["Attributes"]}


def fetch(point: DeliveryPoint, product: dict[str, Any], **headers: str) -> requests.Response:
    url = f"{point.products_url}({product['Id']})/$value"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(url, auth=point.credentials, headers=named, timeout=120)


def check_bytes(point: DeliveryPoint, product: dict[str, Any], content: bytes) -> None:
    md5 = hashlib.md5(content).hexdigest()
    assert product["ContentLength"] == len(content)
    digests = {each["Algorithm"]: each["Value"] for each in product["Checksum"]}
    assert digests == {"MD5": md5, "BLAKE3": blake3(content).hexdigest()}
    whole = fetch(point, product)
    assert (whole.status_code, whole.headers["ETag"]) == (200, f'"{md5}"')
    assert f'filename="{product["Name"]}"' in whole.headers["Content-Disposition"]
    assert whole.content == content


@pytest.mark.parametrize("product_type", SENTINEL1)
def test_a_sentinel_1_product_arrives_whole(product_type: str, running: DeliveryPoint, tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(product_type=product_type, platform="S1C"), tmp_path)
    product = running.listed(running.deliver(path))
    assert attributes(product)["productType"] == product_type
    assert attributes(product)["platformShortName"] == "SENTINEL-1"
    check_bytes(running, product, path.read_bytes())


@pytest.mark.parametrize("product_type", SENTINEL2)
def test_a_sentinel_2_product_arrives_whole(product_type: str, running: DeliveryPoint, tmp_path: Path) -> None:
    specification = Sentinel2Specification(product_type=product_type, site=SITE, platform="S2C")
    path = build_sentinel2(specification, tmp_path)
    product = running.listed(running.deliver(path))
    assert attributes(product)["productType"] == product_type
    assert attributes(product)["platformSerialIdentifier"] == "C"
    check_bytes(running, product, path.read_bytes())


def test_a_gzipped_tar_is_offered_as_it_was_delivered(running: DeliveryPoint, tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1B_GR", site=SITE), tmp_path)
    path.write_bytes(gzip.compress(path.read_bytes()))
    check_bytes(running, running.listed(running.deliver(path)), path.read_bytes())


def test_a_product_is_downloaded_by_ranges(running: DeliveryPoint, tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1A_GR", site=SITE), tmp_path)
    content = path.read_bytes()
    product = running.listed(running.deliver(path))
    half = len(content) // 2
    etag = f'"{hashlib.md5(content).hexdigest()}"'
    first = fetch(running, product, Range=f"bytes=0-{half - 1}")
    rest = fetch(running, product, Range=f"bytes={half}-", If_Range=etag)
    assert [first.status_code, rest.status_code] == [206, 206]
    assert first.headers["Content-Range"] == f"bytes 0-{half - 1}/{len(content)}"
    assert first.content + rest.content == content
    assert fetch(running, product, Range="bytes=-7").content == content[-7:]
    assert fetch(running, product, Range=f"bytes={len(content)}-").status_code == 416
    assert fetch(running, product, Range="bytes=0-3", If_Range='"other"').content == content
    assert fetch(running, product, If_None_Match=etag).status_code == 304


def test_a_sidecar_is_merged_into_the_product(running: DeliveryPoint, tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1B_GR", site=SITE, detector=7), tmp_path)
    sidecar = {
        "origin_date": "2025-08-01T07:20:30.123Z",
        "production_type": "on_demand_default",
        "campaign": "Collection-9",
        "attributes": {"caduSession": "S2B_20250801071500043890", "downlinkOrbitNumber": 43891},
        "checksum": {"algorithm": "SHA256", "value": hashlib.sha256(path.read_bytes()).hexdigest()},
    }
    product = running.listed(running.deliver(path, sidecar=sidecar))
    assert product["OriginDate"] == "2025-08-01T07:20:30.123Z"
    assert product["ProductionType"] == "on_demand_default"
    expected = {"campaign": "Collection-9", **sidecar["attributes"]}
    assert expected.items() <= attributes(product).items()


def test_a_download_of_what_is_not_there_is_refused(running: DeliveryPoint) -> None:
    missing = {"Id": "00000000-0000-4000-8000-000000000000"}
    assert fetch(running, missing).status_code == 404
    assert requests.get(running.products_url, timeout=120).status_code == 401
