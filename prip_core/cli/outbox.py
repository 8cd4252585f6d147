"""``prip outbox``: what plugins are still to be told, and what was given up."""

from __future__ import annotations

from pathlib import Path

import click

from prip_core.catalogue import OutboxEntry
from prip_core.cli import instance
from prip_core.cli.errors import Failure
from prip_core.cli.output import Row, json_option, write_rows

_MOST = 1000


@click.group()
def outbox() -> None:
    """See what plugins are still to be told; retry what was given up.

    \b
      prip outbox list --dead
      prip outbox retry 17
    """


@outbox.command("list", short_help="List what waits to be told, or was given up.")
@click.option("--dead", is_flag=True, help="Only what was given up, the latest first.")
@click.option("--limit", default=_MOST, show_default=True, type=click.IntRange(1), help="The most entries of a list.")
@json_option
@click.pass_obj
def list_(config: Path | None, dead: bool, limit: int, as_json: bool) -> None:
    """List what waits to be told, what is due longest first, then what was given up.

    What is in work is due again when nobody finishes it until then; what was given up is never due.

    \b
      prip outbox list
      prip outbox list --dead --json

    Next: put right what stands under LAST_ERROR, then `prip outbox retry ID`.
    """
    with instance.opened(config) as catalogue:
        waiting, buried = catalogue.outbox.counts()
        found = [] if dead else list(catalogue.outbox.waiting(limit))
        found += catalogue.outbox.dead(limit - len(found)) if len(found) < limit else []
    write_rows([_row(entry) for entry in found], as_json=as_json, empty="Nothing is to be told.")
    left = buried + (0 if dead else waiting) - len(found)
    if left > 0:
        click.echo(f"and {left} more; --limit shows them", err=True)


@outbox.command(short_help="Let entries be told again.")
@click.argument("numbers", metavar="[ID…]", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="All that was given up.")
@click.pass_obj
def retry(config: Path | None, numbers: tuple[int, ...], everything: bool) -> None:
    """Let entries be told again at once that were given up, or that wait for another attempt.

    \b
      prip outbox retry 17 18
      prip outbox retry --all

    Next: `prip outbox list`, after a few seconds.
    """
    if bool(numbers) == everything:
        raise click.UsageError("name entries by their ID or say --all: one of the two")
    with instance.opened(config) as catalogue:
        chosen = [entry.id for entry in catalogue.outbox.dead(catalogue.outbox.counts()[1])] if everything else numbers
        refused = [number for number in chosen if not catalogue.outbox.retry(number)]
    click.echo(f"due now: {len(chosen) - len(refused)}")
    if refused and not everything:
        listed = ", ".join(map(str, refused))
        raise Failure(f"{listed}: there is no such entry at rest: it is told already, or is being told now")


def _row(entry: OutboxEntry) -> Row:
    return {
        "id": entry.id,
        "channel": entry.channel,
        "event": str(entry.payload.get("event")),
        "subject": entry.subject,
        "state": "dead" if entry.dead_at else "in work" if entry.token else "waits",
        "due": None if entry.dead_at else entry.due_at,
        "attempts": entry.attempts,
        "last_error": entry.last_error,
    }
