"""``prip db``: the database's schema, size and room."""

from __future__ import annotations

from pathlib import Path

import click

from prip_core.catalogue import schema_status, upgrade
from prip_core.cli import instance
from prip_core.cli.output import Row, json_option, write_facts

SQLITE_ROWS = 20_000_000
"""Products that the embedded database is good for."""


@click.group()
def db() -> None:
    """See and upgrade the database.

    \b
      prip db status
      prip db upgrade
    """


@db.command("upgrade", short_help="Bring the database to the schema of this program.")
@click.pass_obj
def upgrade_(config: Path | None) -> None:
    """Bring the database to the schema of this program; creates it if there is none.

    Stop `prip run` first. Repeating it is fine.

    \b
      prip db upgrade
    """
    applied = upgrade(instance.load(config).settings.database.url)
    for name in applied:
        click.echo(f"applied {name}")
    click.echo("the database is up to date")


@db.command(short_help="Show the schema's version, the size and the room.")
@json_option
@click.pass_obj
def status(config: Path | None, as_json: bool) -> None:
    """Show the schema's version, what an upgrade would do, and how far this database carries.

    \b
      prip db status --json

    Next: where migrations are pending, stop `prip run` and say `prip db upgrade`.
    """
    url = instance.load(config).settings.database.url
    found = schema_status(url)
    facts: Row = {
        "url": url,
        "schema": found.current,
        "schema_of_program": found.latest,
        "pending": found.pending,
        "products": found.products,
        "online": found.online,
        "database_bytes": found.size_bytes,
        "carries_products": SQLITE_ROWS,
        "used_percent": round(100 * found.products / SQLITE_ROWS, 2),
    }
    write_facts(facts, as_json=as_json)
