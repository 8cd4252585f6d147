"""How often the lines of a geometry meet each other: as many points appear where it is joined or compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_Numbers = NDArray[np.float64]

_AT_ONCE = 64  # segments that are compared with all others by one step
_FEW = 200  # segments; whatever they do, they meet at most 20 000 times


def meet_often(geometries: Sequence[BaseGeometry], most: int) -> bool:
    """Whether the lines and rings of geometries meet themselves and each other more than so many times.

    :param most: pairs of segments that may cross or touch each other; neighbours do.
    """
    starts, ends = _segments(geometries)
    if len(starts) <= _FEW:
        return False
    found = 0
    for first in range(0, len(starts), _AT_ONCE):
        found += _meetings(starts[first:], ends[first:], min(_AT_ONCE, len(starts) - first))
        if found > most:
            return True
    return False


def _segments(geometries: Sequence[BaseGeometry]) -> tuple[_Numbers, _Numbers]:
    """Where each segment starts and ends; points have none."""
    lines = [each.boundary if each.geom_type.endswith("Polygon") else each for each in geometries]
    positions, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = line[:-1] == line[1:]
    return positions[:-1][same], positions[1:][same]


def _meetings(starts: _Numbers, ends: _Numbers, number: int) -> int:
    """How many pairs of one of the first segments and a later one meet."""
    start, end = starts[:number, None], ends[:number, None]
    near = _overlap(start, end, starts, ends)
    near &= np.arange(len(starts)) > np.arange(number)[:, None]
    one, other = np.nonzero(near)
    a, b, c, d = starts[one], ends[one], starts[other], ends[other]
    meet = (_side(a, b, c) * _side(a, b, d) <= 0) & (_side(c, d, a) * _side(c, d, b) <= 0)
    return int(np.count_nonzero(meet))


def _overlap(start: _Numbers, end: _Numbers, starts: _Numbers, ends: _Numbers) -> NDArray[np.bool_]:
    """Whether the boxes of segments have a point in common."""
    apart = (np.maximum(start, end) < np.minimum(starts, ends)) | (np.maximum(starts, ends) < np.minimum(start, end))
    near: NDArray[np.bool_] = np.logical_not(np.any(apart, axis=-1))
    return near


def _side(a: _Numbers, b: _Numbers, point: _Numbers) -> _Numbers:
    """On which side of the line from a to b points lie: the sign of their determinant."""
    ahead, aside = b - a, point - a
    sides: _Numbers = np.sign(ahead[:, 0] * aside[:, 1] - ahead[:, 1] * aside[:, 0])
    return sides
