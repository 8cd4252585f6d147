"""Migrations: from nothing, twice; older, newer and absent databases are refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from prip_core.catalogue import open_catalogue, schema_status, upgrade
from prip_core.catalogue import tables as tables_module
from prip_core.errors import CatalogueUnavailable, ConfigError, SchemaMismatch
from prip_core.testing.clock import FixedClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "prip #1.db"


@pytest.fixture
def url(path: Path) -> str:
    path.parent.mkdir()
    return f"sqlite:///{path}"


def execute(path: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        with connection:
            return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_from_nothing(url: str, path: Path) -> None:
    before = schema_status(url)
    assert (before.current, before.products, before.online, before.size_bytes) == (0, 0, 0, 0)
    assert upgrade(url) == before.pending
    after = schema_status(url)
    assert (after.current, after.pending) == (after.latest, ())
    assert after.size_bytes > 0
    assert execute(path, "PRAGMA journal_mode") == [("wal",)]
    open_catalogue(url, FixedClock()).close()


def test_second_upgrade_does_nothing(url: str) -> None:
    upgrade(url)
    assert upgrade(url) == ()


def test_tables_are_what_the_migrations_made(url: str, path: Path) -> None:
    upgrade(url)
    models = [each for each in vars(tables_module).values() if isinstance(each, type) and hasattr(each, "_meta")]
    declared = {
        each._meta.table_name: [field.column_name for field in each._meta.sorted_fields]
        for each in models
        if each is not tables_module.Model
    }
    made = {table: [row[1] for row in execute(path, f"PRAGMA table_info({table})")] for table in declared}
    assert len(declared) == 8
    assert made == declared


def test_absent_database_is_refused_and_not_made(url: str, path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="prip db upgrade"):
        open_catalogue(url, FixedClock())
    assert not path.exists()


def test_older_database_is_refused(url: str, path: Path) -> None:
    execute(path, "CREATE TABLE other (x)")
    with pytest.raises(SchemaMismatch, match=r"lacks 0001_first_tables, .*; run prip db upgrade"):
        open_catalogue(url, FixedClock())
    assert schema_status(url).current == 0


def test_newer_database_is_refused(url: str, path: Path) -> None:
    upgrade(url)
    execute(path, "INSERT INTO schema_migration (name, applied) VALUES ('9999_from_the_future', '2030-01-01')")
    with pytest.raises(SchemaMismatch, match=r"newer than this program.*9999_from_the_future"):
        open_catalogue(url, FixedClock())
    with pytest.raises(SchemaMismatch, match="newer"):
        upgrade(url)
    assert schema_status(url).current == 9999


@pytest.mark.parametrize("content", [b"this is no database at all" * 100])
def test_file_that_is_no_database(url: str, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for attempt in (upgrade, schema_status, lambda url: open_catalogue(url, FixedClock())):
        with pytest.raises(CatalogueUnavailable, match="not a database"):
            attempt(url)


def test_a_missing_folder_is_refused_and_not_made(tmp_path: Path) -> None:
    """It may be the place of a disk that is not mounted."""
    with pytest.raises(CatalogueUnavailable, match=r"folder .* is missing: mount or make it"):
        upgrade(f"sqlite:///{tmp_path}/disk/prip.db")
    assert not (tmp_path / "disk").exists()


def test_a_file_that_takes_the_place_of_the_database_is_not_written(url: str, path: Path) -> None:
    upgrade(url)
    catalogue = open_catalogue(url, FixedClock())
    catalogue.users.add("ann", "hash", [])
    catalogue.close()
    kept = path.rename(path.with_name("kept.db"))
    with pytest.raises(CatalogueUnavailable, match="removed or replaced"):
        catalogue.users.add("bob", "hash", [])
    upgrade(url)
    for attempt in (lambda: catalogue.users.add("bob", "hash", []), catalogue.ping):
        with pytest.raises(CatalogueUnavailable, match="removed or replaced"):
            attempt()
    kept.replace(path)
    catalogue.ping()
    catalogue.users.add("bob", "hash", [])
    assert [user.name for user in catalogue.users.all()] == ["ann", "bob"]
    catalogue.close()


def test_an_sqlite_that_is_too_old_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(ConfigError, match=r"SQLite .* 3\.35 or later is needed; take another Python, or PostgreSQL"):
        upgrade(url)


@pytest.mark.parametrize("url", ["postgresql://[host/prip", "sqlite:///relative.db", "sqlite://", "prip.db"])
def test_url_that_is_not_understood(url: str) -> None:
    for attempt in (upgrade, schema_status, lambda url: open_catalogue(url, FixedClock())):
        with pytest.raises(ConfigError, match=r"database\.url"):
            attempt(url)
