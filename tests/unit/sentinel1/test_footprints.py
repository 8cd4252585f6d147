"""Footprints from frames: closed, split, lines for tracks, one polygon for each vignette."""

from __future__ import annotations

import pytest

from prip_core import ProductRejected
from prip_sentinel1.footprints import closed_coordinates, footprint_of_frames, positions_of

OPEN = "46.0,1.5 46.4,4.8 44.9,5.1 44.5,1.9"
CLOSED = f"{OPEN} 46.0,1.5"
RING = ((1.5, 46.0), (4.8, 46.4), (5.1, 44.9), (1.9, 44.5), (1.5, 46.0))


@pytest.mark.parametrize("frame", [OPEN, CLOSED])
def test_rings_are_closed_and_turned_to_longitude_latitude(frame: str) -> None:
    footprint = footprint_of_frames([frame])
    assert footprint is not None
    assert footprint.polygons == (RING,)
    assert footprint.line == ()


def test_two_positions_are_a_track() -> None:
    footprint = footprint_of_frames(["-62.2900,108.5909 -65.5655,105.8055"])
    assert footprint is not None
    assert footprint.line == ((108.5909, -62.29), (105.8055, -65.5655))
    assert footprint.polygons == ()


def test_a_track_there_and_back_is_no_area() -> None:
    footprint = footprint_of_frames(["10,20 11,21 10,20"])
    assert footprint is not None
    assert footprint.line == ((20.0, 10.0), (21.0, 11.0), (20.0, 10.0))


def test_each_vignette_is_a_polygon_also_where_they_overlap() -> None:
    footprint = footprint_of_frames([OPEN, OPEN.replace("46.0", "46.1"), "0,0 0,1 1,1 1,0"])
    assert footprint is not None
    assert len(footprint.polygons) == 3


def test_the_antimeridian_splits_a_ring() -> None:
    footprint = footprint_of_frames(["10,179 10,-179 9,-179 9,179"])
    assert footprint is not None
    assert len(footprint.polygons) == 2
    assert {abs(x) for polygon in footprint.polygons for x, _ in polygon} == {179.0, 180.0}


def test_no_frame_is_no_footprint() -> None:
    assert footprint_of_frames([]) is None


@pytest.mark.parametrize(
    "frame",
    [
        "46.0 1.5",
        "46.0,1.5,0",
        "a,b c,d e,f",
        "91,0 0,0 1,1",
        "0,181 0,0 1,1",
        "nan,0 0,0 1,1",
        "0,0 1,1 0,1 1,0",
        "1,1",
    ],
)
def test_what_is_no_area_is_refused(frame: str) -> None:
    with pytest.raises(ProductRejected) as refusal:
        footprint_of_frames([frame])
    assert [finding.rule for finding in refusal.value.findings] == ["QC-13"]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [([OPEN], CLOSED), ([CLOSED], CLOSED), (["1,2 3,4"], "1,2 3,4"), ([OPEN, OPEN], None), ([], None)],
)
def test_coordinates_attribute(frames: list[str], expected: str | None) -> None:
    assert closed_coordinates(frames) == expected


def test_pairs_keep_their_precision() -> None:
    assert positions_of("46.033890,1.512143") == ((1.512143, 46.03389),)
