"""Footprints: what is refused, where they are split, and how they are written."""

from __future__ import annotations

import math

import pytest
import shapely

from prip_core.errors import ProductRejected
from prip_core.footprint import footprint_geojson, footprint_of_line, footprint_of_ring, footprint_shape, footprint_wkt
from prip_core.model import Footprint, Position

SQUARE = ((10.0, 40.0), (11.0, 40.0), (11.0, 41.0), (10.0, 41.0))
FIJI = ((179.0, -18.0), (-179.0, -18.0), (-179.0, -17.0), (179.0, -17.0))


@pytest.mark.parametrize("ring", [SQUARE, (*SQUARE, SQUARE[0]), SQUARE[::-1]])
def test_a_ring_is_closed_and_keeps_its_order(ring: tuple[Position, ...]) -> None:
    (polygon,) = footprint_of_ring(ring).polygons
    assert polygon == (*ring[:4], ring[0])


def test_positions_that_are_repeated_stand_once() -> None:
    assert footprint_of_ring([SQUARE[0], *SQUARE]) == footprint_of_ring(SQUARE)


def test_a_ring_across_the_antimeridian_is_split_there() -> None:
    east, west = footprint_of_ring(FIJI).polygons
    assert {abs(longitude) for longitude, _ in (*east, *west)} == {179.0, 180.0}
    for polygon, side in ((east, 1), (west, -1)):
        assert polygon[0] == polygon[-1]
        assert len({longitude * side > 0 for longitude, _ in polygon}) == 1


def test_a_ring_round_a_pole_gains_its_edge() -> None:
    polygons = footprint_of_ring([(longitude, 80.0) for longitude in (-120.0, 0.0, 120.0)]).polygons
    assert max(latitude for polygon in polygons for _, latitude in polygon) == 90


@pytest.mark.parametrize(
    "ring, reason",
    [
        ([], "0 different corners"),
        ([(1.0, 1.0), (2.0, 2.0), (1.0, 1.0)], "2 different corners"),
        ([(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)], "not a simple polygon"),
        ([(0.0, 91.0), *SQUARE], "longitude 0.0 latitude 91.0 is out of range"),
        ([(180.1, 0.0), *SQUARE], "out of range"),
        ([(math.nan, 0.0), *SQUARE], "no number"),
        ([(0.0, math.inf), *SQUARE], "no number"),
    ],
)
def test_what_is_no_area_is_refused(ring: list[Position], reason: str) -> None:
    with pytest.raises(ProductRejected, match=reason) as refused:
        footprint_of_ring(ring)
    assert [finding.rule for finding in refused.value.findings] == ["QC-13"]


@pytest.mark.parametrize("line", [[], [(1.0, 1.0)], [(1.0, 1.0), (1.0, 1.0)]])
def test_a_line_needs_two_positions(line: list[Position]) -> None:
    with pytest.raises(ProductRejected, match="two positions"):
        footprint_of_line(line)


@pytest.mark.parametrize(
    "footprint, wkt, kind",
    [
        (footprint_of_ring(SQUARE), "POLYGON((10 40,11 40,11 41,10 41,10 40))", "Polygon"),
        (footprint_of_line([(0.5, -1e-7), (100.0, 20.0)]), "LINESTRING(0.5 -0.0000001,100 20)", "LineString"),
        (
            Footprint(polygons=(((0, 0), (1, 0), (1, 1), (0, 0)), ((5, 5), (6, 5), (6, 6), (5, 5)))),
            "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
            "MultiPolygon",
        ),
    ],
)
def test_it_is_written_as_wkt_and_geojson(footprint: Footprint, wkt: str, kind: str) -> None:
    assert footprint_wkt(footprint) == f"geography'SRID=4326;{wkt}'"
    assert footprint_geojson(footprint)["type"] == kind


def test_a_ring_round_a_pole_holds_the_nearer_one() -> None:
    (ring,) = footprint_of_ring([(0.0, -60.0), (120.0, -60.0), (-120.0, -60.0)]).polygons
    assert shapely.Polygon(ring).equals(shapely.box(-180, -90, 180, -60))


@pytest.mark.parametrize(
    ("footprint", "wkt"),
    [
        (Footprint(polygons=(SQUARE + SQUARE[:1],)), "POLYGON((10 40,11 40,11 41,10 41,10 40))"),
        (Footprint(line=((0.0, 0.0), (1.0, 1.0))), "LINESTRING(0 0,1 1)"),
        (Footprint(line=((0.0, 0.0), (0.0, 0.0))), "POINT(0 0)"),
        (Footprint(line=((170.0, 0.0), (-170.0, 10.0))), "MULTILINESTRING((170 0,180 5),(-180 5,-170 10))"),
        (Footprint(line=((170.0, 0.0), (180.0, 5.0), (-180.0, 5.0))), "LINESTRING(170 0,180 5)"),
        (
            Footprint(
                polygons=(
                    ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),
                    ((3.0, 0.0), (4.0, 0.0), (4.0, 1.0), (3.0, 0.0)),
                )
            ),
            "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((3 0,4 0,4 1,3 0)))",
        ),
    ],
)
def test_its_shape(footprint: Footprint, wkt: str) -> None:
    assert footprint_shape(footprint).equals(shapely.from_wkt(wkt))


@pytest.mark.parametrize("side", [-180.0, 180.0])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_ring_that_touches_the_antimeridian_stays_in_one_piece(side: float, reverse: bool) -> None:
    ring = [(100.0, 0.0), (side, 0.0), (100.0, 5.0)]
    (polygon,) = footprint_of_ring(ring[::-1] if reverse else ring).polygons
    assert shapely.Polygon(polygon).equals(shapely.Polygon([(100, 0), (180, 0), (100, 5)]))
