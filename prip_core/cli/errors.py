"""From errors to exit codes: the one place where the command decides how it ends."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from prip_core.errors import ConfigError, PripError, SchemaMismatch

FAILED = 1
"""The work failed: one line on standard error says what, where, and what to do."""

WRONG = 2
"""Configuration or usage is wrong."""


class Failure(PripError):
    """A verb could not do what it was asked for."""


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn the errors of the delivery point into sentences on standard error and an exit code."""
    try:
        yield
    except (ConfigError, SchemaMismatch) as error:
        _leave(WRONG, error)
    except PripError as error:
        _leave(FAILED, error)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        _leave(FAILED, Failure(_sentence(error)))


def _sentence(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _leave(code: int, error: Exception) -> NoReturn:
    problems = error.problems if isinstance(error, ConfigError) else (str(error),)
    for problem in problems:
        click.echo(f"prip: {problem}", err=True)
    raise click.exceptions.Exit(code) from error
