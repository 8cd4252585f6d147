"""The grammar of Sentinel-2 names."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prip_core import Candidate, PluginSettings, ProductRejected
from prip_sentinel2.adapter import Sentinel2
from prip_sentinel2.naming import Family, matching_families, product_name

ADAPTER = Sentinel2(PluginSettings())

RECOGNISED = [
    ("S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11.tar", "MSI_L0__GR", "S2B"),
    ("S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11", "MSI_L0__GR", "S2B"),
    ("S2A_OPER_MSI_L1A_GR_MPS__20160101T000000_S20160101T000000_D12_N02.01.tar", "MSI_L1A_GR", "S2A"),
    ("S2C_OPER_MSI_L1B_GR_2CPS_20250801T074015_S20250801T070620_D01_N05.11.tar", "MSI_L1B_GR", "S2C"),
    ("S2B_OPER_MSI_L0__DS_2BPS_20250801T074015_S20250801T070620_N05.11.tar", "MSI_L0__DS", "S2B"),
    ("S2A_OPER_MSI_L1A_DS_VGS1_20210827T055640_S20210827T034536_N03.01.tar", "MSI_L1A_DS", "S2A"),
    ("S2A_OPER_MSI_L1B_DS_VGS1_20210827T055640_S20210827T034536_N03.01.tar", "MSI_L1B_DS", "S2A"),
    ("S2B_OPER_MSI_L1C_DS_REFS_20221124T170956_S20221011T064025_N04.00.tar", "MSI_L1C_DS", "S2B"),
    ("S2D_OPER_MSI_L2A_DS_2DPS_20290801T074829_S20290801T070620_N07.00.tar", "MSI_L2A_DS", "S2D"),
    ("S2A_OPER_MSI_L1C_TL_2APS_20240124T155206_A044866_T22QEK_N05.10.tar", "MSI_L1C_TL", "S2A"),
    ("S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_N05.11.tar", "MSI_L2A_TL", "S2B"),
    ("S2B_OPER_MSI_L1C_TC_EPAE_20191001T102654_A013417_T39UWP_N02.08.jp2", "MSI_L1C_TC", "S2B"),
    ("S2B_OPER_MSI_L2A_TC_EPAE_20191001T102654_A013417_T39UWP_N02.08.tar", "MSI_L2A_TC", "S2B"),
    ("S2A_OPER_PRD_HKTM___20191203T051837_20191203T051842_0001.tar", "PRD_HKTM__", "S2A"),
    ("S2A_OPER_PRD_HKTM___20191203T051837_20191203T051842_0001.SAFE.tar", "PRD_HKTM__", "S2A"),
    ("S2A_OPER_PRD_HKTM___20191203T051837_20191203T051842_0001.SAFE", "PRD_HKTM__", "S2A"),
    (
        "S2A_OPER_AUX_SADATA_EPAE_20190222T003515_V20190221T190438_20190221T204519_A019158_WF_LN.tar",
        "AUX_SADATA",
        "S2A",
    ),
    ("S2B_OPER_GIP_DATATI_MPC__20170428T123038_V20170322T000000_21000101T000000_B00.TGZ", "GIP_DATATI", "S2B"),
    ("S2A_OPER_GIP_OLQCPA_MPC__20181218T000020_V20190211T000000.TGZ", "GIP_OLQCPA", "S2A"),
    ("S2__OPER_AUX_UT1UTC_PDMC_20220407T000000_V20220408T000000_20230407T000000.TGZ", "AUX_UT1UTC", "S2_"),
    ("S2__OPER_DEM_GLOBEF_PDMC_19800101T000000_S19800101T000000", "DEM_GLOBEF", "S2_"),
    ("S2A_OPER_AUX_RESORB_OPOD_20190101T093015_V20190101T050000_20190101T083000.EOF", "AUX_RESORB", "S2A"),
    ("S2A_OPER_MPL_ORBPRE_20190101T030014_20190111T030014_0001.EOF", "MPL_ORBPRE", "S2A"),
    ("S2A_OPER_MPL_TLEPRE_PDMC_20190101T030014_V20190101T030014_99999999T999999.EOF", "MPL_TLEPRE", "S2A"),
    ("S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_GENERAL_QUALITY_report.xml", "OLQC_REPORT", "S2B"),
    ("S2B_OPER_MSI_L1C_DS_2BPS_20250801T074015_S20250801T070620_OLQC_report.tar", "OLQC_REPORT", "S2B"),
    ("S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_L2A_QUALITY_report.xml", "OLQC_REPORT", "S2B"),
    ("S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.SAFE.zip", "S2MSI1C", "S2A"),
    ("S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.zip", "S2MSI2A", "S2A"),
    ("S2A_MSIL1B_20230821T221941_N0509_R029_20230822T021825.SAFE", "S2MSI1B", "S2A"),
]

FOREIGN = [
    "",
    ".S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11.tar",
    "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11.tar.tmp",
    "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11.tar\n",
    "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D13_N05.11.tar",
    "S2B_OPER_MSI_L0__GR_2BPS_٢0250801T074015_S20250801T070620_D04_N05.11.tar",
    "S2E_OPER_MSI_L1C_TL_2APS_20240124T155206_A044866_T22QEK_N05.10.tar",
    "S2A_OPER_MSI_L1C_TL_2APS_20240124T155206_A044866_T22OEK_N05.10.tar",
    "S2A_OPER_MSI_L1C_TC_2APS_20240124T155206_A044866_T22QEK_N05.10",
    "S2A_OPER_AUX_SADATA_EPAE_20190222T003515_V20190221T190438_20190221T204519.tar",
    "S2A_OPER_MTD_L1C_TL_2APS_20240124T155206_A044866_T22QEK.xml",
    "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE",
    "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE.zip",
    "S3A_OPER_AUX_POEORB_POD__20160326T062351_V20160228T215943_20160301T000000_DGNS.EOF",
    "lost+found",
]

REFUSED = [
    ("S2B_OPER_MSI_L0U_DS_REFS_20220614T090618_S20220413T114741_N00.00.tar", "unconsolidated"),
    ("S2B_OPER_MSI_L0U_GR_REFS_20220614T085324_S20220413T114741_D02_N00.00", "unconsolidated"),
    ("S2A_OPER_GIP_NEWONE_MPC__20181218T000020_V20190211T000000.TGZ", "GIP_NEWONE"),
]


def candidate(name: str) -> Candidate:
    return Candidate(name=name, path=name, size=1, arrived=datetime(2025, 8, 1, tzinfo=UTC))


@pytest.mark.parametrize("name, product_type, platform", RECOGNISED)
def test_a_name_says_type_and_platform(name: str, product_type: str, platform: str) -> None:
    identity = ADAPTER.recognise(candidate(name))
    assert identity is not None
    assert (identity.name, identity.product_type.code, identity.platform) == (name, product_type, platform)
    assert len(matching_families(name)) == 1


@pytest.mark.parametrize("name", FOREIGN)
def test_other_names_are_not_claimed(name: str) -> None:
    assert ADAPTER.recognise(candidate(name)) is None


@pytest.mark.parametrize("name, why", REFUSED)
def test_internal_and_unknown_types_are_refused_with_a_reason(name: str, why: str) -> None:
    with pytest.raises(ProductRejected, match=why) as refusal:
        ADAPTER.recognise(candidate(name))
    assert refusal.value.findings[0].rule == "QC-01"


def test_every_family_is_among_the_recognised_names() -> None:
    assert {families[0] for name, *_ in RECOGNISED if (families := matching_families(name))} == set(Family)


def test_a_name_is_taken_apart() -> None:
    name = product_name("S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11.tar")
    assert name is not None
    assert name.identifier == "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11"
    assert name.suffix == ".tar"
    assert name.fields == {
        "mission": "S2B",
        "class": "OPER",
        "type": "MSI_L0__GR",
        "site": "2BPS",
        "created": "20250801T074015",
        "sensing": "20250801T070620",
        "detector": "04",
        "baseline": "05.11",
    }


@given(st.text())
def test_any_text_may_be_asked_about(name: str) -> None:
    assert len(matching_families(name)) <= 1
    assert product_name(name) is None


@given(st.sampled_from([name for name, *_ in RECOGNISED]), st.integers(0, 100), st.characters())
def test_a_changed_name_never_breaks_the_recognition(name: str, position: int, character: str) -> None:
    changed = name[:position] + character + name[position + 1 :]
    try:
        identity = ADAPTER.recognise(candidate(changed))
    except ProductRejected:
        return
    assert identity is None or identity.product_type in ADAPTER.product_types()


def test_every_real_product_of_the_prip_answer_has_its_type(samples: Path) -> None:
    (answer,) = (samples / "odata").glob("PRIP_S2A_ATOS_*.json")
    products = json.loads(answer.read_text())["value"]
    assert len(products) == 57
    for product in products:
        identity = ADAPTER.recognise(candidate(product["Name"]))
        given_type = next(entry["Value"] for entry in product["Attributes"] if entry["Name"] == "productType")
        assert identity is not None
        assert identity.product_type.code == given_type
        assert len(matching_families(product["Name"])) == 1


def test_every_product_that_real_metadata_mention_is_known(samples: Path) -> None:
    """Names of granules, tiles, datastrips and parameters that the samples' documents refer to."""
    form = re.compile(
        r"S2[A-D_]_OPER_(?:MSI_(?:L0_|L1[ABC]|L2A)_(?:GR|DS|TL|TC)_[A-Z0-9_.]+_N\d\d\.\d\d"
        r"|(?:GIP|DEM)_[A-Z0-9]{6}_[A-Z0-9_]+|AUX_(?:UT1UTC|ECMWFD)_[A-Z0-9_]+)"
    )
    documents = [*samples.rglob("*.xml"), *samples.rglob("manifest.safe")]
    names = {name for path in documents for name in form.findall(path.read_text(errors="replace"))}
    assert len(names) > 100
    unknown = {name for name in names if len(matching_families(name)) != 1 or not ADAPTER.recognise(candidate(name))}
    assert unknown == set()


IRREGULAR = {
    "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE": "the baseline is missing in the folder's name",
    "SYNTHETIC_S2B_OPER_MSI_L1B_GR_MTI__20151231T235959_S20151231T235959_D02_N01.03": "values are invented",
    "S2B_OPER_MSI_L0U_DS_REFS_20220614T090618_S20220413T114741_N00.00": "internal to the production",
    "S2B_OPER_MSI_L0U_GR_REFS_20220614T085324_S20220413T114741_D02_N00.00": "internal to the production",
    "odata": "no product",
}


def test_every_sample_is_recognised_but_the_irregular_ones(samples: Path) -> None:
    claimed = set()
    for path in samples.iterdir():
        try:
            claimed |= {path.name} if ADAPTER.recognise(candidate(path.name)) else set()
        except ProductRejected:
            continue
    assert {path.name for path in samples.iterdir()} - claimed == set(IRREGULAR)
