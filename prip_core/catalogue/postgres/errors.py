"""What PostgreSQL's errors mean to the rest of the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import peewee
import psycopg
from psycopg import errors

from prip_core.catalogue.database import Contradiction, driver_error, takes_too_long
from prip_core.errors import BadQuery, CatalogueUnavailable, PermanentError, TransientError

_TRY_AGAIN = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.DiskFull,
    errors.OutOfMemory,
    errors.IdleInTransactionSessionTimeout,
    errors.QueryCanceled,  # by an administrator, or by a limit of the server's
)
_UNUSABLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.InsufficientPrivilege,
    errors.ReadOnlySqlTransaction,
    errors.UndefinedTable,
)


@contextmanager
def translated(*, writing: bool, limited: bool = False) -> Iterator[None]:
    """Raise the driver's errors about the server and its locks as the program's own; errors of ours pass as they are.

    :param limited: a client's question, which takes too long when it is broken off.
    :raises TransientError: while writing, the lock was not to be had, the disk is full, or the connection broke.
    :raises CatalogueUnavailable: the database cannot be used.
    :raises Contradiction: a row is refused.
    :raises PermanentError: while writing, a value is none for its column: a text with a NUL, a number too large.
    :raises BadQuery: while reading, a number becomes too large, or the question takes too long.
    """
    try:
        yield
    except (psycopg.Error, peewee.PeeweeException) as error:
        origin = driver_error(error)
        said = " ".join(str(origin).split())
        if isinstance(origin, psycopg.IntegrityError):
            raise Contradiction(said) from error
        if writing and (isinstance(origin, _TRY_AGAIN) or is_broken(origin)):
            raise TransientError(f"the catalogue cannot be written now: {said}") from error
        if limited and isinstance(origin, errors.QueryCanceled):
            raise takes_too_long() from error
        if isinstance(origin, errors.StatementTooComplex):
            raise BadQuery("$filter is nested deeper than the database can follow; write it flatter") from error
        if isinstance(origin, psycopg.DataError):
            refusal = PermanentError if writing else BadQuery
            raise refusal(f"the catalogue cannot reckon with a value: {said}") from error
        if isinstance(origin, _UNUSABLE):
            raise CatalogueUnavailable(f"the catalogue's database cannot be used: {said}") from error
        raise


def is_broken(error: Exception) -> bool:
    """Whether the connection ended, so that the next one may do better; not that there was none to be had."""
    if isinstance(error, errors.AdminShutdown | errors.CrashShutdown | psycopg.InterfaceError):
        return True
    # The driver's own, without a word of the server's: the line went dead.
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None and not _could_not_connect(error)


def _could_not_connect(error: psycopg.Error) -> bool:
    return isinstance(error, psycopg.errors.ConnectionTimeout) or error.pgconn is not None
