"""The schema of a database: which migrations it has had, which it lacks, and their application."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from playhouse.migrations import Runner

from prip_core.catalogue.database import Database, database_path, translated
from prip_core.catalogue.tables import ClockRow
from prip_core.errors import CatalogueUnavailable, SchemaMismatch

_MIGRATIONS = Path(__file__).with_name("migrations")
_HISTORY = "schema_migration"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaStatus:
    """How far a database has come.

    :param current: number of its last migration, 0 when it has none.
    :param latest: number of the last migration that this program knows.
    :param pending: names of migrations that it lacks, in order.
    :param products: rows in the catalogue.
    :param online: how many of them are online.
    :param size_bytes: of the file and its write-ahead log.
    """

    current: int
    latest: int
    pending: tuple[str, ...]
    products: int
    online: int
    size_bytes: int


def upgrade(url: str) -> Sequence[str]:
    """Apply the migrations that a database lacks; make folder and file when there are none. Others wait meanwhile.

    :param url: ``sqlite:////absolute/path``.
    :returns: names of the migrations applied, in order; nothing when it was up to date.
    :raises SchemaMismatch: the database is newer than this program.
    :raises CatalogueUnavailable: the file cannot be made or used.
    """
    path = database_path(url)
    try:
        with FileLock(path.with_name(path.name + ".upgrade.lock")):
            return _upgrade(path)
    except OSError as error:
        raise CatalogueUnavailable(f"the catalogue's database {path} cannot be made: {error}") from error


def _upgrade(path: Path) -> Sequence[str]:
    # For its owner alone: it holds password hashes. What SQLite puts beside it gets the same mode.
    path.touch(mode=0o600)
    database = Database(path, create=True)
    with closing(database):
        _refuse_newer(path, _applied(database))
        # Kept in the file itself, so that it is set here once and no process changes it under another one.
        database.rows_of("PRAGMA journal_mode = WAL")
        with translated(writing=True):
            names: Sequence[str] = Runner(database.peewee, str(_MIGRATIONS), table_name=_HISTORY).up()
        return tuple(names)


def check_schema(database: Database) -> None:
    """Make sure that a database is what this program expects, and at later calls the same file as at the first.

    :raises SchemaMismatch: it is absent, older or newer.
    :raises CatalogueUnavailable: it cannot be used, or another file has taken its place.
    """
    if not database.path.exists():
        raise SchemaMismatch(f"there is no database at {database.path}; run prip db upgrade to make it")
    database.check_in_place()
    applied = _applied(database)
    _refuse_newer(database.path, applied)
    if pending := [name for name in _known() if name not in applied]:
        raise SchemaMismatch(f"the database {database.path} lacks {', '.join(pending)}; run prip db upgrade")


def schema_status(url: str) -> SchemaStatus:
    """How far a database has come, for the operator; an absent one is an empty one.

    :param url: ``sqlite:////absolute/path``.
    :raises CatalogueUnavailable: the file cannot be used.
    """
    path = database_path(url)
    known = _known()
    if not path.exists():
        return SchemaStatus(
            current=0, latest=_number(known[-1]), pending=tuple(known), products=0, online=0, size_bytes=0
        )
    with closing(Database(path)) as database:
        applied = _applied(database)
        counts = database.row(ClockRow.select(ClockRow.products, ClockRow.online)) if applied else None
        products, online = counts or (0, 0)
    return SchemaStatus(
        current=max(map(_number, applied), default=0),
        latest=_number(known[-1]),
        pending=tuple(name for name in known if name not in applied),
        products=products,
        online=online,
        size_bytes=sum(file.stat().st_size for file in _files(path) if file.exists()),
    )


def _refuse_newer(path: Path, applied: frozenset[str]) -> None:
    if unknown := sorted(applied.difference(_known())):
        raise SchemaMismatch(
            f"the database {path} is newer than this program: it has {', '.join(unknown)}; "
            "install the version of prip that made it"
        )


def _applied(database: Database) -> frozenset[str]:
    exists = database.rows_of("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (_HISTORY,))
    return frozenset(name for (name,) in database.rows_of(f"SELECT name FROM {_HISTORY}")) if exists else frozenset()  # noqa: S608  # a constant


def _known() -> Sequence[str]:
    return sorted(file.stem for file in _MIGRATIONS.glob("[0-9]*.py"))


def _number(name: str) -> int:
    return int(name.split("_", 1)[0])


def _files(path: Path) -> Sequence[Path]:
    return (path, path.with_name(path.name + "-wal"))
