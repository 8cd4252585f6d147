"""Gauges: what is looked up when metrics are asked for, as it counts for all processes together."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from prip_core import metrics
from prip_core.catalogue import Catalogue
from prip_core.queues import InboxLook, queues
from prip_core.runtime import Runtime


def render(loaded: Runtime, catalogue: Catalogue) -> str:
    """All metrics of an instance in Prometheus' text format: what its processes count, and gauges.

    :raises CatalogueUnavailable: the database cannot be used.
    """
    return metrics.exposition(loaded.folder, list(_gauges(loaded, catalogue)))


def _gauges(loaded: Runtime, catalogue: Catalogue) -> Iterator[Metric]:
    now = loaded.clock.now()
    depth = GaugeMetricFamily("prip_queue_depth", "Things that wait", labels=["queue"])
    oldest = GaugeMetricFamily("prip_queue_oldest_seconds", "How long the first of them has waited", labels=["queue"])
    for queue in queues(catalogue, loaded.inboxes):
        if queue.depth is not None:
            depth.add_metric([queue.name], queue.depth)
            waited = 0.0 if queue.oldest is None else (now - queue.oldest).total_seconds()
            oldest.add_metric([queue.name], max(0.0, waited))
    yield depth
    yield oldest
    refused = GaugeMetricFamily("prip_quarantine_products", "Products in quarantine", labels=["inbox"])
    paused = GaugeMetricFamily("prip_inbox_paused", "Whether nothing is taken in from an inbox", labels=["inbox"])
    for look in map(InboxLook, loaded.inboxes):
        name = look.configured.section.name
        paused.add_metric([name], float(look.mark() is not None))
        if (number := look.quarantined()) is not None:
            refused.add_metric([name], number)
    yield refused
    yield paused
    dead = GaugeMetricFamily("prip_outbox_dead", "Events that were given up")
    dead.add_metric([], catalogue.outbox.counts()[1])
    yield dead
    trusted = GaugeMetricFamily("prip_clock_trusted", "Whether products can be dated now")
    trusted.add_metric([], float(catalogue.clock.status().trusted))
    yield trusted
