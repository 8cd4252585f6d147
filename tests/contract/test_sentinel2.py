"""The contract of missions, over Sentinel-2."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from prip_core import MissionAdapter
from prip_core.testing.mission_contract import FOREIGN_NAMES, MissionContract, Sample
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from prip_sentinel2.adapter import Sentinel2

PRODUCT_TYPES = (
    *("MSI_L0__GR", "MSI_L1A_GR", "MSI_L1B_GR", "MSI_L0__DS", "MSI_L1A_DS", "MSI_L1B_DS", "MSI_L1C_DS", "MSI_L2A_DS"),
    *("MSI_L1C_TL", "MSI_L2A_TL", "MSI_L1C_TC", "MSI_L2A_TC", "PRD_HKTM__", "AUX_SADATA", "OLQC_REPORT"),
    *("GIP_ATMIMA", "AUX_UT1UTC", "AUX_PREORB", "S2MSI1C", "S2MSI2A"),
)
SENTINEL1_NAMES = (
    "S1A_IW_GRDH_1SDV_20250801T054012_20250801T054037_060338_077FA1_1234.SAFE.zip",
    "S1A_OPER_AUX_POEORB_OPOD_20250822T080000_V20250731T225942_20250802T005942.EOF.zip",
    "S1A_OPER_MSK_EW_SLC_V20250801T000000_G20250801T000000.EOF",
)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Sample]:
    """One good product of each shape."""
    folder = tmp_path_factory.mktemp("sentinel2")
    return [(build_sentinel2(Sentinel2Specification(product_type=code), folder), code) for code in PRODUCT_TYPES]


class TestSentinel2(MissionContract):
    @pytest.fixture
    def adapter(self) -> MissionAdapter:
        return Sentinel2(Sentinel2.Settings())

    @pytest.fixture
    def samples(self, delivered: Sequence[Sample]) -> Sequence[Sample]:
        return delivered

    @pytest.fixture
    def foreign_names(self) -> Sequence[str]:
        return FOREIGN_NAMES + SENTINEL1_NAMES
