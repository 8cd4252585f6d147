"""``prip db``: the database's schema, size and room."""

from __future__ import annotations

from pathlib import Path

import click

from prip_core.catalogue import schema_status, upgrade
from prip_core.cli import instance
from prip_core.cli.output import Row, json_option, write_facts
from prip_core.settings import without_password

SQLITE_ROWS = 20_000_000
"""Products that the embedded database is good for."""
POSTGRES_ROWS = 250_000_000
"""Products that one PostgreSQL server is good for, a year of the fullest load: an estimate, not measured."""


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
    carries = SQLITE_ROWS if url.startswith("sqlite:") else POSTGRES_ROWS
    facts: Row = {
        "url": without_password(url),
        "schema": found.current,
        "schema_of_program": found.latest,
        "pending": found.pending,
        "products": found.products,
        "online": found.online,
        "database_bytes": found.size_bytes,
        "carries_products": carries,
        "used_percent": round(100 * found.products / carries, 2),
    }
    write_facts(facts, as_json=as_json)
