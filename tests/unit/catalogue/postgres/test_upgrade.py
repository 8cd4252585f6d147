"""Making the schema on a PostgreSQL server: what has to be there, who waits for whom, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prip_core.catalogue import open_catalogue, schema_status, upgrade
from prip_core.catalogue import tables as tables_module
from prip_core.errors import CatalogueUnavailable, SchemaMismatch
from prip_core.testing.clock import FixedClock
from prip_core.testing.ports import ReservedPort
from prip_core.testing.postgres import PostgresServer

Sql = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def url(postgres: PostgresServer) -> Any:
    name = postgres.create("template0")
    yield postgres.url(name)
    postgres.drop(name)


def test_from_nothing_and_again(url: str) -> None:
    before = schema_status(url)
    assert (before.current, before.products, before.online) == (0, 0, 0)
    assert upgrade(url) == before.pending
    after = schema_status(url)
    assert (after.current, after.pending) == (after.latest, ())
    assert after.size_bytes > before.size_bytes > 0
    assert upgrade(url) == ()
    open_catalogue(url, FixedClock()).close()


# Values are numbered by PostgreSQL itself: last_vid is SQLite's.
def test_tables_are_what_the_migrations_made(url: str, sql: Sql) -> None:
    upgrade(url)
    models = [each for each in vars(tables_module).values() if isinstance(each, type) and hasattr(each, "_meta")]
    declared = {
        each._meta.table_name: {field.column_name for field in each._meta.sorted_fields} - {"last_vid"}
        for each in models
        if each is not tables_module.Model
    }
    declared["document"] |= {"name", "vids", "footprint"}  # what only plain SQL touches
    found = sql("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    made = {table: {column for name, column in found if name == table} for table in declared}
    assert made == declared


def test_texts_are_ordered_by_code_point(url: str, sql: Sql) -> None:
    upgrade(url)
    other = sql(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' "
        "AND table_name NOT IN (SELECT relname FROM pg_class JOIN pg_depend ON objid = pg_class.oid AND deptype = 'e')"
    )
    assert other == []


def test_older_and_newer_databases_are_refused(url: str, sql: Sql) -> None:
    with pytest.raises(SchemaMismatch, match=r"lacks 0001_first_tables.*; run prip db upgrade"):
        open_catalogue(url, FixedClock())
    upgrade(url)
    sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_from_the_future', '2030-01-01')")
    for attempt in (upgrade, lambda url: open_catalogue(url, FixedClock())):
        with pytest.raises(SchemaMismatch, match=r"newer than this program.*9999_from_the_future"):
            attempt(url)


def test_an_absent_database(postgres: PostgresServer) -> None:
    url = postgres.url("nowhere")
    assert schema_status(url).current == 0
    for attempt in (upgrade, lambda url: open_catalogue(url, FixedClock())):
        with pytest.raises(SchemaMismatch, match=r"there is no database (at )?postgresql://prip@127.0.0.1:\d+/nowhere"):
            attempt(url)


def test_a_server_that_is_away() -> None:
    nobody = ReservedPort()
    url = f"postgresql://prip:hush@127.0.0.1:{nobody.number}/prip"
    for attempt in (upgrade, schema_status, lambda url: open_catalogue(url, FixedClock())):
        with pytest.raises(CatalogueUnavailable, match="refused") as refused:
            attempt(url)
        assert "hush" not in str(refused.value)


def test_extensions_that_the_user_may_not_add(url: str, sql: Sql, postgres: PostgresServer) -> None:
    name = url.rpartition("/")[2]
    sql("DROP ROLE IF EXISTS guest")
    sql("CREATE ROLE guest LOGIN PASSWORD 'hush'")
    sql(f'ALTER DATABASE "{name}" OWNER TO guest')
    guest = f"postgresql://guest:hush@127.0.0.1:{postgres.port}/{name}"
    with pytest.raises(SchemaMismatch, match="CREATE EXTENSION postgis; in this database, then run prip db upgrade"):
        upgrade(guest)
    sql("CREATE EXTENSION postgis")
    assert upgrade(guest)  # pg_trgm may be added by whoever owns the database
