"""Which kind of database a URL names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prip_core.catalogue.database import Database
from prip_core.catalogue.sqlite.database import SqliteDatabase, database_path
from prip_core.errors import ConfigError

if TYPE_CHECKING:
    from prip_core.catalogue.postgres.database import PostgresDatabase

_POSTGRES = ("postgresql://", "postgres://")
_DRIVER = "psycopg"


def database_file(url: str) -> Path | None:
    """The file that the database of a URL lies in; ``None``: it lies on a server.

    :param url: ``sqlite:////absolute/path`` or ``postgresql://user:password@host/database``.
    :raises ConfigError: the URL is not understood.
    """
    return None if url.startswith(_POSTGRES) else database_path(url)


def require_driver(url: str) -> None:
    """Look whether the database of a URL could be used here; nothing is asked of it.

    :raises ConfigError: its driver is not installed.
    """
    if url.startswith(_POSTGRES):
        _postgres_database()


def database_at(url: str, answer_within: float | None = None) -> Database:
    """The database of a URL; nothing is asked of it yet.

    :param url: ``sqlite:////absolute/path`` or ``postgresql://user:password@host/database``.
    :param answer_within: seconds that a question may take; ``None``: any time.
    :raises ConfigError: the URL is not understood, or the driver of its database is not installed.
    """
    if not url.startswith(_POSTGRES):
        return SqliteDatabase(url, answer_within)
    return _postgres_database()(url, answer_within)


def _postgres_database() -> type[PostgresDatabase]:
    try:
        from prip_core.catalogue.postgres.database import PostgresDatabase  # noqa: PLC0415  # the driver is an extra
    except ModuleNotFoundError as error:
        if error.name != _DRIVER:
            raise
        raise ConfigError(
            "database.url: the driver for PostgreSQL is not installed; run pip install 'prip[postgres]'"
        ) from error
    return PostgresDatabase
