"""Good products of the missions that this distribution knows how to build, one of each shape, for their contracts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

_SENTINEL1 = (
    *("IW_RAW__0S", "IW_SLC__1S", "IW_GRDH_1S", "WV_RAW__0S", "WV_SLC__1S", "WV_OCN__2S", "GP_RAW__0_", "HK_RAW__0_"),
    *("AUX_CAL", "AUX_POEORB", "MSK_EW_SLC", "AUX_OBMEMC"),
)
_SENTINEL2 = (
    *("MSI_L0__GR", "MSI_L1A_GR", "MSI_L1B_GR", "MSI_L0__DS", "MSI_L1A_DS", "MSI_L1B_DS", "MSI_L1C_DS", "MSI_L2A_DS"),
    *("MSI_L1C_TL", "MSI_L2A_TL", "MSI_L1C_TC", "MSI_L2A_TC", "PRD_HKTM__", "AUX_SADATA", "OLQC_REPORT"),
    *("GIP_ATMIMA", "AUX_UT1UTC", "AUX_PREORB", "S2MSI1C", "S2MSI2A"),
)


def build_mission_samples(mission: str, folder: Path) -> Sequence[tuple[Path, str]]:
    """Build a mission's samples.

    :param mission: its NAME.
    :param folder: an existing folder to build them in.
    :returns: each product with the code of its type; nothing for a mission that has no builder here.
    """
    match mission:
        case "sentinel1":
            return [(build_sentinel1(Sentinel1Specification(product_type=code), folder), code) for code in _SENTINEL1]
        case "sentinel2":
            return [(build_sentinel2(Sentinel2Specification(product_type=code), folder), code) for code in _SENTINEL2]
    return []
