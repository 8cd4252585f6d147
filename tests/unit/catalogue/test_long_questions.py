"""Questions that take longer than anybody waits: refused, and the database goes on, on SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import closing

import pytest

from prip_core.catalogue.databases import database_at
from prip_core.errors import BadQuery

_COUNT = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?) SELECT max(x) FROM n"
_FOR_HOURS = 10**12
_FOR_A_MOMENT = 300_000


def test_a_question_that_takes_too_long_is_refused(url: str) -> None:
    with closing(database_at(url, answer_within=0.5)) as database:
        for _ in range(2):
            with pytest.raises(BadQuery, match="takes too long"):
                database.rows_of(_COUNT, (_FOR_HOURS,))
            assert database.rows_of(_COUNT, (3,)) == [(3,)]


def test_without_a_limit_it_may_take_its_time(url: str) -> None:
    with closing(database_at(url)) as database:
        assert database.rows_of(_COUNT, (_FOR_A_MOMENT,)) == [(_FOR_A_MOMENT,)]


def test_a_writer_is_not_broken_off(url: str) -> None:
    with closing(database_at(url, answer_within=0.05)) as database, database.writing():
        assert database.rows_of(_COUNT, (_FOR_A_MOMENT,)) == [(_FOR_A_MOMENT,)]
