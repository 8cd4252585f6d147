"""Progress of long work: a bar on a terminal, a line from time to time otherwise; both on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

_Item = TypeVar("_Item")
_LINE_SECONDS = 10.0

Advance = Callable[[int], None]
"""Tells that so much more is done."""


@contextmanager
def progress(title: str, total: int) -> Iterator[Advance]:
    """Show how far a piece of work is.

    :param total: all that is to be done, in the unit in which the yielded function is told of progress.
    """
    if not sys.stderr.isatty():
        yield _lines(title, total)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it, and it is slow to import
    from rich.progress import Progress  # noqa: PLC0415 - as above

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)


def counted(items: Iterable[_Item], advance: Advance) -> Iterator[_Item]:
    """The items, each of them one step of progress once it is used."""
    for item in items:
        yield item
        advance(1)


def _lines(title: str, total: int) -> Advance:
    done, said = 0, time.monotonic()

    def advance(more: int) -> None:
        nonlocal done, said
        done += more
        if time.monotonic() - said >= _LINE_SECONDS:
            said = time.monotonic()
            click.echo(f"{title}: {100 * done // max(total, 1)} %", err=True)

    return advance
