"""The contract of missions, over Sentinel-1."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from prip_core import MissionAdapter
from prip_core.testing.mission_contract import FOREIGN_NAMES, MissionContract, Sample
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_sentinel1.adapter import Sentinel1

PRODUCT_TYPES = (
    *("IW_RAW__0S", "IW_SLC__1S", "IW_GRDH_1S", "WV_RAW__0S", "WV_SLC__1S", "WV_OCN__2S", "GP_RAW__0_", "HK_RAW__0_"),
    *("AUX_CAL", "AUX_POEORB", "MSK_EW_SLC", "AUX_OBMEMC"),
)
SENTINEL2_NAMES = (
    "S2B_OPER_MSI_L1C_TL_2BPS_20250801T074020_A043890_T47XMH_N05.11.tar",
    "S2B_OPER_PRD_HKTM___20250801T070620_20250801T084620_0001.tar",
    "S2A_MSIL2A_20250801T070620_N0511_R106_T47XMH_20250801T090000.SAFE.zip",
)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Sample]:
    """One good product of each shape."""
    folder = tmp_path_factory.mktemp("sentinel1")
    return [(build_sentinel1(Sentinel1Specification(product_type=code), folder), code) for code in PRODUCT_TYPES]


class TestSentinel1(MissionContract):
    @pytest.fixture
    def adapter(self) -> MissionAdapter:
        return Sentinel1(Sentinel1.Settings())

    @pytest.fixture
    def samples(self, delivered: Sequence[Sample]) -> Sequence[Sample]:
        return delivered

    @pytest.fixture
    def foreign_names(self) -> Sequence[str]:
        return FOREIGN_NAMES + SENTINEL2_NAMES
