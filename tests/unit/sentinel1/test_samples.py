"""Real manifests and files: recognised, described, and free of findings but for the known ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import Finding, InspectedProduct, Severity, parse_utc

EDITED = {
    "S1A_WV_RAW__0SSV_20180913T214325_20180913T214422_023685_0294F4_41D5.SAFE": "the manifest was edited for a test set"
}

SAMPLES = {
    "S1A_AUX_CAL_V20171017T080000_G20171013T101200.SAFE": ("AUX_CAL", 9, None),
    "S1A_EW_GRDM_1SDH_20221130T014342_20221130T014446_046117_058549_BB15": ("EW_GRDM_1S", 29, (1, 0)),
    "S1A_EW_RAW__0CDV_20180227T144704_20180227T144706_020793_023A68_401B.SAFE": ("EW_RAW__0C", 26, (1, 0)),
    "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE": ("IW_GRDH_1S", 29, (1, 0)),
    "S1A_IW_RAW__0SDV_20171213T121623_20171213T121656_019684_021735_C6DB.SAFE": ("IW_RAW__0S", 23, (1, 0)),
    "S1A_IW_SLC__1SDH_20220414T102209_20220414T102236_042768_051AA4_E677.SAFE": ("IW_SLC__1S", 29, (1, 0)),
    "S1A_OPER_AUX_OBMEMC_PDMC_20140201T000000.xml": ("AUX_OBMEMC", 6, None),
    "S1A_OPER_MPL_ORBPRE_20171208T200309_20171215T200309_0001.EOF": ("MPL_ORBPRE", 8, None),
    "S1A_RF_RAW__0SVH_20200120T110827_20200120T110827_030883_038B52_18C1.SAFE": ("RF_RAW__0S", 22, (0, 2)),
    "S1A_S3_SLC__1SDV_20210401T152855_20210401T152914_037258_04638E_6001.SAFE": ("S3_SLC__1S", 29, (1, 0)),
    "S1A_WV_GRDM_1ASV_20180913T214338_20180913T214410_023685_0294F4_70D1.SAFE": ("WV_GRDM_1A", 28, (3, 0)),
    "S1A_WV_RAW__0SSV_20180913T214325_20180913T214422_023685_0294F4_41D5.SAFE": ("WV_RAW__0S", 22, (0, 2)),
    "S1B_WV_OCN__2SSH_20170702T130912_20170702T133355_006309_00B17D_3B01.SAFE": ("WV_OCN__2S", 25, (102, 0)),
    "S1C_S4_GRDH_1SDH_20250118T171404_20250118T171421_000638_000538_4B8B.SAFE": ("S4_GRDH_1S", 29, (1, 0)),
    "S1__AUX_TEC_V20190805T000000_20190805T235959_G20200210T102615.SAFE": ("AUX_TEC", 6, None),
    "S1__AUX_WND_V20160423T120000_G20160422T060059.SAFE": ("AUX_WND", 8, None),
}
"""Name → product type, number of attributes, polygons and positions of the footprint."""


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_described_without_findings(
    name: str,
    packed: Callable[[str], Path],
    look: Callable[[Path], InspectedProduct],
    judge: Callable[[InspectedProduct], list[Finding]],
) -> None:
    code, count, shape = SAMPLES[name]
    product = look(packed(name))
    footprint = product.metadata.footprint
    assert product.identity.product_type.code == code
    assert len(product.metadata.attributes) == count
    assert (footprint and (len(footprint.polygons), len(footprint.line))) == shape
    expected = [("QC-18", Severity.WARNING)] if name in EDITED else []
    assert [(finding.rule, finding.severity) for finding in judge(product)] == expected


def test_no_sample_is_left_out(samples: Path) -> None:
    assert {path.name for path in samples.iterdir()} == set(SAMPLES)


def test_values_of_a_real_level_0_product(
    packed: Callable[[str], Path], look: Callable[[Path], InspectedProduct]
) -> None:
    product = look(packed("S1A_IW_RAW__0SDV_20171213T121623_20171213T121656_019684_021735_C6DB.SAFE"))
    assert {attribute.name: attribute.value for attribute in product.metadata.attributes} == {
        "beginningDateTime": parse_utc("2017-12-13T12:16:23.685188"),
        "completionTimeFromAscendingNode": 628491.556,
        "coordinates": "36.7787,86.8273 38.7338,86.4312 38.4629,83.6235 36.5091,84.0935 36.7787,86.8273",
        "cycleNumber": 127,
        "datatakeID": 137013,
        "endingDateTime": parse_utc("2017-12-13T12:16:56.085136"),
        "instrumentConfigurationID": 6,
        "instrumentShortName": "SAR",
        "operationalMode": "IW",
        "orbitDirection": "ASCENDING",
        "orbitNumber": 19684,
        "platformSerialIdentifier": "A",
        "platformShortName": "SENTINEL-1",
        "polarisationChannels": "VH,VV",
        "processingCenter": "Airbus DS-Newport",
        "processingDate": parse_utc("2017-12-13T12:56:32.634114"),
        "productClass": "S",
        "productConsolidation": "SLICE",
        "productType": "IW_RAW__0S",
        "relativeOrbitNumber": 12,
        "sliceNumber": 13,
        "sliceProductFlag": True,
        "startTimeFromAscendingNode": 596091.608,
    }
    assert product.metadata.generated == datetime(2017, 12, 13, 12, 56, 32, 634114, tzinfo=UTC)
