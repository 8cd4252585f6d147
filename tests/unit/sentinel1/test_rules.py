"""Each quality rule, with a product that passes and one that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prip_core import Finding, InspectedProduct, ProductType, Severity
from prip_core.testing.packages import write_zip
from prip_sentinel1 import plugin

Built = Callable[..., InspectedProduct]
Judge = Callable[[InspectedProduct], list[Finding]]

EVERY_KIND = [
    "IW_RAW__0S", "S3_RAW__0S", "WV_RAW__0S", "RF_RAW__0S", "IW_RAW__0C", "EW_RAW__0N", "IW_SLC__1S", "S3_SLC__1S",
    "IW_GRDH_1S", "EW_GRDM_1A", "WV_OCN__2S", "IW_OCN__2S", "IW_ETA__AX", "GP_RAW__0_", "AI_RAW__0_", "HK_RAW__0_",
    "AUX_CAL", "AUX_TEC", "AUX_POEORB", "MPL_ORBPRE", "AMH_ERRMAT", "MSK_EW_SLC", "AUX_OBMEMC",
]  # fmt: skip
IMAGE, RAW, ORBIT, CAL = "IW_GRDH_1S", "IW_RAW__0S", "AUX_POEORB", "AUX_CAL"
NAME = "S1A_IW_GRDH_1SDV_20250801T054012_20250801T054037_060338_077FA1"


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return edit


@pytest.mark.parametrize("product_type", EVERY_KIND)
def test_a_right_product_has_no_findings(built: Built, judge: Judge, product_type: str) -> None:
    assert judge(built(product_type)) == []


@pytest.mark.parametrize("platform", ["S1A", "S1B", "S1C"])
def test_a_right_product_of_each_platform_has_no_findings(built: Built, judge: Judge, platform: str) -> None:
    assert judge(built(IMAGE, platform=platform)) == []


BROKEN = [
    ("no mode", IMAGE, replaced("s1sarl1:mode>", "s1sarl1:way>"), "QC-10", "no operationalMode"),
    ("no datatake", RAW, replaced("missionDataTakeID>", "x>"), "QC-10", "no datatakeID"),
    ("no platform", "HK_RAW__0_", replaced("safe:number>", "safe:x>"), "QC-10", "no platformSerialIdentifier"),
    ("no processing", CAL, replaced("safe:processing", "safe:x"), "QC-10", "no processingDate"),
    ("no creation", ORBIT, replaced("Creation_Date>", "x>"), "QC-10", "no processingDate"),
    ("start", IMAGE, replaced("startTime>2025-08-01T05:40:12", "startTime>2025-08-01T05:40:10"), "QC-11", "start is"),
    ("stop", RAW, replaced("stopTime>2025-08-01T05:40:37", "stopTime>2025-08-01T05:40:39"), "QC-11", "stop is"),
    ("validity", CAL, replaced("validity>2025-08-01", "validity>2025-08-02"), "QC-11", "start is"),
    ("header stop", ORBIT, replaced("UTC=2025-08-01T05:40:37<", "UTC=2025-08-01T05:41:37<"), "QC-11", "stop is"),
    ("memory", "AUX_OBMEMC", replaced("Start>UTC=2025-08-01", "Start>UTC=2025-07-01"), "QC-11", "start is"),
    ("platform", IMAGE, replaced("safe:number>A", "safe:number>B"), "QC-11", "is B, the name says A"),
    ("mode", IMAGE, replaced("mode>IW", "mode>EW"), "QC-11", "operationalMode is EW, the name says IW"),
    ("stripmap", "S3_SLC__1S", replaced("mode>SM", "mode>IW"), "QC-11", "is IW, the name says SM"),
    ("class", RAW, replaced("productClass>S", "productClass>N"), "QC-11", "is N, the name says S"),
    ("type", IMAGE, replaced("productType>GRD", "productType>SLC"), "QC-11", "is SLC, the name says GRD"),
    ("auxiliary", CAL, replaced("Type>AUX_CAL", "Type>AUX_INS"), "QC-11", "is AUX_INS, the name says AUX_CAL"),
    ("file type", ORBIT, replaced("Type>AUX_POEORB", "Type>AUX_RESORB"), "QC-11", "is AUX_RESORB"),
    ("file name", ORBIT, replaced("_OPOD_", "_FOS__"), "QC-11", "File_Name is"),
    ("mission", ORBIT, replaced("Sentinel-1A", "Sentinel-1B"), "QC-11", "is 1B, the name says 1A"),
    ("order", ORBIT, replaced("UTC=2025-08-01T05:40:37<", "UTC=2025-07-01T05:40:37<"), "QC-12", "before it begins"),
    ("no frame", IMAGE, replaced("safe:frame>", "safe:x>"), "QC-13", "no footprint"),
    ("no frame", "WV_RAW__0S", replaced("safe:frame>", "safe:x>"), "QC-13", "no footprint"),
    ("orbit", "HK_RAW__0_", replaced(">60338<", ">60339<"), "QC-18", "orbitNumber is 60339, the name says 60338"),
    ("datatake", RAW, replaced(">491425<", ">491426<"), "QC-18", "(hexadecimal 077FA2), the name says 077FA1"),
]


@pytest.mark.parametrize(
    ("product_type", "edit", "rule", "words"),
    [case[1:] for case in BROKEN],
    ids=[f"{case[0]} of {case[1]}" for case in BROKEN],
)
def test_a_broken_product_has_an_error(
    built: Built, judge: Judge, product_type: str, edit: Callable[[bytes], bytes], rule: str, words: str
) -> None:
    found = judge(built(product_type, edit=edit))
    matching = [finding for finding in found if finding.rule == rule and words in finding.message]
    assert [finding.severity for finding in matching] == [Severity.ERROR], found


DOUBTFUL = [
    ("made before sensing", IMAGE, {"processed": datetime(2025, 8, 1, 5, 0, tzinfo=UTC)}, "QC-12", "processing began"),
    ("orbit 0", "HK_RAW__0_", {"orbit": 0}, "QC-14", "orbitNumber is 0"),
    ("relative orbit", IMAGE, {"edit": replaced(">66<", ">176<")}, "QC-14", "relativeOrbitNumber is 176"),
    ("slice", RAW, {"edit": replaced("sliceNumber>7", "sliceNumber>21")}, "QC-14", "sliceNumber is 21"),
    ("slice 0", IMAGE, {"edit": replaced("sliceNumber>7", "sliceNumber>0")}, "QC-14", "sliceNumber is 0"),
    ("CRC", IMAGE, {"name": f"{NAME}_0000.SAFE.zip"}, "QC-18", "the name says 0000"),
]


@pytest.mark.parametrize(
    ("product_type", "fields", "rule", "words"), [case[1:] for case in DOUBTFUL], ids=[case[0] for case in DOUBTFUL]
)
def test_a_doubtful_product_has_a_warning_and_nothing_else(
    built: Built, judge: Judge, product_type: str, fields: dict[str, object], rule: str, words: str
) -> None:
    found = judge(built(product_type, **fields))
    assert [(finding.rule, finding.severity) for finding in found] == [(rule, Severity.WARNING)]
    assert words in found[0].message


@pytest.mark.parametrize(("seconds", "rules"), [(-1.0, []), (1.0, []), (1.001, ["QC-11"]), (-1.5, ["QC-11"])])
def test_times_in_the_name_may_be_cut_or_rounded(built: Built, judge: Judge, seconds: float, rules: list[str]) -> None:
    product = built(IMAGE, start=datetime(2025, 8, 1, 5, 40, 12, tzinfo=UTC))
    content = product.metadata.content
    shifted = replace(content, start=content.start + timedelta(seconds=seconds))
    moved = replace(product, metadata=replace(product.metadata, content=shifted))
    assert [finding.rule for finding in judge(moved)] == rules


@pytest.mark.parametrize(
    ("platform", "day", "is_before"),
    [
        ("S1A", datetime(2014, 4, 2, tzinfo=UTC), True),
        ("S1A", datetime(2014, 4, 4, tzinfo=UTC), False),
        ("S1B", datetime(2016, 4, 24, tzinfo=UTC), True),
        ("S1C", datetime(2024, 12, 4, tzinfo=UTC), True),
        ("S1C", datetime(2024, 12, 6, tzinfo=UTC), False),
    ],
)
def test_nothing_is_sensed_before_launch(
    built: Built, judge: Judge, platform: str, day: datetime, is_before: bool
) -> None:
    found = judge(built(IMAGE, platform=platform, start=day, stop=day + timedelta(seconds=25)))
    assert [(finding.rule, finding.severity) for finding in found] == [("QC-12", Severity.ERROR)] * is_before


def test_a_name_without_datatake_is_wrong_for_a_radar_product(built: Built, judge: Judge) -> None:
    product = built(IMAGE, name=f"{NAME[:-6]}______" + "_0000.SAFE.zip")
    assert "the name says none" in " ".join(finding.message for finding in judge(product))


def test_a_receiver_product_need_not_name_a_datatake(built: Built, judge: Judge) -> None:
    product = built("GP_RAW__0_", name="S1A_GP_RAW__0____20250801T054012_20250801T054037_060338________0000.SAFE.zip")
    assert {(finding.rule, finding.severity) for finding in judge(product)} == {("QC-18", Severity.WARNING)}


def test_other_missions_have_no_rules_here() -> None:
    tile = ProductType(code="MSI_L1C_TL", mission="sentinel2", description="")
    assert plugin.prip_qc_rules(tile) == ()


def test_every_product_type_has_rules() -> None:
    (mission,) = plugin.prip_register_missions()
    assert all(plugin.prip_qc_rules(product_type) for product_type in mission(mission.Settings()).product_types())


@pytest.mark.parametrize("code", [IMAGE, RAW, "HK_RAW__0_"])
def test_nothing_is_sensed_in_the_future(code: str, built: Built, judge: Judge) -> None:
    product = built(code)
    (found,) = judge(replace(product, now=product.metadata.content.end - timedelta(seconds=1)))
    assert (found.rule, found.severity) == ("QC-12", Severity.ERROR)
    assert "which is later than now" in found.message


@pytest.mark.parametrize("code", [IMAGE, RAW, CAL])
def test_a_file_that_no_manifest_lists_is_a_warning(
    code: str, built: Built, look: Callable[[Path], InspectedProduct], judge: Judge, tmp_path: Path
) -> None:
    files = built(code).files
    members = {name: files.read(name, 10_000_000) for name in files.names()}
    top = next(iter(members)).partition("/")[0]
    allowed = {f"{top}/preview/icons/logo.png": b"", f"{top}/{top}-report-20250801T070000.pdf": b""}
    write_zip(tmp_path / f"{top}.zip", members | allowed | {f"{top}/measurement/other.tiff": b""})
    (found,) = judge(look(tmp_path / f"{top}.zip"))
    assert (found.rule, found.severity) == ("QC-09", Severity.WARNING)
    assert found.message == f"{top}/measurement/other.tiff stands in no line of the manifest"
