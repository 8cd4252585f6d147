"""``prip dispatch``: plugins that listen are told what happened."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from prip_core.cli import instance
from prip_core.cli.errors import Failure
from prip_core.cli.signals import stopped_by_signals
from prip_core.components.base import run_forever
from prip_core.components.dispatcher import Dispatcher
from prip_core.components.parent import die_with_parent

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0


@click.command()
@click.option("--once", is_flag=True, help="Tell what is due now, and return.")
@click.pass_obj
def dispatch(config: Path | None, once: bool) -> None:
    """Tell the plugins that listen of the products that were refused.

    Each event is told at least once, however often processes die. Without --once until SIGTERM; `prip run` does it
    by itself where a plugin listens. Any number may run beside each other.

    \b
      prip dispatch --once

    Next: `prip outbox list` shows what could not be told, and why.
    """
    die_with_parent()
    loaded = instance.load_component(config)
    listening = loaded.plugins.listening()
    if not listening:
        click.echo("No plugin listens.")
        return
    with stopped_by_signals() as stop, instance.catalogue_of(loaded) as catalogue:
        dispatcher = Dispatcher(catalogue, listening, loaded.clock, stop)
        if not once:
            run_forever(dispatcher, stop, loaded.clock, partial(stop.wait, _LOOK_SECONDS))
            return
        told, patient = 0, time.monotonic() + _PATIENCE_SECONDS
        while (done := dispatcher.run_once(loaded.clock.now())) or (dispatcher.busy and not stop.is_set()):
            told += done
            if time.monotonic() > patient and dispatcher.busy:
                names = ", ".join(dispatcher.busy)
                raise Failure(f"{names}: no answer for {_PATIENCE_SECONDS:g} s; what it is being told stays due")
        click.echo(f"events {told}")
