"""The databases that catalogues lie in: files of SQLite, and one PostgreSQL server, started when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.odata.multiplied import Run
from prip_core.testing import postgres
from prip_core.testing.postgres import PostgresServer

_SETTINGS = {
    "shared_buffers": "1GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class NotMeasured(Exception):
    """A measurement cannot be made here; the text says what is missing."""


class Database(StrEnum):
    """What a catalogue lies in."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Databases:
    """Finds, makes and removes databases by their names.

    :param folder: where PostgreSQL keeps its own.
    :param stack: ends its server.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack

    def url(self, database: Database, name: str, path: Path) -> str:
        """The URL of a database; on PostgreSQL it is made, with its extensions, where there is none.

        :param path: of the file, on SQLite.
        """
        if database is Database.SQLITE:
            return f"sqlite:///{path}"
        if not self._server.exists(name):
            self._server.create(name=name)
        return self._server.url(name)

    @contextmanager
    def copied(self, name: str, copy: str) -> Iterator[Run]:
        """A copy of a database of PostgreSQL in place of one that may be there; what carries out statements in it.

        All of them are one transaction.
        """
        import psycopg  # an extra

        self._server.drop(copy)
        self._server.create(name, name=copy)
        # Each reading of a table begins at its first row, so that rows stay in their order.
        with psycopg.connect(self._server.url(copy), options="-c synchronize_seqscans=off") as connection:

            def run(sql: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
                cursor = connection.execute(sql, values or None)  # type: ignore[arg-type,unused-ignore]
                return cursor.fetchall() if cursor.description else []

            yield run

    def remove(self, database: Database, name: str) -> None:
        """Remove a database of PostgreSQL, if there is one; files are their owner's to remove."""
        if database is Database.POSTGRESQL:
            self._server.drop(name)

    def settle(self, database: Database, name: str) -> None:
        """After many rows came in at once: what a database does by itself in time."""
        if database is Database.POSTGRESQL:
            self._server.execute("VACUUM (ANALYZE)", database=name)

    def tidy(self, database: Database, name: str) -> None:
        """Fill the pages of indexes, as an operator of PostgreSQL does once a month (docs/operations.md)."""
        if database is Database.POSTGRESQL:
            self._server.execute("REINDEX SCHEMA public", database=name)

    def size(self, database: Database, name: str, path: Path) -> int:
        """Bytes of a database."""
        if database is Database.SQLITE:
            return path.stat().st_size
        return int(self._server.execute("SELECT pg_database_size(%s)", (name,))[0][0])

    @cached_property
    def _server(self) -> PostgresServer:
        if (reason := postgres.missing()) is not None:
            raise NotMeasured(reason)
        server = PostgresServer(home=self._folder / "postgresql", durable=True, settings=_SETTINGS)
        return self._stack.enter_context(server)
