"""The database file: connections, transactions, and what its errors mean to the rest of the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import peewee

from prip_core.errors import CatalogueUnavailable, ConfigError, TransientError

Row = tuple[Any, ...]
"""A row as the driver gives it: integers, texts, bytes, ``None``."""

_SCHEME = "sqlite:///"
_LOCK_PATIENCE = 60.0  # seconds; a writer holds the lock for milliseconds, an import's batch for less than a second
_CACHE_KIBIBYTES = 4 * 1024  # of each thread; what many threads read alike is in the map, which they share
_MAPPED_BYTES = 1 << 30

_TRY_AGAIN = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})
_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_SCHEMA,
    }
)


class Contradiction(Exception):
    """The database refuses a row: its key is there already, or what it refers to is not."""


def database_path(url: str) -> Path:
    """The file that a database URL names.

    :param url: ``sqlite:////absolute/path``.
    :raises ConfigError: any other form.
    """
    path = Path(url.removeprefix(_SCHEME))
    if not url.startswith(_SCHEME) or not path.is_absolute():
        raise ConfigError(f"database.url: {url!r} is not understood; write sqlite:////absolute/path/prip.db")
    return path


class _SqliteFile(peewee.SqliteDatabase):
    """peewee's SQLite, except that it rolls back only what is still there."""

    def rollback(self) -> None:
        # A full disk makes SQLite roll back by itself; an error from a second ROLLBACK would hide the cause.
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]
            super().rollback()


class Database:
    """A SQLite file in WAL mode, shared between threads and processes: one connection for each thread, opened lazily.

    :param create: make the file when there is none; otherwise a missing file is an error.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self.peewee: Any = _SqliteFile(
            f"{path.as_uri()}?mode={'rwc' if create else 'rw'}",
            pragmas={
                "synchronous": "FULL",
                "foreign_keys": 1,
                "cache_size": -_CACHE_KIBIBYTES,
                "mmap_size": _MAPPED_BYTES,
                "temp_store": "MEMORY",
            },
            timeout=_LOCK_PATIENCE,
            # A deferred transaction that reads and then writes fails with "database is locked" under other writers.
            lock_type="IMMEDIATE",
            uri=True,
        )
        self._opened: tuple[int, int] | None = None

    def check_in_place(self) -> None:
        """Make sure that the file is still the one that it was at the first call.

        What is written into a file that was removed or replaced is lost as soon as the last process closes it.

        :raises CatalogueUnavailable: it is not.
        """
        with suppress(FileNotFoundError):
            facts = self.path.stat()
            found = facts.st_dev, facts.st_ino
            self._opened = self._opened or found
            if found == self._opened:
                return
        raise CatalogueUnavailable(
            f"the database {self.path} was removed or replaced while it was in use: put it back, or start this anew"
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its start: all of it happens, or nothing.

        :raises TransientError: the lock was not to be had, or the disk is full.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        self.check_in_place()
        with translated(writing=True), self.peewee.atomic():
            yield

    def rows(self, query: peewee.Node) -> list[Row]:
        """All rows of a query.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        sql, parameters = self.written(query)
        return self.rows_of(sql, parameters)

    def rows_of(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows that a statement with bound parameters returns.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        with translated(writing=self.peewee.in_transaction()):
            return list(self.peewee.execute_sql(sql, parameters).fetchall())

    def row(self, query: peewee.Node) -> Row | None:
        """The first row of a query, ``None`` when there is none.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        rows = self.rows(query)
        return rows[0] if rows else None

    def execute(self, query: peewee.Node) -> int:
        """Carry out a change inside :meth:`writing`; the number of rows that it touched."""
        cursor = self.peewee.execute_sql(*self.written(query))
        return int(cursor.rowcount)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out one statement for many rows inside :meth:`writing`.

        :raises Contradiction: the database refuses one of them.
        """
        try:
            self.peewee.connection().executemany(sql, rows)
        except sqlite3.IntegrityError as error:
            raise Contradiction(str(error)) from error

    def written(self, query: peewee.Node) -> tuple[str, Sequence[Any]]:
        """A query as SQL and its parameters."""
        sql, parameters = self.peewee.get_sql_context().sql(query).query()
        return str(sql), parameters

    def close(self) -> None:
        """Close this thread's connection, if it has one."""
        with translated(writing=False):
            self.peewee.close()


@contextmanager
def translated(*, writing: bool) -> Iterator[None]:
    """Raise the driver's errors about the file and its lock as the program's own; errors of ours pass as they are.

    :raises TransientError: while writing, the lock was not to be had, or the disk is full.
    :raises CatalogueUnavailable: the database cannot be used.
    """
    try:
        yield
    except (peewee.DatabaseError, peewee.InterfaceError, sqlite3.DatabaseError) as error:
        origin = _driver_error(error)
        code = getattr(origin, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _TRY_AGAIN and writing:
            raise TransientError(f"the catalogue cannot be written now: {origin}") from error
        if code in _TRY_AGAIN | _UNUSABLE:
            raise CatalogueUnavailable(f"the catalogue's database cannot be used: {origin}") from error
        raise


def _driver_error(error: Exception) -> Exception:
    """peewee wraps the driver's errors, those of connecting twice, and keeps the original as ``orig``."""
    while isinstance(original := getattr(error, "orig", None), Exception):
        error = original
    return error
