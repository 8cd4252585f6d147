"""The schema of a database: which migrations it has had, which it lacks, and their application."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from playhouse.migrations import Runner

from prip_core.catalogue.database import Database
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.tables import ClockRow
from prip_core.errors import SchemaMismatch

_HISTORY = "schema_migration"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaStatus:
    """How far a database has come.

    :param current: number of its last migration, 0 when it has none.
    :param latest: number of the last migration that this program knows.
    :param pending: names of migrations that it lacks, in order.
    :param products: rows in the catalogue.
    :param online: how many of them are online.
    :param size_bytes: the room that it takes.
    """

    current: int
    latest: int
    pending: tuple[str, ...]
    products: int
    online: int
    size_bytes: int


def upgrade(url: str) -> Sequence[str]:
    """Apply the migrations that a database lacks; make folder and file when there are none. Others wait meanwhile.

    :param url: ``sqlite:////absolute/path`` or ``postgresql://user:password@host/database``.
    :returns: names of the migrations applied, in order; nothing when it was up to date.
    :raises SchemaMismatch: the database is newer than this program, or a server has none of this name.
    :raises CatalogueUnavailable: the database cannot be made or used.
    """
    with closing(database_at(url)) as database, database.upgrading() as migrating:
        _refuse_newer(database, _applied(database))
        names: Sequence[str] = Runner(migrating, str(database.MIGRATIONS), table_name=_HISTORY).up()
        return tuple(names)


def check_schema(database: Database) -> None:
    """Make sure that a database is what this program expects, and at later calls the same one as at the first.

    :raises SchemaMismatch: it is absent, older or newer.
    :raises CatalogueUnavailable: it cannot be used, or another file has taken its place.
    """
    if not database.exists():
        raise SchemaMismatch(f"there is no database at {database.name}; run prip db upgrade to make it")
    database.check_in_place()
    applied = _applied(database)
    _refuse_newer(database, applied)
    if pending := [name for name in _known(database) if name not in applied]:
        raise SchemaMismatch(f"the database {database.name} lacks {', '.join(pending)}; run prip db upgrade")


def schema_status(url: str) -> SchemaStatus:
    """How far a database has come, for the operator; an absent one is an empty one.

    :param url: ``sqlite:////absolute/path`` or ``postgresql://user:password@host/database``.
    :raises CatalogueUnavailable: the database cannot be used.
    """
    with closing(database_at(url)) as database:
        exists = database.exists()
        applied = _applied(database) if exists else frozenset()
        counts = database.row(ClockRow.select(ClockRow.products, ClockRow.online)) if applied else None
        size_bytes = database.size_bytes() if exists else 0
    products, online = counts or (0, 0)
    known = _known(database)
    return SchemaStatus(
        current=max(map(_number, applied), default=0),
        latest=_number(known[-1]),
        pending=tuple(name for name in known if name not in applied),
        products=products,
        online=online,
        size_bytes=size_bytes,
    )


def made_at(database: Database) -> str:
    """When a database was made, to the microsecond: what tells it from another one that has the same products.

    :raises CatalogueUnavailable: it cannot be used.
    """
    ((first,),) = database.rows_of(f"SELECT min(applied) FROM {_HISTORY}")  # noqa: S608  # a constant
    return str(first)


def _refuse_newer(database: Database, applied: frozenset[str]) -> None:
    if unknown := sorted(applied.difference(_known(database))):
        raise SchemaMismatch(
            f"the database {database.name} is newer than this program: it has {', '.join(unknown)}; "
            "install the version of prip that made it"
        )


def _applied(database: Database) -> frozenset[str]:
    if not database.has_table(_HISTORY):
        return frozenset()
    return frozenset(name for (name,) in database.rows_of(f"SELECT name FROM {_HISTORY}"))  # noqa: S608  # a constant


def _known(database: Database) -> Sequence[str]:
    return sorted(file.stem for file in database.MIGRATIONS.glob("[0-9]*.py"))


def _number(name: str) -> int:
    return int(name.split("_", 1)[0])
