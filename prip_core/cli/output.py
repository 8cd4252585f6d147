"""What verbs print: tables and single facts, for eyes on a terminal, plain for pipes, JSON for programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click
import orjson

from prip_core.times import format_utc
from prip_core.visible import visible

Cell = str | int | float | bool | datetime | Sequence[str] | None
Row = Mapping[str, Cell]
_Verb = TypeVar("_Verb", bound=Callable[..., Any])

_JSON = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME


def json_option(verb: _Verb) -> _Verb:
    """Give a listing verb its ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(verb)


def write_json(value: object) -> None:
    """Print a value as indented JSON; times as the service serves them."""
    click.echo(orjson.dumps(value, default=jsonable, option=_JSON), nl=False)


def write_rows(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """Print a list.

    :param rows: all with the same keys, which are the columns.
    :param empty: what to say to a person when there is none.
    """
    if as_json:
        write_json([dict(row) for row in rows])
    elif not rows:
        click.echo(empty)
    elif not (sys.stdout and sys.stdout.isatty()):
        _plain_table(rows)
    elif _width(rows) <= shutil.get_terminal_size().columns:
        _rich_table(rows)
    else:
        _records(rows)


def write_facts(facts: Row, *, as_json: bool) -> None:
    """Print the facts about one thing, one on each line."""
    if as_json:
        write_json(dict(facts))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {text(value)}".rstrip())


def text(value: Cell) -> str:
    """A value for a person."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, int | float):
        return str(value)
    return ", ".join(map(visible, value)) or "-"


def jsonable(value: object) -> object:
    """What orjson asks about: times as the service serves them, anything iterable as a list."""
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _plain_table(rows: Sequence[Row]) -> None:
    lines = _lines(rows)
    widths = _widths(lines)
    for line in lines:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _lines(rows: Sequence[Row]) -> list[list[str]]:
    """The heading and the rows as text."""
    return [[column.upper() for column in rows[0]], *([text(cell) for cell in row.values()] for row in rows)]


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]


def _width(rows: Sequence[Row]) -> int:
    widths = _widths(_lines(rows))
    return sum(widths) + 2 * (len(widths) - 1)


def _records(rows: Sequence[Row]) -> None:
    """A block for each row, for a terminal that is too narrow: no name is broken, so that it can be copied."""
    heading, *others = rows[0]
    width = max(map(len, others), default=0)
    for row in rows:
        click.secho(text(row[heading]), bold=True)
        for column in others:
            click.echo(f"  {column:<{width}}  {text(row[column])}")


def _rich_table(rows: Sequence[Row]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it, and it is slow to import
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(*rows[0], header_style="bold", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(text(cell)) for cell in row.values()))
    Console().print(table)
