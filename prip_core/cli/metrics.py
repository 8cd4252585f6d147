"""``prip metrics``: what is counted and what waits, as Prometheus reads it."""

from __future__ import annotations

from pathlib import Path

import click

from prip_core import gauges
from prip_core.cli import instance


@click.command()
@click.pass_obj
def metrics(config: Path | None) -> None:
    """Print the metrics of all processes of this instance in Prometheus' text format.

    \b
      prip metrics
      prip metrics | grep prip_queue

    Next: docs/operations.md says what each of them means.
    """
    loaded = instance.load(config)
    with instance.catalogue_of(loaded) as catalogue:
        click.echo(gauges.render(loaded, catalogue), nl=False)
