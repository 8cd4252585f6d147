"""OData's functions as SQLite connections get them, against Python's own calendar and text."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from prip_core.catalogue.sqlite.functions import functions

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999000), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for name, (function, arity) in functions().items():
        connection.create_function(name, arity, function, deterministic=True)
    yield connection
    connection.close()


def called(connection: sqlite3.Connection, name: str, *arguments: Any) -> Any:
    ((value,),) = connection.execute(f"SELECT prip_{name}({', '.join('?' * len(arguments))})", arguments)
    return value


@given(moment=moments)
def test_parts_of_a_date_are_those_of_the_calendar(connection: sqlite3.Connection, moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    stored = (moment - EPOCH) // timedelta(milliseconds=1)
    for part in ("year", "month", "day", "hour", "minute", "second"):
        assert called(connection, part, stored) == getattr(moment, part)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert called(connection, "fractionalseconds", stored) == moment.microsecond / 1_000_000
    assert called(connection, "date", stored) == (midnight - EPOCH) // timedelta(milliseconds=1)
    assert called(connection, "time", stored) == (moment - midnight) // timedelta(milliseconds=1)


def test_no_date_is_too_far(connection: sqlite3.Connection) -> None:
    assert called(connection, "year", 10**16) == 318857
    assert called(connection, "year", -(10**16)) == -314918
    assert called(connection, "year", 1e300) is None


@given(number=st.floats(-1e15, 1e15))
def test_rounding(connection: sqlite3.Connection, number: float) -> None:
    assert called(connection, "floor", number) == math.floor(number)
    assert called(connection, "ceiling", number) == math.ceil(number)
    assert called(connection, "cut", number) == math.trunc(number)
    assert abs(called(connection, "round", number) - number) <= 0.5


@pytest.mark.parametrize(
    "number, rounded",
    [
        (0.5, 1.0),
        (-0.5, -1.0),
        (2.5, 3.0),
        (-2.5, -3.0),
        (0.49999999999999994, 0.0),
        (1.4, 1.0),
        (4503599627370497.5, 4503599627370498.0),
    ],
)
def test_a_half_is_rounded_away_from_zero(connection: sqlite3.Connection, number: float, rounded: float) -> None:
    assert called(connection, "round", number) == rounded


def test_remainders_have_the_sign_of_what_is_divided(connection: sqlite3.Connection) -> None:
    assert called(connection, "remainder", -7.0, 3.0) == -1
    assert called(connection, "remainder", 7.0, -3.0) == 1
    assert called(connection, "remainder", 7.0, 0.0) is None


@pytest.mark.parametrize(
    "name, arguments, value",
    [
        ("length", ("ä\U0001f6f0b",), 3),
        ("length", ("a\0b",), 3),
        ("indexof", ("a\U0001f6f0b", "b"), 2),
        ("indexof", ("abc", "x"), -1),
        ("indexof", ("abc", ""), 0),
        ("substring", ("abcdef", 2), "cdef"),
        ("substring", ("abcdef", 2, 3), "cde"),
        ("substring", ("abcdef", -2), "ef"),
        ("substring", ("abcdef", -20, 2), "ab"),
        ("substring", ("abc", 9), ""),
        ("substring", ("abc", 1, -1), ""),
        ("tolower", ("ÄÖÜ",), "äöü"),
        ("toupper", ("straße",), "STRASSE"),
        ("trim", ("\u2003 a b\n",), "a b"),
        ("concat", ("a", "b"), "ab"),
        ("startswith", ("abc", ""), 1),
        ("endswith", ("a\0bc", "\0bc"), 1),
        ("endswith", ("bc", "abc"), 0),
        ("totalseconds", (1500,), 1.5),
        ("totaloffsetminutes", (1500,), 0),
    ],
)
def test_texts(connection: sqlite3.Connection, name: str, arguments: tuple[Any, ...], value: Any) -> None:
    assert called(connection, name, *arguments) == value


@pytest.mark.parametrize("name", ["length", "year", "round", "floor", "totalseconds", "tolower"])
def test_null_gives_null(connection: sqlite3.Connection, name: str) -> None:
    assert called(connection, name, None) is None


def test_borders_belong_to_both(connection: sqlite3.Connection) -> None:
    square, inner, beside, apart = (
        shapely.to_wkb(shapely.box(*bounds)) for bounds in ((0, 0, 2, 2), (0, 0, 1, 1), (2, 0, 3, 1), (5, 5, 6, 6))
    )
    assert [called(connection, "intersects", shape, square) for shape in (inner, beside, apart)] == [1, 1, 0]
    assert [called(connection, "disjoints", shape, square) for shape in (inner, beside, apart)] == [0, 0, 1]
    assert [called(connection, "within", shape, square) for shape in (inner, beside, square)] == [1, 0, 1]
    assert called(connection, "within", square, inner) == 0
