"""The PostgreSQL layer: one lock for all writers, few connections for many threads, and servers that go away."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from prip_core.catalogue.database import Contradiction, Database
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.postgres import pool
from prip_core.catalogue.postgres.database import numbered
from prip_core.errors import CatalogueUnavailable, ConfigError, TransientError
from prip_core.testing.postgres import PostgresServer

Sql = Callable[[str], list[tuple[Any, ...]]]

_IDLE = "idle_in_transaction_session_timeout"


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def database(url: str, sql: Sql) -> Iterator[Database]:
    sql("CREATE TABLE mine (x bigint PRIMARY KEY, y text)")
    database = database_at(url)
    yield database
    database.close()


@pytest.fixture
def cut(postgres: PostgresServer, url: str) -> Callable[[], int]:
    """Cuts all connections to the database."""
    return lambda: postgres.cut_connections(url.rpartition("/")[2])


def put(database: Database, x: int) -> None:
    database.change("INSERT INTO mine (x) VALUES (?)", (x,))


def kept(database: Database) -> list[int]:
    return [x for (x,) in database.rows_of("SELECT x FROM mine ORDER BY x")]


def test_places_are_numbered() -> None:
    assert numbered("SELECT ?, ? WHERE a LIKE '%x'") == "SELECT $1, $2 WHERE a LIKE '%x'"


@pytest.mark.parametrize("number", [0, -1, 2**15, 2**31, 2**63 - 1, -(2**63)])
def test_whole_numbers_of_any_size_are_of_one_type(database: Database, number: int) -> None:
    for _ in range(7):  # prepared from the sixth time on
        assert database.rows_of("SELECT pg_typeof(?)::text", (number,)) == [("bigint",)]
    assert database.rows_of("SELECT ?::bigint[]", ([number, None],)) == [([number, None],)]


def test_all_or_nothing(database: Database) -> None:
    with database.writing():
        put(database, 1)
    with pytest.raises(ZeroDivisionError), database.writing():
        put(database, 2)
        raise ZeroDivisionError
    assert kept(database) == [1]


def test_a_part_of_a_transaction_fails_alone(database: Database) -> None:
    with database.writing():
        put(database, 1)
        with pytest.raises(Contradiction, match="duplicate"), database.writing():
            put(database, 2)
            put(database, 1)
        put(database, 3)
    assert kept(database) == [1, 3]


def test_a_swallowed_error_is_no_commit(database: Database) -> None:
    with pytest.raises(AssertionError, match="swallowed"), database.writing():
        put(database, 1)
        with pytest.raises(Contradiction):
            put(database, 1)
    assert kept(database) == []


@pytest.mark.parametrize("number", [1, 19, 20, 500])
def test_few_and_many_rows(database: Database, number: int) -> None:
    rows = [(x, f"tab\tand \\N and ü {x}" if x % 2 else None) for x in range(number)]
    with database.writing():
        database.insert("mine", ("x", "y"), rows)
    assert database.rows_of("SELECT x, y FROM mine ORDER BY x") == rows
    with pytest.raises(Contradiction), database.writing():
        database.insert("mine", ("x", "y"), rows)


def test_one_writer_at_a_time_sees_what_the_last_one_wrote(database: Database, url: str) -> None:
    def add(_: int) -> None:
        with database.writing():
            ((last,),) = database.rows_of("SELECT coalesce(max(x), 0) FROM mine")
            put(database, last + 1)

    with ThreadPoolExecutor(20) as threads:  # more than there are connections
        list(threads.map(add, range(60)))
    assert kept(database) == list(range(1, 61))


def test_reading_goes_on_while_another_writes(database: Database, url: str) -> None:
    with database.writing():
        put(database, 1)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(kept, database).result(60) == []
    assert kept(database) == [1]


def test_the_lock_is_not_waited_for_for_ever(database: Database, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SESSION", ("SET lock_timeout = '50ms'",))
    other = database_at(url)
    with database.writing(), pytest.raises(TransientError, match="lock timeout"), other.writing():
        pass
    with other.writing():
        put(other, 1)
    other.close()


def test_a_stopped_writer_frees_the_lock(database: Database, url: str) -> None:
    stopped = database_at(url)
    resume = threading.Event()
    begun = threading.Event()

    def stop() -> None:
        with stopped.writing():
            put(stopped, 1)
            assert stopped.rows_of(f"SHOW {_IDLE}") == [("30s",)]
            stopped.rows_of(f"SELECT set_config('{_IDLE}', '100ms', true)")  # the last that it says for now
            begun.set()
            resume.wait(60)
            put(stopped, 2)

    with ThreadPoolExecutor(1) as thread:
        late = thread.submit(stop)
        assert begun.wait(60)
        with database.writing():
            put(database, 3)
        resume.set()
        with pytest.raises(TransientError, match="cannot be written now"):
            late.result(60)
    assert kept(database) == [3]
    with stopped.writing():
        put(stopped, 4)
    stopped.close()


def test_reading_and_beginning_to_write_survive_cut_connections(database: Database, cut: Callable[[], int]) -> None:
    kept(database)
    assert cut() >= 1
    assert kept(database) == []
    assert cut() >= 1
    with database.writing():
        put(database, 1)
    assert kept(database) == [1]


@pytest.mark.parametrize("act", [kept, lambda database: put(database, 2)])
def test_a_transaction_does_not_survive_its_connection(
    database: Database, cut: Callable[[], int], act: Callable[[Database], object]
) -> None:
    with pytest.raises(TransientError, match="cannot be written now"), database.writing():
        put(database, 1)
        cut()
        act(database)
    assert kept(database) == []


def test_a_commit_whose_connection_broke_is_transient(database: Database, cut: Callable[[], int]) -> None:
    with pytest.raises(TransientError, match="cannot be written now"), database.writing():
        put(database, 1)
        cut()
    assert kept(database) == []


def test_a_server_that_goes_and_comes_back(postgres: PostgresServer) -> None:
    with PostgresServer() as server:
        database = database_at(server.url(server.create()))
        assert database.rows_of("SELECT 1") == [(1,)]
        server.stop(signal.SIGQUIT)
        with pytest.raises(CatalogueUnavailable, match="refused"):
            database.rows_of("SELECT 1")
        with pytest.raises(CatalogueUnavailable, match="refused"), database.writing():
            pass
        server.start()
        assert database.rows_of("SELECT 1") == [(1,)]
        database.close()


def test_a_server_that_may_only_be_read(database: Database, sql: Sql, url: str) -> None:
    sql(f'ALTER DATABASE "{url.rpartition("/")[2]}" SET default_transaction_read_only = on')
    reader = database_at(url)
    with pytest.raises(CatalogueUnavailable, match="read-only"), reader.writing():
        put(reader, 1)
    assert kept(reader) == []
    reader.close()


def test_threads_hold_no_connection_between_statements(database: Database, sql: Sql) -> None:
    with ThreadPoolExecutor(40) as threads:
        list(threads.map(lambda _: kept(database) or time.sleep(0.01), range(200)))
        ((connections,),) = sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'prip'"
        )
    assert 0 < connections <= 8


def test_a_limit_of_the_servers_breaks_off_no_writer_and_blames_no_client(
    database: Database, sql: Sql, url: str
) -> None:
    sql(f'ALTER DATABASE "{url.rpartition("/")[2]}" SET statement_timeout = 500')
    hurried = database_at(url)
    with pytest.raises(CatalogueUnavailable, match="timeout"):
        hurried.rows_of("SELECT pg_sleep(9)")
    with hurried.writing():
        hurried.rows_of("SELECT pg_sleep(0.7)")
        put(hurried, 1)
    assert kept(hurried) == [1]
    hurried.close()


@pytest.mark.parametrize("place", ["prip:hu@sh@host/prip", "prip:hu/sh@host/prip", "prip:12/hush@host/prip"])
def test_a_password_with_signs_of_a_url_is_refused_unseen(place: str) -> None:
    with pytest.raises(ConfigError, match="%40 for an @ in the password") as refused:
        database_at(f"postgresql://{place}")
    assert "sh" not in str(refused.value)


def test_the_time_is_the_servers(database: Database) -> None:
    from prip_core.clock import SystemClock
    from prip_core.testing.clock import FixedClock

    fixed = FixedClock()
    assert database.clock(fixed) is fixed
    clock = database.clock(SystemClock())
    times = []
    for _ in range(3):
        ((now,),) = database.rows_of("SELECT extract(epoch FROM clock_timestamp())::double precision")
        times += [now - 0.001, clock.now().timestamp()]  # which is cut to milliseconds
        time.sleep(0.002)
    assert times == sorted(times)
    assert clock.now().utcoffset() is not None
    assert clock.boot_seconds() > 0
