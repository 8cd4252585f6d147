"""``prip clock``: the clock that dates publications."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prip_core.cli.instance import opened
from prip_core.cli.output import Row, json_option, write_facts

if TYPE_CHECKING:
    from prip_core.catalogue import ClockStatus

_MEANING = """\
Clients fetch what is new by PublicationDate, so it never goes back. Nothing is dated while the clock is in doubt.
Accepting says: the machine's time is right now, go on from here. If the newest PublicationDate lies in the future,
the next products are dated just after it, one millisecond apart, until the time has caught up."""


@click.group()
def clock() -> None:
    """See and accept the publication clock.

    \b
      prip clock status
    """


@clock.command()
@json_option
@click.pass_obj
def status(config: Path | None, as_json: bool) -> None:
    """Show whether publications can be dated, and if not, why.

    A clock that jumped while a server or an ingest worker ran is known to them alone: ask the server's /health/ready.

    \b
      prip clock status

    Next: where the clock is not trusted, set the machine's time right, then say `prip clock accept`.
    """
    with opened(config) as catalogue:
        write_facts(_facts(catalogue.clock.status()), as_json=as_json)


@clock.command(short_help="Trust the machine's time again after it jumped.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def accept(config: Path | None, yes: bool) -> None:
    """Trust the machine's time again after it jumped, and go on dating publications.

    First make sure that the time is right (`date -u`). It counts for all processes: one that saw the clock jump while
    it ran waits for this, although a new one, like this command, cannot know of the jump.

    \b
      prip clock accept
    """
    with opened(config) as catalogue:
        found = catalogue.clock.status()
        write_facts(_facts(found), as_json=False)
        if not yes:
            click.echo(_MEANING)
            click.confirm("Accept the time of this machine?", abort=True)
        catalogue.clock.accept(getpass.getuser())
    click.echo("accepted; publications are dated again")


def _facts(found: ClockStatus) -> Row:
    return {
        "now": found.now,
        "last_date": found.last,
        "lead_seconds": found.lead.total_seconds(),
        "trusted": found.trusted,
        "reason": found.reason,
    }
