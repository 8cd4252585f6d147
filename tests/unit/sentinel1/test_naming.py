"""Names of Sentinel-1 products: what each says, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prip_core import NEVER, Candidate, PluginSettings
from prip_sentinel1.adapter import Sentinel1
from prip_sentinel1.naming import EOF, OBMEMC, S1_AUX_SAFE, S1_MSK, S1_SAFE, Kind, parse_name
from prip_sentinel1.product_types import kinds

IW = "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8"
ORBIT = "S1A_OPER_AUX_POEORB_OPOD_20210829T121830_V20210808T225942_20210810T005942"

NAMES = [
    (IW, "IW_GRDH_1S", "S1A", Kind.IMAGE),
    (f"{IW}.SAFE", "IW_GRDH_1S", "S1A", Kind.IMAGE),
    (f"{IW}.zip", "IW_GRDH_1S", "S1A", Kind.IMAGE),
    (f"{IW}.SAFE.zip", "IW_GRDH_1S", "S1A", Kind.IMAGE),
    ("S1A_IW_RAW__0SDV_20171213T121623_20171213T121656_019684_021735_C6DB.SAFE.zip", "IW_RAW__0S", "S1A", Kind.RAW),
    ("S1A_EW_RAW__0CDV_20180227T144704_20180227T144706_020793_023A68_401B.SAFE.zip", "EW_RAW__0C", "S1A", Kind.RAW),
    ("S1A_RF_RAW__0SVH_20200120T110827_20200120T110827_030883_038B52_18C1.SAFE.zip", "RF_RAW__0S", "S1A", Kind.RAW),
    ("S1C_S4_GRDH_1SDH_20250118T171404_20250118T171421_000638_000538_4B8B.SAFE.zip", "S4_GRDH_1S", "S1C", Kind.IMAGE),
    ("S1A_WV_GRDM_1ASV_20180913T214338_20180913T214410_023685_0294F4_70D1.SAFE.zip", "WV_GRDM_1A", "S1A", Kind.IMAGE),
    ("S1B_WV_OCN__2SSH_20170702T130912_20170702T133355_006309_00B17D_3B01.SAFE.zip", "WV_OCN__2S", "S1B", Kind.IMAGE),
    ("S1B_IW_ETA__AXDV_20200124T221416_20200124T221444_019964_025C43_0A63.SAFE.zip", "IW_ETA__AX", "S1B", Kind.IMAGE),
    (
        "S1A_GP_RAW__0____20200120T110827_20200120T124627_030883_038B52_18C1.SAFE.zip",
        "GP_RAW__0_",
        "S1A",
        Kind.AUXILIARY_RAW,
    ),
    (
        "S1C_AI_RAW__0____20250120T110827_20250120T124627_000883________18C1.SAFE.zip",
        "AI_RAW__0_",
        "S1C",
        Kind.AUXILIARY_RAW,
    ),
    (
        "S1D_HK_RAW__0____20260120T110827_20260120T124627_000883________18C1.SAFE.zip",
        "HK_RAW__0_",
        "S1D",
        Kind.HOUSEKEEPING,
    ),
    ("S1A_AUX_CAL_V20171017T080000_G20171013T101200.SAFE", "AUX_CAL", "S1A", Kind.AUXILIARY),
    ("S1__AUX_WND_V20160423T120000_G20160422T060059.SAFE.zip", "AUX_WND", "S1_", Kind.AUXILIARY),
    (
        "S1__AUX_TEC_V20190805T000000_20190805T235959_G20200210T102615.SAFE.zip",
        "AUX_TEC",
        "S1_",
        Kind.AUXILIARY,
    ),
    (f"{ORBIT}.EOF", "AUX_POEORB", "S1A", Kind.EARTH_EXPLORER),
    (f"{ORBIT}.EOF.zip", "AUX_POEORB", "S1A", Kind.EARTH_EXPLORER),
    (f"{ORBIT}.TGZ", "AUX_POEORB", "S1A", Kind.EARTH_EXPLORER),
    (
        "S1B_OPER_AMH_ERRMAT_MPC__20170702T040116_V20000101T000000_20170701T222208.EOF",
        "AMH_ERRMAT",
        "S1B",
        Kind.EARTH_EXPLORER,
    ),
    (
        "S1A_OPER_MPL_ORBPRE_20171208T200309_20171215T200309_0001.EOF",
        "MPL_ORBPRE",
        "S1A",
        Kind.EARTH_EXPLORER,
    ),
    (
        "S1A_OPER_MPL_ORBSCT_20140507T150704_99999999T999999_0020.EOF.zip",
        "MPL_ORBSCT",
        "S1A",
        Kind.EARTH_EXPLORER,
    ),
    ("S1__OPER_MSK_EW_SLC_V20140406T133000_G20200522T181218.EOF", "MSK_EW_SLC", "S1_", Kind.MASK),
    ("S1__OPER_MSK__LAND__V20140403T210200_G20190711T113000.EOF.zip", "MSK__LAND_", "S1_", Kind.MASK),
    ("S1A_OPER_AUX_OBMEMC_PDMC_20140201T000000.xml", "AUX_OBMEMC", "S1A", Kind.MEMORY),
]


@pytest.mark.parametrize(("name", "code", "platform", "kind"), NAMES)
def test_a_name_tells_type_platform_and_kind(name: str, code: str, platform: str, kind: Kind) -> None:
    parsed = parse_name(name)
    assert parsed is not None
    assert (parsed.code, parsed.platform, parsed.kind) == (code, platform, kind)
    assert kinds()[code] is kind


@pytest.mark.parametrize("name", [name for name, *_ in NAMES])
def test_exactly_one_pattern_matches(name: str) -> None:
    assert sum(bool(pattern.fullmatch(name)) for pattern in (S1_SAFE, S1_AUX_SAFE, EOF, S1_MSK, OBMEMC)) == 1


@pytest.mark.parametrize("suffix", ["", ".SAFE", ".zip", ".SAFE.zip"])
def test_the_fields_of_a_radar_product(suffix: str) -> None:
    parsed = parse_name(IW + suffix)
    assert parsed is not None
    assert parsed.stem == IW
    assert (parsed.mode, parsed.orbit, parsed.datatake, parsed.crc) == ("IW", 39156, 0x049F13, 0x6FF8)
    assert parsed.start == datetime(2021, 8, 9, 17, 39, 53, tzinfo=UTC)
    assert parsed.stop == datetime(2021, 8, 9, 17, 40, 18, tzinfo=UTC)


def test_a_datatake_that_is_not_named_is_none() -> None:
    parsed = parse_name("S1D_HK_RAW__0____20260120T110827_20260120T124627_000883________18C1.SAFE.zip")
    assert parsed is not None
    assert parsed.datatake is None
    assert parsed.mode is None


def test_an_open_validity_never_ends() -> None:
    parsed = parse_name("S1A_OPER_MPL_ORBSCT_20140507T150704_99999999T999999_0020.EOF")
    assert parsed is not None
    assert parsed.stop == NEVER


@pytest.mark.parametrize(
    "name",
    [
        "",
        "readme.txt",
        "S2A_OPER_AUX_PREORB_OPOD_20210829T121830_V20210808T225942_20210810T005942.EOF",
        "S3A_OPER_AUX_POEORB_POD__20210829T121830_V20210808T225942_20210810T005942_DGNS.EOF",
        "S2A_MSIL1C_20200717T221941_N0209_R029_T01LAC_20200717T234135.SAFE",
        "S2A_OPER_PRD_HKTM___20191001T000000_20191001T010000_0001.tar",
        f"{IW}.tar",
        f"{IW}.SAFE.zip.tmp",
        f"{IW}.SAFE\n",
        f"x{IW}.SAFE",
        IW.lower(),
        IW.replace("S1A", "S1E"),
        IW.replace("IW_GRDH_1S", "IW_GRD__1S"),
        IW.replace("IW_GRDH_1S", "GP_GRDH_1S"),
        IW.replace("20210809T173953", "20211309T173953"),
        IW.replace("20210809T173953", "２０210809T173953"),
        IW.replace("039156", "０39156"),
        ORBIT.replace("POEORB", "XYZXYZ") + ".EOF",
        "S1A_AUX_XYZ_V20171017T080000_G20171013T101200.SAFE",
        "S1A_OPER_AUX_OBMEMC_PDMC_20140231T000000.xml",
    ],
)
def test_what_is_no_product_of_the_mission(name: str) -> None:
    assert parse_name(name) is None


@given(st.one_of(st.text(), st.from_regex(S1_SAFE, fullmatch=True), st.from_regex(EOF, fullmatch=True)))
def test_any_name_is_answered_with_a_known_type_or_none(name: str) -> None:
    adapter = Sentinel1(PluginSettings())
    candidate = Candidate(name=name, path=name, size=0, arrived=datetime(2025, 8, 1, tzinfo=UTC))
    identity = adapter.recognise(candidate)
    assert identity == adapter.recognise(candidate)
    assert identity is None or identity.product_type in adapter.product_types()


def test_product_types_are_unique_and_only_telemetry_is_housekeeping(adapter: Sentinel1) -> None:
    types = adapter.product_types()
    assert len({product_type.code for product_type in types}) == len(types)
    assert {product_type.mission for product_type in types} == {"sentinel1"}
    assert [product_type.code for product_type in types if product_type.housekeeping] == ["HK_RAW__0_"]
