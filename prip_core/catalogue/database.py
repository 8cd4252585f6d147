"""What the catalogue asks of a database, whichever it is: statements, transactions, and what errors mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import peewee

from prip_core.catalogue.attributes import AttributeRows
from prip_core.catalogue.search_rows import SearchRow
from prip_core.clock import Clock
from prip_core.errors import BadQuery

if TYPE_CHECKING:
    from prip_core.catalogue.searching import Searching

Row = tuple[Any, ...]
"""A row as the driver gives it: integers, texts, bytes, ``None``."""


class Contradiction(Exception):
    """The database refuses a row: its key is there already, or what it refers to is not."""


class SearchWriter(Protocol):
    """Writes what products are found by beside their columns, and their documents, each database in its own tables."""

    def keep(self, products: Sequence[SearchRow], documents: Sequence[tuple[Any, ...]]) -> None:
        """Write that of new products, in order of seq; once in a transaction, and inside a writing one only.

        :param documents: of each product, the values of :data:`DOCUMENT`.
        """

    def gain(self, gains: Sequence[AttributeRows], documents: Sequence[tuple[int, bytes, int]]) -> None:
        """Write what products that are there have gained, in order of seq; as :meth:`keep`, and not both at once.

        :param gains: the attributes that each has gained, and had not before; none may be among them.
        :param documents: of each product, its new ``dictionary``, ``content`` and number of ``attributes``.
        """


class Database(ABC):
    """A database, shared between threads; whoever waits for it, waits in its own thread.

    SQL has a ``?`` for each value that is bound, and no other question mark.

    :ivar name: what to call it in sentences for people: no password is in it.
    :ivar search: writes what products are found by, and their documents.
    :ivar MIGRATIONS: the folder of its migrations.
    """

    MIGRATIONS: ClassVar[Path]
    name: str
    search: SearchWriter

    @abstractmethod
    def check_in_place(self) -> None:
        """Make sure that what is written now is kept where it was kept from the first call on.

        :raises CatalogueUnavailable: it is not.
        """

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """A transaction that holds the one write lock from its start: all of it happens, or nothing.

        Inside another one it is a part of that, which can fail alone: after an error, what was done since its start
        is undone, and the outer transaction goes on.

        :raises TransientError: the lock was not to be had, the disk is full, or the connection broke: it is unknown
            whether it happened.
        :raises CatalogueUnavailable: the database cannot be used.
        """

    @abstractmethod
    def rows_of(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows that a statement with bound parameters returns.

        :raises CatalogueUnavailable: the database cannot be used.
        :raises BadQuery: outside of transactions, it takes longer than this database was opened for.
        """

    @abstractmethod
    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Carry out a change inside :meth:`writing`; the number of rows that it touched."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out one statement for many rows inside :meth:`writing`.

        :raises Contradiction: the database refuses one of them.
        """

    @abstractmethod
    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write new rows inside :meth:`writing`, in the quickest way that there is for that many.

        :param columns: those that the rows have, in their order.
        :raises Contradiction: the database refuses one of them.
        """

    @abstractmethod
    def searching(self) -> Searching:
        """How products are searched for here."""

    @abstractmethod
    def digest(self, value: str) -> str | bytes:
        """A checksum's value as it is kept and compared."""

    @abstractmethod
    def digest_text(self, stored: str | bytes) -> str:
        """The value that :meth:`digest` was given."""

    @abstractmethod
    def clock(self, given: Clock) -> Clock:
        """The clock that dates are taken from: the database's own where several machines share it."""

    @abstractmethod
    def upgrading(self) -> AbstractContextManager[Any]:
        """The database as peewee's migrations take it, for one process at a time; made where there was none.

        :raises TransientError: the disk is full.
        :raises CatalogueUnavailable: it cannot be made or used.
        """

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a database at all.

        :raises CatalogueUnavailable: nobody can tell.
        """

    @abstractmethod
    def has_table(self, table: str) -> bool:
        """Whether it has a table."""

    @abstractmethod
    def size_bytes(self) -> int:
        """The room that it takes."""

    @abstractmethod
    def written(self, query: peewee.Node) -> tuple[str, Sequence[Any]]:
        """A query as SQL and its parameters."""

    @abstractmethod
    def leave(self) -> None:
        """The calling thread asks no more for now: what it alone holds is given back."""

    @abstractmethod
    def close(self) -> None:
        """Close what nobody uses now, this thread's connection above all; the next question opens a new one."""

    def rows(self, query: peewee.Node) -> list[Row]:
        """All rows of a query.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        return self.rows_of(*self.written(query))

    def row(self, query: peewee.Node) -> Row | None:
        """The first row of a query, ``None`` when there is none.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        rows = self.rows(query)
        return rows[0] if rows else None

    def execute(self, query: peewee.Node) -> int:
        """Carry out a change inside :meth:`writing`; the number of rows that it touched."""
        return self.change(*self.written(query))


def insertion(table: str, columns: Sequence[str]) -> str:
    """SQL that writes a new row; its parameters are the columns in their order."""
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  # names of ours


def takes_too_long() -> BadQuery:
    """The error about a question that was broken off."""
    return BadQuery(
        "the question takes too long to answer; ask for less: bound PublicationDate in $filter, "
        "leave out $count, or compare properties themselves instead of what functions make of them"
    )


def driver_error(error: Exception) -> Exception:
    """peewee wraps the driver's errors, those of connecting twice, and keeps the original as ``orig``."""
    while isinstance(original := getattr(error, "orig", None), Exception):
        error = original
    return error
