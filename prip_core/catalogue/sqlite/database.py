"""The database file: connections, transactions, and what its errors mean to the rest of the program."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import local
from typing import Any, ClassVar

import peewee
from filelock import FileLock

from prip_core.catalogue.checksum_rows import digest_text, packed_digest
from prip_core.catalogue.database import Contradiction, Database, Row, driver_error, insertion, takes_too_long
from prip_core.catalogue.dictionary import Dictionary
from prip_core.catalogue.documents import Documents
from prip_core.catalogue.searching import Searching
from prip_core.catalogue.sqlite.dialect import SqliteDialect
from prip_core.catalogue.sqlite.functions import functions
from prip_core.catalogue.sqlite.indexes import SqliteIndexes
from prip_core.catalogue.sqlite.search import SqliteSearch
from prip_core.clock import Clock
from prip_core.errors import BadQuery, CatalogueUnavailable, ConfigError, TransientError

_SCHEME = "sqlite:///"
_OLDEST = (3, 35, 0)  # the first with RETURNING and DROP COLUMN
_LOCK_PATIENCE = 60.0  # seconds; a writer holds the lock for milliseconds, an import's batch for less than a second
_CACHE_KIBIBYTES = 4 * 1024  # of each thread; what many threads read alike is in the map, which they share
_MAPPED_BYTES = 1 << 30
_STEPS = 10_000  # of SQLite's machine between two looks at the time; at most some ten ms

_TRY_AGAIN = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})
_TOO_DEEP = frozenset(
    {"parser stack overflow", "Expression tree is too large (maximum depth 1000)", "too many SQL variables"}
)
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


def database_path(url: str) -> Path:
    """The file that a database URL names.

    :param url: ``sqlite:////absolute/path``.
    :raises ConfigError: any other form; or the SQLite of this Python is too old.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise ConfigError(
            f"database.url: this Python comes with SQLite {sqlite3.sqlite_version}, and 3.35 or later is needed; take "
            "another Python, or PostgreSQL"
        )
    path = Path(url.removeprefix(_SCHEME))
    if not url.startswith(_SCHEME) or not path.is_absolute():
        raise ConfigError(
            f"database.url: {url!r} is not understood; write sqlite:////absolute/path/prip.db, or postgresql://user@host/database"
        )
    return path


class _Question(local):
    """What the calling thread asks now.

    :ivar end: when it is interrupted, by the monotonic clock.
    """

    end = math.inf


class _Part(peewee._savepoint):
    """A part of a transaction, which rolls back only what is still there."""

    def rollback(self, begin: bool = True) -> None:
        if self.db.connection().in_transaction:
            super().rollback(begin)


class _SqliteFile(peewee.SqliteDatabase):
    """peewee's SQLite, with our functions and an end to questions; and it rolls back only what is still there."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._question = _Question()

    def _add_conn_hooks(self, connection: sqlite3.Connection) -> None:
        """Each connection has functions of its own: they keep what they prepared, for its thread alone."""
        super()._add_conn_hooks(connection)  # type: ignore[misc]  # peewee has no types
        for name, (function, arity) in functions().items():
            connection.create_function(name, arity, function, deterministic=True)
        connection.set_progress_handler(lambda: time.monotonic() > self._question.end, _STEPS)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Interrupt what the calling thread asks when it takes longer."""
        self._question.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._question.end = math.inf

    def savepoint(self) -> _Part:
        return _Part(self)

    def rollback(self) -> None:
        # A full disk makes SQLite roll back by itself; an error from a second ROLLBACK would hide the cause.
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]
            super().rollback()


class SqliteDatabase(Database):
    """A SQLite file in WAL mode, shared between threads and processes: one connection for each thread, opened lazily.

    :param url: ``sqlite:////absolute/path``; a missing file is an error until :meth:`upgrading` has made it.
    :param answer_within: seconds that a question may take; ``None``: any time.
    :raises ConfigError: any other form.
    """

    MIGRATIONS: ClassVar[Path] = Path(__file__).with_name("migrations")

    def __init__(self, url: str, answer_within: float | None = None) -> None:
        self._path = database_path(url)
        self._answer_within = math.inf if answer_within is None else answer_within
        self.name = str(self._path)
        self.search = SqliteSearch(self)
        self.peewee: Any = _SqliteFile(
            f"{self._path.as_uri()}?mode=rw",
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
            facts = self._path.stat()
            found = facts.st_dev, facts.st_ino
            self._opened = self._opened or found
            if found == self._opened:
                return
        raise CatalogueUnavailable(
            f"the database {self._path} was removed or replaced while it was in use: put it back, or start this anew"
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

    def rows_of(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows that a statement with bound parameters returns.

        :raises CatalogueUnavailable: the database cannot be used.
        :raises BadQuery: outside of transactions, it takes too long.
        """
        writing = bool(self.peewee.in_transaction())
        with translated(writing=writing), self.peewee.within(math.inf if writing else self._answer_within):
            return list(self.peewee.execute_sql(sql, parameters).fetchall())

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Carry out a change inside :meth:`writing`; the number of rows that it touched."""
        return int(self.peewee.execute_sql(sql, parameters).rowcount)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out one statement for many rows inside :meth:`writing`.

        :raises Contradiction: the database refuses one of them.
        """
        try:
            self.peewee.connection().executemany(sql, rows)
        except sqlite3.IntegrityError as error:
            raise Contradiction(str(error)) from error

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write new rows inside :meth:`writing`.

        :raises Contradiction: the database refuses one of them.
        """
        self.execute_many(insertion(table, columns), rows)

    def searching(self) -> Searching:
        """By the postings, trigrams and boxes of SQLite's tables."""
        dialect = SqliteDialect()
        return Searching(
            self, dialect, Dictionary(self, dialect), Documents(self), SqliteIndexes(self, dialect).sources
        )

    def digest(self, value: str) -> str | bytes:
        """As bytes where that loses nothing: half the size."""
        return packed_digest(value)

    def digest_text(self, stored: str | bytes) -> str:
        """Bytes as their digits."""
        return digest_text(stored)

    def clock(self, given: Clock) -> Clock:
        """The given one: a file has none."""
        return given

    @contextmanager
    def upgrading(self) -> Iterator[Any]:
        """The file as peewee's migrations take it, for one process at a time; made where it is absent.

        :raises TransientError: the disk is full.
        :raises CatalogueUnavailable: it cannot be made or used, or its folder is missing: a disk may not be mounted.
        """
        if not self._path.parent.is_dir():
            raise CatalogueUnavailable(
                f"the folder of the catalogue's database {self.name} is missing: mount or make it"
            )
        try:
            lock = FileLock(self._path.with_name(self._path.name + ".upgrade.lock"))
            with lock:
                # For its owner alone: it holds password hashes. What SQLite puts beside it gets the same mode.
                self._path.touch(mode=0o600)
                # Kept in the file itself, so that it is set here once and no process changes it under another one.
                self.rows_of("PRAGMA journal_mode = WAL")
                with translated(writing=True):
                    yield self.peewee
        except OSError as error:
            raise CatalogueUnavailable(f"the catalogue's database {self.name} cannot be made: {error}") from error

    def exists(self) -> bool:
        """Whether there is a file."""
        return self._path.exists()

    def has_table(self, table: str) -> bool:
        """Whether it has a table.

        :raises CatalogueUnavailable: the file cannot be used.
        """
        return bool(self.rows_of("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)))

    def size_bytes(self) -> int:
        """The size of the file and its write-ahead log."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def written(self, query: peewee.Node) -> tuple[str, Sequence[Any]]:
        """A query as SQL and its parameters."""
        sql, parameters = self.peewee.get_sql_context().sql(query).query()
        return str(sql), parameters

    def leave(self) -> None:
        """Close this thread's connection, if it has one."""
        self.close()

    def close(self) -> None:
        """Close this thread's connection, if it has one."""
        with translated(writing=False):
            self.peewee.close()


@contextmanager
def translated(*, writing: bool) -> Iterator[None]:
    """Raise the driver's errors about the file and its lock as the program's own; errors of ours pass as they are.

    :raises TransientError: while writing, the lock was not to be had, or the disk is full.
    :raises CatalogueUnavailable: the database cannot be used.
    :raises BadQuery: a statement is too deep for SQLite, or takes too long: only one with a client's filter can.
    """
    try:
        yield
    except (peewee.DatabaseError, peewee.InterfaceError, sqlite3.DatabaseError) as error:
        origin = driver_error(error)
        code = getattr(origin, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _TRY_AGAIN and writing:
            raise TransientError(f"the catalogue cannot be written now: {origin}") from error
        if code in _TRY_AGAIN | _UNUSABLE:
            raise CatalogueUnavailable(f"the catalogue's database cannot be used: {origin}") from error
        if code == sqlite3.SQLITE_INTERRUPT:
            raise takes_too_long() from error
        if str(origin) in _TOO_DEEP:
            raise BadQuery("$filter is nested deeper than the database can follow; write it flatter") from error
        raise
