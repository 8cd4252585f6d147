"""``prip inbox list --watch``: the overview, again each second, until somebody has seen enough."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click
import orjson

from prip_core.cli.inbox_overview import Observer, Overview, Rates
from prip_core.cli.output import Cell, Row, jsonable, text

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

EVERY_SECONDS = 1.0
_MIB = 1024 * 1024

Show = Callable[[Overview, Rates], None]


def watch(observer: Observer, *, as_json: bool) -> None:
    """Show the overview each second until Ctrl-C: in place on a terminal, else as lines.

    :param as_json: as lines of JSON.
    """
    rates = Rates()
    try:
        if as_json or not (sys.stdout and sys.stdout.isatty()):
            _repeat(observer, rates, _json_line if as_json else _lines)
        else:
            _on_terminal(observer, rates)
    except KeyboardInterrupt:
        return


def _repeat(observer: Observer, rates: Rates, show: Show) -> None:
    while True:
        show(observer.look(), rates)
        time.sleep(EVERY_SECONDS)


def _json_line(overview: Overview, rates: Rates) -> None:
    document = {
        "at": overview.at,
        "published": overview.published,
        "inboxes": overview.inboxes,
        "in_work": rates.rows(overview),
    }
    click.echo(orjson.dumps(document, default=jsonable, option=orjson.OPT_PASSTHROUGH_DATETIME))


def _lines(overview: Overview, rates: Rates) -> None:
    for row in overview.table():
        facts = {**row, "oldest": _age(row["oldest"], overview.at), "last_published": overview.published}
        click.echo(f"{text(overview.at)} " + " ".join(f"{name}={text(value)}" for name, value in facts.items()))
    for line in overview.pauses():
        click.echo(f"{text(overview.at)} {line}")
    for row in rates.rows(overview):
        click.echo(f"{text(overview.at)} " + " ".join(f"{name}={text(value)}" for name, value in _in_work(row).items()))


def _on_terminal(observer: Observer, rates: Rates) -> None:
    from rich.live import Live  # noqa: PLC0415 - only a terminal needs it, and it is slow to import

    with Live(auto_refresh=False) as live:

        def show(overview: Overview, rates: Rates) -> None:
            live.update(_picture(overview, rates), refresh=True)

        _repeat(observer, rates, show)


def _picture(overview: Overview, rates: Rates) -> Group:
    from rich.console import Group  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    last = _age(overview.published, overview.at)
    heading = f"{text(overview.at)}   last published {f'{last} ago' if overview.published else 'never'}"
    inboxes = [{**row, "oldest": _age(row["oldest"], overview.at)} for row in overview.table()]
    work = [_in_work(row) for row in rates.rows(overview)]
    in_work = _table(work) if work else Text("Nothing is in work.")
    return Group(Text(heading), Text(), _table(inboxes), Text(), *map(Text, overview.pauses()), in_work)


def _table(rows: Sequence[Row]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(*rows[0], header_style="bold", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(text(cell)) for cell in row.values()))
    return table


def _in_work(row: Row) -> Row:
    """A product in work, for eyes."""
    read, size, rate = row["bytes_read"], row["size"], row["bytes_per_second"]
    assert isinstance(read, int)
    assert isinstance(size, int)
    return {
        "name": row["name"],
        "step": row["step"],
        "read": f"{read / _MIB:.0f}/{size / _MIB:.0f} MiB",
        "percent": f"{100 * read // max(size, 1)} %",
        "rate": f"{rate / _MIB:.0f} MiB/s" if isinstance(rate, int) else "-",
        "attempt": row["attempt"],
    }


def _age(since: Cell, now: datetime) -> str:
    """How long ago something was, shortly."""
    if not isinstance(since, datetime):
        return "-"
    seconds = max(0, int((now - since).total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
