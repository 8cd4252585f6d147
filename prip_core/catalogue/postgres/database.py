"""The PostgreSQL server: statements, transactions under one advisory lock, and migrations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from threading import local
from typing import Any, ClassVar, TypeVar

import peewee
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from prip_core.catalogue.database import Database, Row, insertion
from prip_core.catalogue.dictionary import Dictionary
from prip_core.catalogue.documents import Documents
from prip_core.catalogue.postgres.checksums import stored_digest, stored_text
from prip_core.catalogue.postgres.clock import ServerClock
from prip_core.catalogue.postgres.dialect import PostgresDialect
from prip_core.catalogue.postgres.errors import is_broken, translated
from prip_core.catalogue.postgres.indexes import PostgresIndexes, counts
from prip_core.catalogue.postgres.pool import Connection, Pool
from prip_core.catalogue.postgres.search import PostgresSearch
from prip_core.catalogue.searching import Searching
from prip_core.clock import Clock, SystemClock
from prip_core.errors import CatalogueUnavailable, ConfigError, SchemaMismatch

_WRITERS = 0x70726970  # the advisory lock of all that write: "prip"
_UPGRADES = _WRITERS + 1
_WORTH_A_COPY = 20  # rows
_EXTENSIONS = ("postgis", "pg_trgm")

_NOT_UNDERSTOOD = (
    "database.url is not understood; write postgresql://user:password@host/database "
    "(with %40 for an @ in the password, %2F for a /, and so on)"
)
_PORTS = re.compile(r"[0-9,]*")
_ABSENT = re.compile(r'database "[^"]*" does not exist')

_Done = TypeVar("_Done")


class PostgresDatabase(Database):
    """A database of a PostgreSQL server. Between statements, and outside of transactions, a thread holds no connection.

    :param url: ``postgresql://user:password@host/database``, with any parameters that libpq knows.
    :param answer_within: seconds that a question may take; ``None``: as long as the server lets it.
    :raises ConfigError: the URL is not understood.
    """

    MIGRATIONS: ClassVar[Path] = Path(__file__).with_name("migrations")

    def __init__(self, url: str, answer_within: float | None = None) -> None:
        self._url = url
        self.name = _without_password(url)
        self.search = PostgresSearch(self)
        self._limited = answer_within is not None
        self._pool = Pool(url, answer_within)
        self._held = _Held()
        # It writes SQL, and never connects.
        self._language: Any = peewee.PostgresqlDatabase(None, prefer_psycopg3=True)
        self._language.param = "?"

    def check_in_place(self) -> None:
        """Nothing can take the place of a server's database while it is in use."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its start; inside another one, a savepoint.

        :raises TransientError: the lock was not to be had, the disk is full, or the connection broke.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        outer = self._held.connection
        if outer is not None:
            with translated(writing=True), outer.transaction():
                yield
            return
        with translated(writing=True):
            connection = self._begun()
            self._held.connection = connection
            try:
                yield
                _commit(connection)
            except BaseException:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._held.connection = None
                self._pool.give_back(connection)

    def rows_of(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows that a statement returns; asked again on another connection when the first one broke.

        :raises CatalogueUnavailable: the database cannot be used.
        :raises BadQuery: outside of transactions, it takes too long.
        """
        held = self._held.connection
        if held is not None:
            with translated(writing=True):
                return _rows(held, sql, parameters)
        with translated(writing=False, limited=self._limited):
            return self._on_any(lambda connection: _rows(connection, sql, parameters))

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Carry out a change inside :meth:`writing`; the number of rows that it touched."""
        with translated(writing=True):
            return self._writer().execute(numbered(sql), parameters).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out one statement for many rows inside :meth:`writing`.

        :raises Contradiction: the database refuses one of them.
        """
        with translated(writing=True), self._writer().cursor() as cursor:
            cursor.executemany(numbered(sql), rows)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write new rows inside :meth:`writing`: many of them by COPY.

        :raises Contradiction: the database refuses one of them.
        """
        if not rows:
            return
        if len(rows) < _WORTH_A_COPY:
            self.execute_many(insertion(table, columns), rows)
            return
        names = ", ".join(f'"{column}"' for column in columns)
        copying = f"COPY {table} ({names}) FROM STDIN"
        with translated(writing=True), self._writer().cursor() as cursor, cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row(row)

    def searching(self) -> Searching:
        """By the arrays, trigrams and shapes of PostgreSQL's tables."""
        dialect = PostgresDialect()
        sources = PostgresIndexes(self, dialect).sources
        return Searching(self, dialect, Dictionary(self, dialect), Documents(self), sources, counts)

    def digest(self, value: str) -> str | bytes:
        """As bytes: half the size of most."""
        return stored_digest(value)

    def digest_text(self, stored: str | bytes) -> str:
        """Bytes as the text that they stand for."""
        assert isinstance(stored, bytes), "the column has bytes alone"
        return stored_text(stored)

    def clock(self, given: Clock) -> Clock:
        """The server's clock in place of a machine's own; a test's stays."""
        return ServerClock(self, given) if isinstance(given, SystemClock) else given

    @contextmanager
    def upgrading(self) -> Iterator[Any]:
        """The database with its extensions, as peewee's migrations take it, for one process at a time.

        :raises SchemaMismatch: the server has no database of this name, or an extension lacks that only an
            administrator may add.
        :raises CatalogueUnavailable: it cannot be used.
        """
        if not self.exists():
            raise SchemaMismatch(f"there is no database {self.name}; make it with createdb, then run prip db upgrade")
        migrating: Any = peewee.PostgresqlDatabase(self._url, prefer_psycopg3=True)
        with translated(writing=True):
            try:
                # Of the session: it goes with the connection, even that of a process that died.
                migrating.execute_sql(f"SELECT pg_advisory_lock({_UPGRADES})")
                self._add_extensions(migrating)
                yield migrating
            finally:
                migrating.close()

    def exists(self) -> bool:
        """Whether the server has a database of this name.

        :raises CatalogueUnavailable: it does not answer, or does not let us in.
        """
        try:
            self.rows_of("SELECT 1")
        except CatalogueUnavailable as error:
            if _ABSENT.search(str(error)):  # the driver keeps nothing else of a refused connection
                return False
            raise
        return True

    def has_table(self, table: str) -> bool:
        """Whether it has a table, where the search path leads."""
        return self.rows_of("SELECT to_regclass(?) IS NOT NULL", (table,)) == [(True,)]

    def size_bytes(self) -> int:
        """The room that it takes on the server's disk."""
        ((size,),) = self.rows_of("SELECT pg_database_size(current_database())")
        return int(size)

    def written(self, query: peewee.Node) -> tuple[str, Sequence[Any]]:
        """A query as SQL and its parameters."""
        sql, parameters = self._language.get_sql_context().sql(query).query()
        return str(sql), parameters

    def leave(self) -> None:
        """Nothing: a thread holds nothing."""

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pool.close()

    def _begun(self) -> Connection:
        """A connection in a transaction that has the lock."""
        connection = self._pool.take()
        try:
            return _lock(connection)
        except psycopg.Error as error:
            self._pool.give_back(connection)
            if not is_broken(error):
                raise
        # It broke while it lay idle, and nothing has happened yet.
        connection = self._pool.take(fresh=True)
        try:
            return _lock(connection)
        except psycopg.Error:
            self._pool.give_back(connection)
            raise

    def _on_any(self, act: Callable[[Connection], _Done]) -> _Done:
        """Do something that may be repeated: on a second connection when the first one breaks."""
        connection = self._pool.take()
        try:
            return act(connection)
        except psycopg.Error as error:
            if not is_broken(error):
                raise
        finally:
            self._pool.give_back(connection)
        connection = self._pool.take(fresh=True)
        try:
            return act(connection)
        finally:
            self._pool.give_back(connection)

    def _writer(self) -> Connection:
        held = self._held.connection
        assert held is not None, "changes belong into a writing transaction"
        return held

    def _add_extensions(self, migrating: Any) -> None:
        present = {name for (name,) in self.rows_of("SELECT extname FROM pg_extension")}
        for name in _EXTENSIONS:
            if name not in present:
                try:
                    migrating.execute_sql(f"CREATE EXTENSION IF NOT EXISTS {name}")
                except peewee.DatabaseError as error:
                    raise SchemaMismatch(
                        f"the database {self.name} lacks the extension {name}, and this user cannot add it "
                        f"({' '.join(str(error).split())}); install it on the server, let an administrator run "
                        f"CREATE EXTENSION {name}; in this database, then run prip db upgrade again"
                    ) from error


class _Held(local):
    """The connection of the calling thread's transaction."""

    connection: Connection | None = None


@lru_cache(maxsize=2048)
def numbered(sql: str) -> str:
    """SQL with ``$1``, ``$2`` … for its question marks."""
    first, *rest = sql.split("?")
    return first + "".join(f"${number}{piece}" for number, piece in enumerate(rest, start=1))


def _rows(connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
    try:
        cursor = connection.execute(numbered(sql), parameters, binary=True)
    except psycopg.DataError:
        if (cleaned := _without_nul(parameters)) == list(parameters):
            raise
        cursor = connection.execute(numbered(sql), cleaned, binary=True)
    return cursor.fetchall() if cursor.description else []


def _without_nul(parameters: Sequence[Any]) -> list[Any]:
    """No text here has a NUL: the next character finds as little, and stands in the same place of any order."""
    return [value.replace("\0", "\1") if isinstance(value, str) else value for value in parameters]


def _lock(connection: Connection) -> Connection:
    # The lock is a statement of its own, so that the first one behind it sees all that the last holder wrote.
    # It is waited for as long as lock_timeout says, whatever the limit of questions.
    connection.execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; "
        f"SELECT pg_advisory_xact_lock({_WRITERS})"
    )
    return connection


def _commit(connection: Connection) -> None:
    # A COMMIT of what has failed rolls back without an error.
    assert connection.info.transaction_status is TransactionStatus.INTRANS, "an error was swallowed in a transaction"
    connection.execute("COMMIT")


def _without_password(url: str) -> str:
    try:
        known = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ConfigError(_NOT_UNDERSTOOD) from error
    host, port, user, name = (str(known.get(key) or "") for key in ("host", "port", "user", "dbname"))
    # A piece of a password that stands as it is; the driver would show it in its errors.
    if "@" in host or "@" in name or not _PORTS.fullmatch(port):
        raise ConfigError(_NOT_UNDERSTOOD)
    return f"postgresql://{f'{user}@' if user else ''}{host}{f':{port}' if port else ''}/{name}"
