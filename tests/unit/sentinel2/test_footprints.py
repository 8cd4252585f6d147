"""Footprints: lists of positions, UTM corners, the antimeridian."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core import InspectedProduct, ProductRejected, parse_xml
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from prip_sentinel2.fields import Fields
from prip_sentinel2.footprints import footprint_of_metadata, ring_of_position_list

Deliver = Callable[[Path], InspectedProduct]
Pack = Callable[[str], Path]

SQUARE = ((11.0, 46.0), (11.0, 45.0), (13.0, 45.0), (13.0, 46.0), (11.0, 46.0))


@pytest.mark.parametrize(
    "text",
    [
        "46 11 45 11 45 13 46 13 46 11",
        "46 11 1 45 11 2 45 13 3 46 13 4 46 11 1",
        "46 11 45 11 45 13 46 13 46 11 ",
    ],
)
def test_a_list_of_positions_is_of_pairs_or_of_triples(text: str) -> None:
    assert ring_of_position_list(text) == SQUARE


@pytest.mark.parametrize(
    "text, corners",
    [
        ("46 11 45 11 45 13 45.5 14 46 13 46 11", 6),
        ("46 11 0 45 11 0 45 13 0 46 11 0", 4),
    ],
)
def test_closure_decides_where_both_would_do(text: str, corners: int) -> None:
    assert len(text.split()) % 6 == 0
    ring = ring_of_position_list(text)
    assert len(ring) == corners
    assert ring[0] == ring[-1] == (11.0, 46.0)


@pytest.mark.parametrize(
    "text",
    ["", "46 11", "46 11 45 11 45 13 46", "46 11 45 11 45 13 46 13 44 9 43 8", "46 east 45 11 45 13 46 13 46 11"],
)
def test_other_lists_are_refused(text: str) -> None:
    with pytest.raises(ProductRejected) as refusal:
        ring_of_position_list(text)
    assert refusal.value.findings[0].rule == "QC-13"


@pytest.mark.parametrize("code", ["MSI_L0__GR", "MSI_L1B_GR"])
def test_a_granule_without_polygon_in_its_inventory_has_the_one_of_its_metadata(
    code: str, tmp_path: Path, deliver: Deliver
) -> None:
    path = build_sentinel2(
        Sentinel2Specification(product_type=code, overrides={"Geographic_Localization": None}), tmp_path
    )
    footprint = deliver(path).metadata.footprint
    assert footprint is not None
    ring = Sentinel2Specification().ring
    assert footprint.polygons == ((*ring, ring[0]),)


@pytest.mark.parametrize("code", ["MSI_L1C_TL", "MSI_L2A_TL", "MSI_L1C_TC"])
def test_a_tile_without_polygon_has_the_corners_of_its_utm_square(code: str, tmp_path: Path, deliver: Deliver) -> None:
    """The corners that the inventory of a real tile 47XMH gives."""
    footprint = deliver(
        build_sentinel2(Sentinel2Specification(product_type=code, ring=()), tmp_path)
    ).metadata.footprint
    assert footprint is not None
    expected = (
        (94.198240551472423, 79.232285901835922),
        (99.469534716591184, 79.268855012295404),
        (99.430597102187491, 78.285071946794517),
        (94.594819086453938, 78.251637994930306),
        (94.198240551472423, 79.232285901835922),
    )
    assert [pytest.approx(corner, abs=1e-7) for corner in footprint.polygons[0]] == list(expected)


def test_a_datastrip_without_polygon_has_no_footprint(tmp_path: Path, deliver: Deliver) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_DS", ring=()), tmp_path)
    assert deliver(path).metadata.footprint is None


@pytest.mark.parametrize("code", ["AUX_SADATA", "PRD_HKTM__", "OLQC_REPORT", "GIP_DATATI", "MPL_ORBPRE"])
def test_what_shows_no_ground_has_no_footprint(code: str, tmp_path: Path, deliver: Deliver) -> None:
    assert deliver(build_sentinel2(Sentinel2Specification(product_type=code), tmp_path)).metadata.footprint is None


@pytest.mark.parametrize(
    "ring, why",
    [
        (((11.0, 46.0), (13.0, 45.0), (13.0, 46.0), (11.0, 45.0)), "simple polygon"),
        (((11.0, 46.0), (11.0, 95.0), (13.0, 45.0)), "out of range"),
        (((11.0, 46.0), (13.0, 45.0)), "corners"),
    ],
)
def test_a_polygon_that_is_none_is_refused(
    ring: tuple[tuple[float, float], ...], why: str, tmp_path: Path, deliver: Deliver
) -> None:
    with pytest.raises(ProductRejected, match=why) as refusal:
        deliver(build_sentinel2(Sentinel2Specification(ring=ring), tmp_path))
    assert refusal.value.findings[0].rule == "QC-13"


@pytest.mark.parametrize(
    "folder, latitudes",
    [
        ("S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE", (-16.36, -15.34)),
        ("S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE", (-17.26, -16.24)),
    ],
)
def test_a_real_tile_on_the_antimeridian_is_split_there(
    folder: str, latitudes: tuple[float, float], samples: Path
) -> None:
    (path,) = (samples / folder).glob("MTD_MSIL*.xml")
    footprint = footprint_of_metadata(Fields(parse_xml(path.read_bytes(), member=path.name), path.name))
    assert footprint is not None
    east, west = sorted(footprint.polygons, key=lambda ring: -ring[0][0])
    assert all(179 < longitude <= 180 for longitude, _ in east)
    assert all(-180 <= longitude < -179 for longitude, _ in west)
    for ring in (east, west):
        assert ring[0] == ring[-1]
        assert all(before != after for before, after in itertools.pairwise(ring))
        assert all(latitudes[0] < latitude < latitudes[1] for _, latitude in ring)


@pytest.mark.parametrize(
    "folder",
    [
        "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE",
        "S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE",
    ],
)
def test_the_utm_corners_of_a_real_tile_on_the_antimeridian_are_split_too(folder: str, samples: Path) -> None:
    (path,) = (samples / folder).glob("GRANULE/*/MTD_TL.xml")
    footprint = footprint_of_metadata(Fields(parse_xml(path.read_bytes(), member=path.name), path.name))
    assert footprint is not None
    assert len(footprint.polygons) == 2


def test_the_utm_corners_of_a_real_tile_are_those_of_its_inventory(
    samples: Path, packed: Pack, deliver: Deliver
) -> None:
    path = packed("S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_N05.11")
    written = deliver(path).metadata.footprint
    mtd = samples / path.stem / "MTD_TL.xml"
    computed = footprint_of_metadata(Fields(parse_xml(mtd.read_bytes(), member=mtd.name), mtd.name))
    assert written is not None
    assert computed is not None
    assert [pytest.approx(corner, abs=1e-8) for corner in computed.polygons[0]] == list(written.polygons[0])


def test_a_real_granule_has_the_same_ring_in_inventory_and_metadata(
    packed: Pack, samples: Path, deliver: Deliver
) -> None:
    path = packed("S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11")
    (mtd,) = (samples / path.stem).glob("S2B_OPER_MTD_*.xml")
    computed = footprint_of_metadata(Fields(parse_xml(mtd.read_bytes(), member=mtd.name), mtd.name))
    assert computed == deliver(path).metadata.footprint
