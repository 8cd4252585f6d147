"""OData's functions on PostgreSQL say what those on SQLite say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from prip_core.catalogue.database import Database
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.sqlite.functions import functions
from prip_core.testing.postgres import PostgresServer

TEXTS = ("", "a", "S2B_OPER", "straße", "ΑΣ ΟΔΟΣ", "İı", "\u00a0\t a b\u2003\n", "\U0001f600x", "\u1680 \u200b")
NUMBERS = (0.0, -0.5, 0.5, 0.49999999999999994, 2.5, -2.5, 1e17, 123456.789, -7.0, 3.0)
MOMENTS = (0, -1, 1, 999, 951_782_400_000, 253_402_300_799_999, -62_135_596_800_000, -62_135_596_800_001, 9e16, -9e16)
PARTS = ("year", "month", "day", "hour", "minute", "second", "fractionalseconds", "date", "time", "totaloffsetminutes")
CASES: list[tuple[str, tuple[Any, ...]]] = [
    *((name, (text,)) for name in ("length", "tolower", "toupper", "trim") for text in TEXTS),
    *(
        (name, (text, part))
        for name in ("indexof", "endswith", "concat")
        for text in TEXTS
        for part in ("", "a", "ß", "R")
    ),
    *(("substring", (text, start)) for text in TEXTS for start in (0, 2, -1, -2, -99, 99, 2**40)),
    *(("substring", (text, start, 2)) for text in TEXTS for start in (0, 1, -1, -99, 99)),
    *(("substring", ("abcdef", 1, length)) for length in (0, -1, 2**40)),
    *((name, (number,)) for name in ("cut", "round", "floor", "ceiling", "totalseconds") for number in NUMBERS),
    *(("remainder", (left, right)) for left in NUMBERS for right in (2.0, -3.0, 0.0)),
    *((name, (moment,)) for name in PARTS for moment in MOMENTS),
]
PLACES = {str: "?::text", int: "?", float: "?"}


@pytest.fixture(scope="module")
def database(postgres: PostgresServer, _migrated: str) -> Iterator[Database]:
    name = postgres.create(_migrated)
    database = database_at(postgres.url(name))
    yield database
    database.close()
    postgres.drop(name)


@pytest.mark.parametrize("name, arguments", CASES)
def test_a_function_says_what_it_says_on_sqlite(database: Database, name: str, arguments: tuple[Any, ...]) -> None:
    function, _ = functions()[f"prip_{name}"]
    places = ", ".join(PLACES[type(argument)] for argument in arguments)
    ((found,),) = database.rows_of(f"SELECT prip_{name}({places})", arguments)
    expected = function(*arguments)
    assert type(found) in {type(expected), bool, int, float}
    assert found == expected or math.isclose(found, expected, rel_tol=1e-15)


@pytest.mark.parametrize("name, arity", sorted({(name, len(arguments)) for name, arguments in CASES}))
def test_null_gives_null(database: Database, name: str, arity: int) -> None:
    arguments = next(arguments for each, arguments in CASES if (each, len(arguments)) == (name, arity))
    for nothing in range(len(arguments)):
        places = [PLACES[type(argument)] for argument in arguments]
        places[nothing] = "NULL"
        bound = [argument for index, argument in enumerate(arguments) if index != nothing]
        assert database.rows_of(f"SELECT prip_{name}({', '.join(places)})", bound) == [(None,)]
