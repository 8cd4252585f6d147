"""``prip ingest``: products from the inboxes into storage and catalogue."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import click

from prip_core.catalogue import Catalogue
from prip_core.cli import instance
from prip_core.cli.errors import Failure
from prip_core.cli.signals import stopped_by_signals
from prip_core.components.base import run_forever
from prip_core.components.inbox_watch import InboxWatch
from prip_core.components.ingestor import Ingestor
from prip_core.components.parent import die_with_parent
from prip_core.ingest.context import IngestContext, Marks, Outcome
from prip_core.metrics import Metrics, recording
from prip_core.runtime import Runtime

_SAID = {
    Outcome.PUBLISHED: "published",
    Outcome.DUPLICATE: "duplicates",
    Outcome.REJECTED: "quarantined",
    Outcome.POSTPONED: "postponed",
    Outcome.WAITING: "waiting",
}


@click.command()
@click.option("--once", is_flag=True, help="Take in what is due now, say what became of it, and return.")
@click.pass_obj
def ingest(config: Path | None, once: bool) -> None:
    """Take products in from the inboxes: recognise, check, describe, store, publish.

    Without --once until SIGTERM; the product in work is finished first. Any number may run beside each other.

    \b
      prip ingest --once

    Next: `prip inbox list` shows what was refused and why; `prip serve` offers what was published.
    """
    die_with_parent()
    loaded = instance.load_component(config)
    os.nice(loaded.settings.ingest.niceness)  # before there are threads: each has its own
    with (
        stopped_by_signals() as stop,
        instance.catalogue_of(loaded) as catalogue,
        recording(loaded.folder, "ingest") as metrics,
    ):
        context = ingest_context(loaded, catalogue, metrics)
        if once:
            ingestor = Ingestor(context, loaded.inboxes, stop)
            _require_trusted_clock(catalogue)
            while not stop.is_set() and ingestor.run_once(loaded.clock.now()):
                pass
            click.echo(summary(ingestor.outcomes))
        else:
            rescan = timedelta(seconds=loaded.settings.ingest.rescan)
            with InboxWatch([each.inbox for each in loaded.inboxes], rescan, stop) as watch:
                ingestor = Ingestor(context, loaded.inboxes, stop, rescan=rescan, news=watch.news)
                gc.freeze()  # what was loaded stays for good: it need not be looked through again and again
                run_forever(ingestor, stop, loaded.clock, watch.wait)


def ingest_context(loaded: Runtime, catalogue: Catalogue, metrics: Metrics) -> IngestContext:
    """What the ingest pipeline may know of a delivery point.

    :param metrics: what this process counts.
    """
    settings = loaded.settings.ingest
    return IngestContext(
        catalogue=catalogue,
        missions=loaded.missions,
        storages=loaded.storages,
        rules_for=loaded.rules_for,
        clock=loaded.clock,
        checksums=settings.checksums,
        lease=timedelta(seconds=settings.lease),
        qc=settings.qc,
        marks=Marks(
            min_free=settings.min_free * 1024 * 1024,
            max_quarantine=settings.max_quarantine,
            max_stuck=settings.max_stuck,
        ),
        kpi=loaded.settings.kpi,
        told_of_rejections=[each.channel for each in loaded.plugins.listening()],
        grace=timedelta(seconds=settings.grace),
        parent_wait=timedelta(seconds=settings.parent_wait),
        metrics=metrics,
    )


def summary(outcomes: Mapping[Outcome, int]) -> str:
    """What became of the products, in a line."""
    return ", ".join(f"{word} {outcomes.get(outcome, 0)}" for outcome, word in _SAID.items())


def _require_trusted_clock(catalogue: Catalogue) -> None:
    status = catalogue.clock.status()
    if not status.trusted:
        raise Failure(f"nothing is taken in: {status.reason}; see `prip clock status`")
