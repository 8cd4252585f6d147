"""What the processes of ``prip run`` count adds up, also over the deaths of workers, and begins at zero with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
from prometheus_client.parser import text_string_to_metric_families

from prip_core.testing.delivery_point import DeliveryPoint, wait_for

PUBLISHED = ("prip_products_published_total", "sentinel2", "MSI_L0__GR")


def samples(point: DeliveryPoint) -> dict[tuple[str, ...], float]:
    shown = point.prip("metrics")
    assert shown.returncode == 0, shown.stderr
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(shown.stdout)
        for sample in family.samples
    }


def test_workers_count_together(point: DeliveryPoint, granule: Callable[..., Path]) -> None:
    point.start()
    assert point.process is not None
    first = [point.deliver(granule(number)) for number in range(4)]
    for name in first:
        point.listed(name)
    # A worker counts when it has cleaned up, a moment after the product is listed; one killed between the two does not.
    wait_for(lambda: samples(point).get(PUBLISHED) == 4, "count of the first")
    for child in psutil.Process(point.process.pid).children():
        if "ingest" in child.cmdline():
            child.kill()
            break
    second = [point.deliver(granule(number)) for number in range(4, 8)]
    for name in second:
        point.listed(name)
    counted = wait_for(lambda: next((now for now in [samples(point)] if now.get(PUBLISHED) == 8), None), "count")
    assert counted["prip_bytes_published_total",] > 8 * 20_000
    assert counted["prip_stage_seconds_count", "store"] >= 8
    assert counted["prip_queue_depth", "ingest:inbox"] == 0
    assert point.stop() == 0
    stopped = samples(point)
    assert stopped[PUBLISHED] == 8
    point.start()
    assert PUBLISHED not in samples(point)
    assert point.stop() == 0
