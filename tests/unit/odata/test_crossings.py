"""How often lines meet: as often as shapely says, pair by pair."""

from __future__ import annotations

import itertools
import random

import pytest
import shapely

from prip_core.odata import crossings
from prip_core.odata.crossings import meet_often


@pytest.fixture(autouse=True)
def _counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossings, "_FEW", 0)


def meetings(*geometries: shapely.Geometry) -> int:
    """The number that :func:`meet_often` takes them for."""
    return next(most for most in itertools.count() if not meet_often(geometries, most))


def random_line(chance: random.Random, length: int) -> shapely.LineString:
    # Whole numbers of a small square: many touch, and many lie on each other.
    places = [(chance.randrange(8), chance.randrange(8)) for _ in range(length)]
    return shapely.LineString([place for place, _ in itertools.groupby(places)])


@pytest.mark.parametrize("seed", range(10))
def test_pairs_of_segments_are_counted_as_shapely_counts_them(seed: int) -> None:
    chance = random.Random(seed)
    lines = [random_line(chance, length) for length in (3, 7, 90)]
    pairs = [itertools.pairwise(line.coords) for line in lines]
    segments = [shapely.LineString(pair) for pair in itertools.chain(*pairs)]
    assert meetings(*lines) == sum(a.intersects(b) for a, b in itertools.combinations(segments, 2))


def test_neighbours_touch() -> None:
    assert meetings(shapely.LineString([(0, 0), (1, 0), (2, 0), (3, 1)])) == 2
    assert meetings(shapely.box(0, 0, 1, 1)) == 4


def test_lines_in_a_row_do_not_meet() -> None:
    assert meetings(shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(2, 0), (3, 0)])) == 0


def test_points_meet_nothing() -> None:
    assert meetings(shapely.Point(0, 0), shapely.Point(0, 0)) == 0
