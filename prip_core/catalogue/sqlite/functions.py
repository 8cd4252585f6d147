"""Functions that every SQLite connection gets: OData's, where SQLite has none or means another thing by the name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import shapely

Function = Callable[..., Any]

_DAY = 86_400_000  # ms
_FARTHEST = 10**17  # ms; beyond it no part of a date is a number worth having


def functions() -> Mapping[str, tuple[Function, int]]:
    """The functions for one connection: name → function and number of arguments. All are deterministic."""
    plain = {f"prip_{name}": (_strict(function), arity) for name, (function, arity) in _PLAIN.items()}
    return {**plain, **_relations()}


def _strict(function: Function) -> Function:
    """Null where an argument is null."""

    def strict(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return strict


def _index_of(text: str, part: str) -> int:
    return text.find(part)


def _substring(text: str, start: float, length: float | None = None) -> str:
    first = _within(start, text)
    begin = first if first >= 0 else len(text) + first
    return text[begin:] if length is None else text[begin : begin + max(0, _within(length, text))]


def _within(number: float, text: str) -> int:
    """A number of characters as far as a text has them; it may be infinite."""
    return int(min(max(number, -len(text)), len(text)))


def _cut(number: float) -> float:
    return number if math.isinf(number) or math.isnan(number) else float(math.trunc(number))


def _remainder(left: float, right: float) -> float | None:
    return None if right == 0 else left - right * _cut(left / right)


def _round(number: float) -> float:
    """Half away from zero."""
    whole = _cut(number)
    return whole + math.copysign(1.0, number) if abs(number - whole) >= 0.5 else whole


def _dated(part: Callable[[int, int], float]) -> Function:
    """A part of a date, of its day since 1970 and its milliseconds of the day."""

    def of(milliseconds: float) -> float | None:
        return part(*divmod(math.floor(milliseconds), _DAY)) if abs(milliseconds) < _FARTHEST else None

    return of


@lru_cache(maxsize=1024)
def _civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of the proleptic Gregorian calendar, of any day since 1970-01-01."""
    era, of_era = divmod(day + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


_PLAIN: Mapping[str, tuple[Function, int]] = {
    "cut": (_cut, 1),
    "remainder": (_remainder, 2),
    "round": (_round, 1),
    "floor": (lambda number: number if math.isinf(number) else float(math.floor(number)), 1),
    "ceiling": (lambda number: number if math.isinf(number) else float(math.ceil(number)), 1),
    "startswith": (str.startswith, 2),
    "endswith": (str.endswith, 2),
    "concat": (lambda left, right: left + right, 2),
    "indexof": (_index_of, 2),
    "length": (len, 1),
    "substring": (_substring, -1),
    "tolower": (str.lower, 1),
    "toupper": (str.upper, 1),
    "trim": (str.strip, 1),
    "year": (_dated(lambda day, _: _civil(day)[0]), 1),
    "month": (_dated(lambda day, _: _civil(day)[1]), 1),
    "day": (_dated(lambda day, _: _civil(day)[2]), 1),
    "hour": (_dated(lambda _, rest: rest // 3_600_000), 1),
    "minute": (_dated(lambda _, rest: rest // 60_000 % 60), 1),
    "second": (_dated(lambda _, rest: rest // 1000 % 60), 1),
    "fractionalseconds": (_dated(lambda _, rest: rest % 1000 / 1000), 1),
    "date": (_dated(lambda day, _: day * _DAY), 1),
    "time": (_dated(lambda _, rest: rest), 1),
    "totaloffsetminutes": (lambda _: 0, 1),
    "totalseconds": (lambda milliseconds: milliseconds / 1000.0, 1),
}


def _relations() -> Mapping[str, tuple[Function, int]]:
    """How a shape lies to an area. The areas of a question are prepared once, for one connection: its thread alone."""

    @lru_cache(maxsize=64)
    def prepared(area: bytes) -> shapely.Geometry:
        geometry = shapely.from_wkb(area)
        shapely.prepare(geometry)
        return geometry

    def intersects(shape: bytes, area: bytes) -> bool:
        return bool(shapely.intersects(prepared(area), shapely.from_wkb(shape)))

    def within(shape: bytes, area: bytes) -> bool:
        return bool(shapely.contains(prepared(area), shapely.from_wkb(shape)))

    def disjoint(shape: bytes, area: bytes) -> bool:
        return not intersects(shape, area)

    return {"prip_intersects": (intersects, 2), "prip_within": (within, 2), "prip_disjoints": (disjoint, 2)}
