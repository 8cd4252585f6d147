"""What the Sentinel-2 plugin offers to the delivery point."""

from __future__ import annotations

from pathlib import Path

import pytest

from prip_core import PluginSettings, ProductIdentity, ProductRejected, open_product
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from prip_sentinel2 import plugin
from prip_sentinel2.adapter import Sentinel2

ADAPTER = Sentinel2(PluginSettings())
TYPES = {product_type.code: product_type for product_type in ADAPTER.product_types()}


def test_the_plugin_registers_the_mission() -> None:
    assert list(plugin.prip_register_missions()) == [Sentinel2]
    assert Sentinel2.NAME == "sentinel2"


def test_the_plugin_has_rules_for_its_own_types_alone() -> None:
    assert plugin.prip_qc_rules(product_type=TYPES["MSI_L1C_TL"])


def test_product_types_are_unique_and_of_this_mission() -> None:
    assert len(TYPES) == len(ADAPTER.product_types()) == 76
    assert {product_type.mission for product_type in TYPES.values()} == {"sentinel2"}
    assert all(product_type.description for product_type in TYPES.values())


def test_only_telemetry_goes_to_the_flight_operators() -> None:
    assert [code for code, product_type in TYPES.items() if product_type.housekeeping] == ["PRD_HKTM__"]


@pytest.mark.parametrize(
    "code, indexed",
    [
        ("MSI_L1C_TL", ("cloudCover", "illuminationZenithAngle")),
        ("S2MSI2A", ("cloudCover", "illuminationZenithAngle")),
        ("MSI_L0__GR", ("cloudCover",)),
        ("MSI_L1C_DS", ()),
        ("GIP_DATATI", ()),
    ],
)
def test_clouds_and_sun_are_indexed_where_there_are_any(code: str, indexed: tuple[str, ...]) -> None:
    assert TYPES[code].indexed == indexed


def test_inspection_leaves_no_trace(tmp_path: Path) -> None:
    for code in ("MSI_L1C_TL", "MSI_L1C_TC", "GIP_DATATI", "S2MSI1C"):
        path = build_sentinel2(Sentinel2Specification(product_type=code), tmp_path)
        before = {entry: entry.stat().st_mtime_ns for entry in tmp_path.iterdir()}
        identity = ProductIdentity(name=path.name, product_type=TYPES[code], platform="S2B")
        assert ADAPTER.inspect(identity, open_product(path)) == ADAPTER.inspect(identity, open_product(path))
        assert {entry: entry.stat().st_mtime_ns for entry in tmp_path.iterdir()} == before


def test_a_product_of_another_mission_is_not_inspected(tmp_path: Path) -> None:
    path = tmp_path / "something.else"
    path.write_bytes(b"something")
    identity = ProductIdentity(name=path.name, product_type=TYPES["MSI_L1C_TL"], platform="S2B")
    with pytest.raises(ProductRejected, match="no name of a Sentinel-2 product"):
        ADAPTER.inspect(identity, open_product(path))


@pytest.mark.parametrize(
    "code, expected",
    [
        *(
            (code, {"caduSession", "downlinkOrbitNumber", "acquisitionStation", "OriginDate"})
            for code in (
                "MSI_L0__GR",
                "MSI_L1A_GR",
                "MSI_L1B_GR",
                "MSI_L1C_TL",
                "MSI_L2A_TL",
                "MSI_L1C_TC",
                "MSI_L2A_TC",
                "MSI_L1A_DS",
                "MSI_L2A_DS",
            )
        ),
        *((code, set()) for code in ("MSI_L0__DS", "PRD_HKTM__", "AUX_SADATA", "S2MSI1C")),
        ("OLQC_REPORT", {"datastripId", "productGroupId"}),
    ],
)
def test_what_each_kind_inherits(code: str, expected: set[str]) -> None:
    assert set(TYPES[code].inherits) == expected
    assert TYPES[code].report == (code == "OLQC_REPORT")
    assert (TYPES[code].kin is not None) == (code in {"MSI_L1A_DS", "MSI_L2A_DS"})
