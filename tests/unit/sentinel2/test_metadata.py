"""What the adapter reads from products of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prip_core import NEVER, InspectedProduct, ProductRejected
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

Deliver = Callable[[Path], InspectedProduct]

SENSING = datetime(2025, 8, 1, 7, 6, 20, 464000, tzinfo=UTC)
STOP = datetime(2025, 8, 1, 7, 8, 26, 736000, tzinfo=UTC)
MADE = datetime(2025, 8, 1, 7, 40, 20, tzinfo=UTC)
GROUP = "GS2B_20250801T070619_043890_N05.11"

PLATFORM = {"platformSerialIdentifier": "B", "platformShortName": "SENTINEL-2"}
QUALITY = {"qualityStatus": "NOMINAL", "qualityInfo": 100}
IMAGE = {
    **PLATFORM,
    **QUALITY,
    "acquisitionStation": "EDRS",
    "instrumentShortName": "MSI",
    "processingCenter": "2BPS",
    "processorVersion": "05.11",
    "productGroupId": GROUP,
    "orbitNumber": 43890,
    "beginningDateTime": SENSING,
    "processingDate": MADE,
}
INSTANT = {**IMAGE, "endingDateTime": SENSING}
DATASTRIP = {
    **IMAGE,
    "endingDateTime": STOP,
    "operationalMode": "INS-NOBS",
    "relativeOrbitNumber": 106,
    "downlinkOrbitNumber": 43890,
}
USER_PRODUCT = {
    **PLATFORM,
    **QUALITY,
    "granuleIdentifier": "S2B_OPER_MSI_{level}_TL_2BPS_20250801T074020_A043890_T47XMH_N05.11",
    "instrumentShortName": "MSI",
    "operationalMode": "INS-NOBS",
    "orbitDirection": "DESCENDING",
    "processingBaseline": "05.11",
    "processingCenter": "2BPS",
    "processingLevel": "Level-{digits}",
    "processorVersion": "05.11",
    "productGroupId": GROUP,
    "tileId": "47XMH",
    "orbitNumber": 43890,
    "relativeOrbitNumber": 106,
    "cloudCover": 12.5,
    "illuminationZenithAngle": 61.733,
    "beginningDateTime": SENSING - timedelta(seconds=1.44),
    "endingDateTime": SENSING - timedelta(seconds=1.44),
    "processingDate": MADE,
}
PERIOD = {"beginningDateTime": SENSING, "endingDateTime": STOP, "processingDate": MADE}
CLOUDS = {"cloudCover": 12.5}
SUN = {**CLOUDS, "illuminationZenithAngle": 61.733}
HEADER = {**PLATFORM, **PERIOD, "processingCenter": "2BPS", "processorVersion": "2.0"}

EXPECTED = {
    "MSI_L0__GR": {**INSTANT, **CLOUDS, "datastripId": "{strip}"},
    "MSI_L1A_GR": {**INSTANT, **SUN, "datastripId": "{strip}"},
    "MSI_L1B_GR": {**INSTANT, **SUN, "datastripId": "{strip}"},
    "MSI_L0__DS": DATASTRIP,
    "MSI_L1A_DS": DATASTRIP,
    "MSI_L1B_DS": DATASTRIP,
    "MSI_L1C_DS": DATASTRIP,
    "MSI_L2A_DS": DATASTRIP,
    "MSI_L1C_TL": {**INSTANT, **SUN, "datastripId": "{strip}", "tileId": "47XMH"},
    "MSI_L2A_TL": {**INSTANT, **SUN, "datastripId": "{strip}", "tileId": "47XMH"},
    "MSI_L1C_TC": {**INSTANT, **CLOUDS, "dsParentId": "{strip}", "tileId": "47XMH"},
    "MSI_L2A_TC": {**INSTANT, **CLOUDS, "dsParentId": "{strip}", "tileId": "47XMH"},
    "PRD_HKTM__": {
        **PLATFORM,
        **PERIOD,
        "instrumentShortName": "HKTM",
        "processingCenter": "2BPS",
        "orbitNumber": 43890,
        "lastOrbitNumber": 43890,
        "relativeOrbitNumber": 106,
    },
    "AUX_SADATA": {
        **PLATFORM,
        **PERIOD,
        **QUALITY,
        "instrumentShortName": "SAD",
        "processingCenter": "2BPS",
        "orbitNumber": 43890,
        "lastOrbitNumber": 43890,
    },
    "GIP_DATATI": {**HEADER, "endingDateTime": datetime(2100, 1, 1, tzinfo=UTC)},
    "AUX_UT1UTC": HEADER,
    "AUX_RESORB": HEADER,
    "MPL_ORBPRE": HEADER,
    "S2MSI1C": {**USER_PRODUCT, "datastripId": "{strip}"},
    "S2MSI2A": {**USER_PRODUCT, "datastripId": "{strip}"},
    "OLQC_REPORT": {
        **PLATFORM,
        "checkName": "GENERAL_QUALITY",
        "instrumentShortName": "MSI",
        "parentProduct": "S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T070620_D04_N05.11",
        "processingCenter": "2BPS",
        "processorVersion": "01.06.04",
        "qualityStatus": "NOMINAL",
        "beginningDateTime": SENSING.replace(microsecond=0),
        "endingDateTime": SENSING.replace(microsecond=0),
        "processingDate": MADE,
    },
}

TYPE_ORDER = [str, int, float, bool, datetime]


def known(product: InspectedProduct) -> dict[str, object]:
    return {attribute.name: attribute.value for attribute in product.metadata.attributes}


@pytest.mark.parametrize("code", EXPECTED)
def test_attributes_of_every_kind(code: str, tmp_path: Path, deliver: Deliver) -> None:
    product = deliver(build_sentinel2(Sentinel2Specification(product_type=code), tmp_path))
    level = f"L{code[5:]}" if code.startswith("S2MSI") else code[4:7]
    words = {
        "strip": f"S2B_OPER_MSI_{level}_DS_2BPS_20250801T074020_S20250801T070620_N05.11",
        "level": level,
        "digits": level.strip("L_"),
    }
    expected = {
        name: value.format(**words) if isinstance(value, str) else value for name, value in EXPECTED[code].items()
    }
    assert known(product) == {**expected, "productType": code}
    places = [(TYPE_ORDER.index(type(entry.value)), entry.name) for entry in product.metadata.attributes]
    assert places == sorted(places)
    assert product.identity.product_type.code == code


@pytest.mark.parametrize(
    "code, parent",
    [
        ("MSI_L0__GR", "S2B_OPER_MSI_L0__DS_2BPS_20250801T074020_S20250801T070600_N05.11"),
        ("MSI_L1C_TL", "S2B_OPER_MSI_L1C_DS_2BPS_20250801T074020_S20250801T070600_N05.11"),
        ("MSI_L2A_TC", "S2B_OPER_MSI_L2A_DS_2BPS_20250801T074020_S20250801T070600_N05.11"),
        ("S2MSI1C", "S2B_OPER_MSI_L1C_DS_2BPS_20250801T074020_S20250801T070600_N05.11"),
        ("MSI_L1C_DS", None),
        ("AUX_SADATA", None),
        ("OLQC_REPORT", "S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T070620_D04_N05.11"),
    ],
)
def test_the_parent_is_the_datastrip_or_what_a_report_is_about(
    code: str, parent: str | None, tmp_path: Path, deliver: Deliver
) -> None:
    begin = SENSING - timedelta(seconds=20)
    specification = Sentinel2Specification(product_type=code, datastrip_sensing=begin)
    assert deliver(build_sentinel2(specification, tmp_path)).metadata.parent == parent


@pytest.mark.parametrize(
    "code, part",
    [
        ("MSI_L0__DS", "S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T07062{}_D04_N05.11"),
        ("MSI_L1C_DS", "S2B_OPER_MSI_L1C_TL_2BPS_20250801T074020_A043890_T47XM{}_N05.11"),
    ],
)
def test_a_datastrip_names_its_parts(code: str, part: str, tmp_path: Path, deliver: Deliver) -> None:
    parts = (part.format("0"), part.format("4"))
    product = deliver(build_sentinel2(Sentinel2Specification(product_type=code, parts=parts), tmp_path))
    assert product.metadata.parts == parts
    assert product.metadata.generated == MADE


def test_only_level_0_datastrips_have_quicklooks(tmp_path: Path, deliver: Deliver) -> None:
    strip = deliver(build_sentinel2(Sentinel2Specification(product_type="MSI_L0__DS"), tmp_path))
    assert [name[-7:] for name in strip.metadata.quicklooks] == [
        f"{b}.jp2" for b in ("B02", "B03", "B04", "B10", "B11")
    ]
    assert set(strip.metadata.quicklooks) <= set(strip.files.names())
    tile = deliver(build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_TL"), tmp_path))
    assert tile.metadata.quicklooks == ()


@pytest.mark.parametrize(
    "code, overrides",
    [
        (
            "MSI_L0__GR",
            {"Validity_Start": "UTC=2025-08-01T07:06:20.000464", "Validity_Stop": "UTC=2025-08-01T07:06:20"},
        ),
        ("MSI_L1C_TL", {"Validity_Start": "UTC=2025-08-01T07:06:20.000464"}),
        (
            "MSI_L0__DS",
            {"Validity_Start": "UTC=2025-08-01T07:06:20.000000", "Validity_Stop": "UTC=2025-08-01T07:08:26.000736"},
        ),
    ],
)
def test_misplaced_milliseconds_of_the_inventory_are_passed_over(
    code: str, overrides: dict[str, str | None], tmp_path: Path, deliver: Deliver
) -> None:
    product = deliver(build_sentinel2(Sentinel2Specification(product_type=code, overrides=overrides), tmp_path))
    assert product.metadata.content.start == SENSING == known(product)["beginningDateTime"]
    assert product.metadata.content.end == (STOP if code.endswith("_DS") else SENSING)


def test_the_inventory_gives_the_period_that_the_metadata_file_lacks(tmp_path: Path, deliver: Deliver) -> None:
    lacking = Sentinel2Specification(product_type="MSI_L1C_TL", overrides={"SENSING_TIME": None})
    assert deliver(build_sentinel2(lacking, tmp_path)).metadata.content.start == SENSING


@pytest.mark.parametrize(
    "element, attribute",
    [
        ("Parent_ID", None),
        ("Group_ID", "productGroupId"),
        ("CloudPercentage", "cloudCover"),
        ("ZENITH_ANGLE", "illuminationZenithAngle"),
        ("Acquisition_Station", "acquisitionStation"),
    ],
)
def test_what_is_not_known_is_left_out(element: str, attribute: str | None, tmp_path: Path, deliver: Deliver) -> None:
    whole = Sentinel2Specification(product_type="MSI_L1C_TL")
    before = known(deliver(build_sentinel2(whole, tmp_path)))
    after = known(deliver(build_sentinel2(replace(whole, overrides={element: None}), tmp_path)))
    assert before.keys() - after.keys() == ({attribute} if attribute else set())


@pytest.mark.parametrize("quality, status, info", [(100.0, "NOMINAL", 100), (87.5, "DEGRADED", 87)])
def test_less_than_full_quality_is_degraded(
    quality: float, status: str, info: int, tmp_path: Path, deliver: Deliver
) -> None:
    found = known(deliver(build_sentinel2(Sentinel2Specification(quality=quality), tmp_path)))
    assert (found["qualityStatus"], found["qualityInfo"]) == (status, info)


@pytest.mark.parametrize(
    "reported, check, expected",
    [
        ("MSI_L0__GR", "SENSOR_QUALITY", {"beginningDateTime", "endingDateTime"}),
        ("MSI_L1C_DS", "GEOMETRIC_QUALITY", {"beginningDateTime", "datastripId"}),
        ("MSI_L1C_DS", "OLQC", {"beginningDateTime", "datastripId"}),
        ("MSI_L2A_TL", "FORMAT_CORRECTNESS", set()),
    ],
)
def test_a_report_knows_of_its_product_what_its_name_says(
    reported: str, check: str, expected: set[str], tmp_path: Path, deliver: Deliver
) -> None:
    specification = Sentinel2Specification(product_type="OLQC_REPORT", reported=reported, check=check)
    product = deliver(build_sentinel2(specification, tmp_path))
    found = known(product)
    assert found["checkName"] == check
    assert found.keys() & {"beginningDateTime", "endingDateTime", "datastripId"} == expected
    assert product.metadata.parent == found["parentProduct"]


def test_a_failed_report_is_degraded(tmp_path: Path, deliver: Deliver) -> None:
    failed = Sentinel2Specification(product_type="OLQC_REPORT", status="FAILED")
    assert known(deliver(build_sentinel2(failed, tmp_path)))["qualityStatus"] == "DEGRADED"


def test_the_name_describes_an_auxiliary_file_without_header(tmp_path: Path, deliver: Deliver) -> None:
    path = tmp_path / "S2__OPER_DEM_GLOBEF_PDMC_19800101T000000_S19800201T000000"
    path.write_bytes(b"heights")
    product = deliver(path)
    assert (product.metadata.content.start, product.metadata.content.end) == (datetime(1980, 2, 1, tzinfo=UTC), NEVER)
    assert known(product)["processingCenter"] == "PDMC"
    assert "platformSerialIdentifier" not in known(product)


REJECTED = [
    ("MSI_L1C_TL", {"without": ("Inventory_Metadata.xml",)}, "QC-06", "Inventory_Metadata.xml is missing"),
    ("MSI_L1C_TL", {"without": ("_T47XMH.xml",)}, "QC-06", "MTD"),
    ("MSI_L1C_TC", {"without": ("Inventory_Metadata.xml",)}, "QC-06", "Inventory_Metadata box"),
    ("PRD_HKTM__", {"without": ("manifest.safe",)}, "QC-06", "manifest.safe is missing"),
    ("GIP_DATATI", {"without": (".HDR",)}, "QC-06", "header of S2B_OPER_GIP_DATATI"),
    ("S2MSI1C", {"without": ("MTD_MSIL1C.xml",)}, "QC-06", "MTD_MSIL1C.xml is missing"),
    ("MSI_L1C_TL", {"replaced": {"Inventory_Metadata.xml": b"<broken"}}, "QC-07", "not well-formed"),
    ("MSI_L1C_TC", {"replaced": {"Inventory_Metadata.xml": b"<broken"}}, "QC-07", "not well-formed"),
    ("MSI_L1C_TL", {"replaced": {"Inventory_Metadata.xml": b"<Other/>"}}, "QC-07", "expected Inventory_Metadata"),
    ("MSI_L0__GR", {"replaced": {"_D04.xml": b"<Level-1A_Granule_ID/>"}}, "QC-07", "expected Level-0_Granule_ID"),
    ("OLQC_REPORT", {"replaced": {".xml": b"<Other/>"}}, "QC-07", "expected Earth_Explorer_File"),
    ("OLQC_REPORT", {"replaced": {".xml": b"<Earth_Explorer_File/>"}}, "QC-10", "report is missing"),
    ("MSI_L1C_TL", {"overrides": {"Generation_Time": None}}, "QC-10", "Generation_Time is missing"),
    ("MSI_L1C_TL", {"overrides": {"Generation_Time": "yesterday"}}, "QC-10", "expected a time"),
    ("MSI_L1C_TL", {"overrides": {"Start_Orbit_Number": "many"}}, "QC-10", "expected a whole number"),
    ("MSI_L1C_TL", {"overrides": {"CloudPercentage": "nan"}}, "QC-10", "expected a number"),
    ("MSI_L1C_TL", {"overrides": {"LATITUDE": "north"}}, "QC-10", "no number"),
    ("GIP_DATATI", {"overrides": {"Validity_Start": None}}, "QC-10", "Validity_Start is missing"),
    ("AUX_RESORB", {"replaced": {".EOF": b"<Earth_Explorer_File/>"}}, "QC-10", "Fixed_Header is missing"),
    ("PRD_HKTM__", {"replaced": {"manifest.safe": b"<XFDU/>"}}, "QC-10", "acquisitionPeriod is missing"),
    ("S2MSI2A", {"replaced": {"MTD_MSIL2A.xml": b"<Level-2A_User_Product/>"}}, "QC-10", "Product_Info is missing"),
]


@pytest.mark.parametrize("code, fault, rule, message", REJECTED)
def test_missing_or_malformed_metadata_are_refused(
    code: str, fault: dict[str, object], rule: str, message: str, tmp_path: Path, deliver: Deliver
) -> None:
    path = build_sentinel2(replace(Sentinel2Specification(product_type=code), **fault), tmp_path)
    with pytest.raises(ProductRejected, match=message) as refusal:
        deliver(path)
    assert refusal.value.findings[0].rule == rule


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("S2B_OPER_MSI_L1C_TC_2BPS_20250801T074020_A043890_T47XMH_N05.11.jp2", b"\x89PNG" * 20, "JPEG 2000"),
        (
            "S2B_OPER_MSI_L1C_TC_2BPS_20250801T074020_A043890_T47XMH_N05.11.jp2",
            bytes.fromhex("0000000C6A5020200D0A870A") + b"\x00\x00\x10\x00xml <a/>",
            "cut off",
        ),
        (
            "S2B_OPER_MSI_L1C_TC_2BPS_20250801T074020_A043890_T47XMH_N05.11.jp2",
            bytes.fromhex("0000000C6A5020200D0A870A") + b"\x00\x00\x00\x08free" * 1001,
            "more than 1000 boxes",
        ),
        ("S2B_OPER_GIP_DATATI_MPC__20170428T123038_V20170322T000000_B00.TGZ", b"plain", "no gzipped tar"),
        ("S2B_OPER_DEM_GLOBEF_MPC__20171328T123038", b"plain", "no time"),
    ],
)
def test_files_that_are_not_what_their_name_says_are_refused(
    name: str, content: bytes, message: str, tmp_path: Path, deliver: Deliver
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ProductRejected, match=message):
        deliver(path)
