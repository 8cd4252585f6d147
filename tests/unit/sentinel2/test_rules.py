"""Every quality rule, on products that are right and on products with one fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prip_core import InspectedProduct, ProductType, Severity, open_product
from prip_core.testing.packages import write_gzipped_tar, write_tar, write_zip
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from prip_sentinel2.product_types import PRODUCT_TYPES
from prip_sentinel2.rules import rules_for

Deliver = Callable[[Path], InspectedProduct]

KINDS = [
    *("MSI_L0__GR", "MSI_L1A_GR", "MSI_L1B_GR", "MSI_L0__DS", "MSI_L1A_DS", "MSI_L1B_DS", "MSI_L1C_DS", "MSI_L2A_DS"),
    *("MSI_L1C_TL", "MSI_L2A_TL", "MSI_L1C_TC", "MSI_L2A_TC", "PRD_HKTM__", "AUX_SADATA", "GIP_DATATI", "AUX_UT1UTC"),
    *("AUX_RESORB", "MPL_ORBPRE", "DEM_GLOBEF", "S2MSI1A", "S2MSI1B", "S2MSI1C", "S2MSI2A", "OLQC_REPORT"),
]


def findings(product: InspectedProduct) -> list[tuple[str, str, str]]:
    rules = rules_for(product.identity.product_type)
    return [(found.rule, found.severity.value, found.message) for rule in rules for found in rule(product)]


@pytest.mark.parametrize("code", KINDS)
def test_a_product_that_is_right_has_no_finding(code: str, tmp_path: Path, deliver: Deliver) -> None:
    assert rules_for(PRODUCT_TYPES[code])
    assert findings(deliver(build_sentinel2(Sentinel2Specification(product_type=code), tmp_path))) == []


@pytest.mark.parametrize("platform", ["S2A", "S2C", "S2D"])
def test_all_satellites_are_alike(platform: str, tmp_path: Path, deliver: Deliver) -> None:
    for code in ("MSI_L1C_TL", "PRD_HKTM__", "S2MSI2A"):
        specification = Sentinel2Specification(product_type=code, platform=platform)
        assert findings(deliver(build_sentinel2(specification, tmp_path))) == []


@pytest.mark.parametrize("check, reported", [("OLQC", "MSI_L1C_DS"), ("GEOMETRIC_QUALITY", "MSI_L2A_TL")])
def test_reports_of_all_forms_are_consistent(check: str, reported: str, tmp_path: Path, deliver: Deliver) -> None:
    for status in ("PASSED", "FAILED"):
        specification = Sentinel2Specification(
            product_type="OLQC_REPORT", check=check, reported=reported, status=status
        )
        found = findings(deliver(build_sentinel2(specification, tmp_path)))
        assert {entry[:2] for entry in found} == ({("QC-17", "warning")} if status == "FAILED" else set())


def fault(**fields: object) -> Mapping[str, object]:
    return fields


def element(name: str, text: str | None) -> Mapping[str, object]:
    return {"overrides": {name: text}}


ERROR, WARNING = Severity.ERROR.value, Severity.WARNING.value
LATE = datetime(2027, 1, 1, tzinfo=UTC)
EARLY = datetime(2016, 1, 1, tzinfo=UTC)

FAULTS = [
    ("MSI_L1C_TL", fault(file_class="TEST"), "QC-01", ERROR, "the file class is TEST"),
    ("GIP_DATATI", fault(file_class="TEST"), "QC-01", ERROR, "the file class is TEST"),
    ("MSI_L0__GR", fault(without=("manifest.safe",)), "QC-06", ERROR, "manifest.safe is missing"),
    ("S2MSI1C", fault(without=("manifest.safe",)), "QC-06", ERROR, "manifest.safe is missing"),
    ("GIP_DATATI", fault(without=(".DBL",)), "QC-06", ERROR, "the .DBL file is missing"),
    ("AUX_UT1UTC", fault(without=(".DBL",)), "QC-06", ERROR, "the .DBL file is missing"),
    ("MSI_L0__GR", fault(replaced={"manifest.safe": b"<XFDU"}), "QC-07", ERROR, "not well-formed"),
    ("MSI_L0__GR", fault(replaced={"manifest.safe": b"<Other/>"}), "QC-07", ERROR, "root element is Other"),
    ("MSI_L1C_TL", fault(replaced={"GENERAL_QUALITY_report.xml": b"<a>"}), "QC-07", ERROR, "not well-formed"),
    ("MSI_L1C_TL", fault(replaced={"GENERAL_QUALITY_report.xml": b"<a/>"}), "QC-07", ERROR, "root element is a"),
    ("MSI_L1C_TL", element("Acquisition_Station", None), "QC-10", ERROR, "acquisitionStation is not known"),
    ("MSI_L1C_TC", element("CloudPercentage", None), "QC-10", ERROR, "cloudCover is not known"),
    ("MSI_L1C_DS", element("DATATAKE_TYPE", None), "QC-10", ERROR, "operationalMode is not known"),
    ("AUX_SADATA", element("Quality_Info", ""), "QC-10", ERROR, "qualityInfo is not known"),
    ("PRD_HKTM__", element("orbitReference", None), "QC-10", ERROR, "orbitNumber is not known"),
    ("MSI_L1C_TL", element("File_ID", "X"), "QC-11", ERROR, "File_ID is X, the name says S2B_OPER_MSI_L1C_TL"),
    ("MSI_L1C_TC", element("File_Name", "X"), "QC-11", ERROR, "File_Name is X"),
    ("MSI_L1C_DS", element("File_Type", "MSI_L1B_DS"), "QC-11", ERROR, "File_Type is MSI_L1B_DS"),
    ("MSI_L0__GR", element("Satellite_Code", "S2A"), "QC-11", ERROR, "Satellite_Code is S2A, the name says S2B"),
    ("MSI_L1C_TL", element("Processing_Station", "2APS"), "QC-11", ERROR, "Processing_Station is 2APS"),
    ("MSI_L1C_TL", element("File_Version", "05.10"), "QC-11", ERROR, "File_Version is 05.10, the name says 05.11"),
    ("MSI_L0__GR", element("Detector", "05"), "QC-11", ERROR, "Detector is 05, the name says 04"),
    ("MSI_L0__GR", element("DETECTOR_ID", "05"), "QC-11", ERROR, "DETECTOR_ID is 05, the name says 04"),
    ("MSI_L1C_TL", element("Start_Orbit_Number", "000007"), "QC-11", ERROR, "Start_Orbit_Number is 7"),
    ("AUX_SADATA", element("Start_Orbit_Number", "000007"), "QC-11", ERROR, "Start_Orbit_Number is 7"),
    ("MSI_L0__GR", element("GRANULE_ID", "X"), "QC-11", ERROR, "GRANULE_ID is X"),
    ("MSI_L2A_TL", element("TILE_ID", "X"), "QC-11", ERROR, "TILE_ID is X"),
    ("MSI_L2A_TL", element("DATASTRIP_ID", "X"), "QC-11", ERROR, "DATASTRIP_ID is X, Parent_ID of the inventory says"),
    ("MSI_L1C_DS", element("Group_ID", "X"), "QC-11", ERROR, "datatakeIdentifier is GS2B"),
    ("MSI_L1C_TL", element("Generation_Time", "UTC=2025-08-01T07:40:22"), "QC-11", ERROR, "Generation_Time is"),
    ("MSI_L0__GR", element("SENSING_TIME", "2025-08-01T07:06:22.464Z"), "QC-11", ERROR, "the begin of sensing is"),
    ("AUX_SADATA", element("Validity_Stop", "UTC=2025-08-01T07:09:26"), "QC-11", ERROR, "Validity_Stop is"),
    ("MSI_L1C_DS", element("Validity_Stop", "UTC=2025-08-01T07:08:28"), "QC-11", WARNING, "Validity_Stop of the inv"),
    ("PRD_HKTM__", element("number", "A"), "QC-11", ERROR, "platform/number is A, the name says B"),
    ("PRD_HKTM__", element("startTime", "2025-08-01T07:06:10Z"), "QC-11", ERROR, "startTime is"),
    ("PRD_HKTM__", element("stopTime", "2025-08-01T07:08:20Z"), "QC-11", ERROR, "stopTime is"),
    ("GIP_DATATI", element("File_Name", "X"), "QC-11", ERROR, "File_Name is X"),
    ("MPL_ORBPRE", element("File_Type", "MPL_ORBRES"), "QC-11", ERROR, "File_Type is MPL_ORBRES"),
    ("S2MSI1C", element("PRODUCT_URI", "X.SAFE"), "QC-11", ERROR, "PRODUCT_URI is X"),
    ("S2MSI1C", element("PRODUCT_TYPE", "S2MSI2A"), "QC-11", ERROR, "PRODUCT_TYPE is S2MSI2A"),
    ("S2MSI1C", element("PROCESSING_BASELINE", "05.10"), "QC-11", ERROR, "PROCESSING_BASELINE is 0510"),
    ("S2MSI1C", element("SENSING_ORBIT_NUMBER", "7"), "QC-11", ERROR, "SENSING_ORBIT_NUMBER is 7"),
    ("S2MSI1C", element("SPACECRAFT_NAME", "Sentinel-2A"), "QC-11", ERROR, "SPACECRAFT_NAME is A"),
    ("S2MSI1C", element("PRODUCT_START_TIME", "2025-08-01T07:06:10Z"), "QC-11", ERROR, "PRODUCT_START_TIME is"),
    ("MSI_L1C_DS", fault(duration=timedelta(seconds=-9)), "QC-12", ERROR, "before it begins"),
    ("MSI_L1C_TL", fault(sensing=EARLY), "QC-12", ERROR, "before the launch of S2B on 2017-03-07"),
    ("MSI_L1C_TL", fault(created=EARLY + timedelta(days=800)), "QC-12", WARNING, "before sensing ended"),
    ("MSI_L1C_TL", fault(sensing=LATE), "QC-12", ERROR, "which is later than now, 2026-11-01"),
    ("MSI_L0__GR", fault(sensing=LATE), "QC-12", ERROR, "which is later than now"),
    ("PRD_HKTM__", fault(sensing=LATE), "QC-12", ERROR, "which is later than now"),
    ("MSI_L1C_DS", fault(ring=()), "QC-13", ERROR, "no footprint"),
    ("S2MSI1C", fault(ring=(), replaced={}) | element("Geometric_Info", None), "QC-13", ERROR, "no footprint"),
    ("MSI_L1C_TL", fault(cloud_cover=100.5), "QC-14", WARNING, "cloudCover is 100.5, expected 0 to 100"),
    ("MSI_L1C_TL", fault(sun_zenith=-1.0), "QC-14", WARNING, "illuminationZenithAngle is -1.0"),
    ("MSI_L1C_DS", fault(orbit=0), "QC-14", WARNING, "orbitNumber is 0"),
    ("PRD_HKTM__", fault(relative_orbit=144), "QC-14", WARNING, "relativeOrbitNumber is 144"),
    ("MSI_L1C_TL", element("Data_Size", "900000000"), "QC-15", WARNING, "Data_Size is 900000000, the delivered file"),
    (
        "MSI_L1C_TL",
        fault(size=3_000_000) | element("Data_Size", "1"),
        "QC-15",
        WARNING,
        "Data_Size is 1, the delivered",
    ),
    ("AUX_SADATA", element("Data_Size", "900000000"), "QC-15", WARNING, "Data_Size is 900000000"),
    ("MSI_L1C_TC", element("Data_Size", "900000000"), "QC-15", WARNING, "Data_Size is 900000000"),
    ("MSI_L1C_TL", fault(without=("SENSOR_QUALITY_report.xml",)), "QC-17", WARNING, "no report of the check SENSOR_Q"),
    ("MSI_L2A_TL", fault(without=("L2A_QUALITY.xml",)), "QC-17", WARNING, "no report of the check L2A_QUALITY"),
    ("MSI_L1B_GR", fault(without=("SENSOR_QUALITY_report.xml",)), "QC-17", WARNING, "no report of the check SENSOR_Q"),
    ("MSI_L0__GR", fault(status="FAILED"), "QC-17", WARNING, "SENSOR_QUALITY: the inspection hrefExist is FAILED: hr"),
    ("MSI_L1C_DS", fault(status="ERROR"), "QC-17", WARNING, "RADIOMETRIC_QUALITY: the inspection checkMetadata is ER"),
    ("MSI_L2A_TL", fault(status="FAILED"), "QC-17", WARNING, "SCENE_CLASS_QUALITY: globalStatus is FAILED"),
    ("S2MSI1C", fault(status="FAILED"), "QC-17", WARNING, "the inspection SENSOR_QUALITY is FAILED"),
    ("OLQC_REPORT", fault(status="FAILED"), "QC-17", WARNING, "the inspection checkMetadata is FAILED: checkMetadata"),
    ("OLQC_REPORT", fault(inspection_status="FAILED"), "QC-19", ERROR, "globalStatus is PASSED, but 2 of 2"),
    ("OLQC_REPORT", fault(status="FAILED", inspection_status="PASSED"), "QC-19", ERROR, "globalStatus is FAILED"),
    ("OLQC_REPORT", fault(status="GOOD"), "QC-19", ERROR, "globalStatus is GOOD, expected one of"),
    ("OLQC_REPORT", fault(inspection_status="GOOD"), "QC-19", ERROR, "an inspection has the status 'GOOD'"),
    ("OLQC_REPORT", element("File_Type", "X"), "QC-19", ERROR, "File_Type is X, expected REP_OLQCPA"),
    ("OLQC_REPORT", element("item", None), "QC-19", ERROR, "names no inspected product"),
]


@pytest.mark.parametrize("code, fields, rule, severity, message", FAULTS)
def test_a_fault_is_found(
    code: str,
    fields: Mapping[str, object],
    rule: str,
    severity: str,
    message: str,
    tmp_path: Path,
    deliver: Deliver,
) -> None:
    specification = replace(Sentinel2Specification(product_type=code), **fields)
    found = findings(deliver(build_sentinel2(specification, tmp_path)))
    assert (rule, severity) in {entry[:2] for entry in found}
    assert any(message in entry[2] for entry in found if entry[:2] == (rule, severity))


def test_a_report_about_another_product_is_found_out(tmp_path: Path, deliver: Deliver) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="OLQC_REPORT"), tmp_path)
    renamed = path.rename(path.with_name(path.name.replace("_D04_", "_D05_")))
    ((rule, _, message),) = findings(deliver(renamed))
    assert rule == "QC-19"
    assert "the name says S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T070620_D05" in message


def test_a_report_of_another_form_is_found_out(tmp_path: Path, deliver: Deliver) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="OLQC_REPORT"), tmp_path)
    path.write_bytes(path.read_bytes().replace(b"DATA_STRUCTURE/olqcReport", b"other"))
    ((rule, _, message),) = findings(deliver(path))
    assert rule == "QC-19"
    assert "the namespace is" in message


@pytest.mark.parametrize("code", ["MSI_L0__GR", "MSI_L1C_TL", "MSI_L2A_TL", "MSI_L1C_DS", "PRD_HKTM__", "S2MSI2A"])
def test_a_file_that_no_manifest_lists_is_found(code: str, tmp_path: Path, deliver: Deliver) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type=code), tmp_path)
    with open_product(path) as files:
        members = {name: files.read(name, 10_000_000) for name in files.names()}
    top = next(iter(members)).partition("/")[0]
    write = write_zip if path.suffix == ".zip" else write_tar
    write(path, members | {f"{top}/IMG_DATA/another.jp2": b"another"})
    ((rule, severity, message), *others) = findings(deliver(path))
    assert (rule, severity) == ("QC-09", WARNING)
    assert message == f"{top}/IMG_DATA/another.jp2 stands in no line of the manifest"
    assert others == []


def test_a_tar_that_was_gzipped_is_as_large_as_its_members(tmp_path: Path, deliver: Deliver) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_DS"), tmp_path)
    with open_product(path) as files:
        members = {name: files.read(name, 10_000_000) for name in files.names()}
    (tmp_path / "gzipped").mkdir()
    write_gzipped_tar(
        tmp_path / "gzipped" / path.name,
        {name: bytes(len(data)) if name.endswith(".bin") else data for name, data in members.items()},
    )
    product = deliver(tmp_path / "gzipped" / path.name)
    assert product.size < sum(len(content) for content in members.values()) / 2
    assert findings(product) == []


def test_a_report_that_cannot_be_read_is_a_warning(tmp_path: Path, deliver: Deliver) -> None:
    empty = b"<Earth_Explorer_File/>"
    specification = Sentinel2Specification(replaced={"SENSOR_QUALITY_report.xml": empty})
    ((rule, severity, message),) = findings(deliver(build_sentinel2(specification, tmp_path)))
    assert (rule, severity) == ("QC-17", WARNING)
    assert "a report cannot be read" in message
    assert "Data_Block/report is missing" in message


def test_a_quality_status_is_not_what_the_reports_say(tmp_path: Path, deliver: Deliver) -> None:
    product = deliver(build_sentinel2(Sentinel2Specification(status="FAILED"), tmp_path))
    assert ("qualityStatus", "NOMINAL") in {(each.name, each.value) for each in product.metadata.attributes}


def test_misplaced_milliseconds_are_no_finding(tmp_path: Path, deliver: Deliver) -> None:
    misplaced = Sentinel2Specification(
        product_type="MSI_L0__DS",
        overrides={
            "Validity_Start": "UTC=2025-08-01T07:06:20.000000",
            "Validity_Stop": "UTC=2025-08-01T07:08:26.000736",
        },
    )
    assert findings(deliver(build_sentinel2(misplaced, tmp_path))) == []


def test_the_ancillary_data_of_the_past_were_generated_a_little_later(tmp_path: Path, deliver: Deliver) -> None:
    later = Sentinel2Specification(product_type="AUX_SADATA", overrides={"Generation_Time": "UTC=2025-08-01T07:40:44"})
    assert findings(deliver(build_sentinel2(later, tmp_path))) == []


def test_other_missions_have_no_rules_here() -> None:
    assert rules_for(ProductType(code="MSI_L1C_TL", mission="another", description="")) == ()


def test_every_product_type_has_rules() -> None:
    assert all(rules_for(product_type) for product_type in PRODUCT_TYPES.values())
