"""What ingest costs those who search meanwhile (I6)."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.client import Client
from benchmarks.ingest.rates import small_products
from benchmarks.ingest.runs import products, timed, working
from benchmarks.measuring import percentile, seconds
from benchmarks.odata.databases import Database
from benchmarks.odata.questions import by_name, contains, intersects, poll
from benchmarks.serving import serving
from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel2 import Sentinel2Specification

_QUESTIONS = (poll, by_name, contains, intersects)


def while_ingesting(bench: Bench) -> float:
    """I6: p95 of one client's searches while two workers ingest as fast as they can, against an idle system."""
    rounds, rows = bench.scale.rounds, bench.scale.rows
    arrivals = [[*granules, *reports] for granules, reports in zip(*_arrivals(bench, rounds), strict=True)]
    point = bench.stores.point(Database.SQLITE, rows).copy(bench.folder / "searched")
    point.environment["PRIP__DATABASE__URL"] = f"sqlite:///{point.database}"
    idle, busy = [], []
    with serving(point), working(point):
        targets = _targets(rows)
        _asked(point, targets, bench.scale.requests)  # caches are warm then
        for paths in arrivals:
            idle.append(percentile(_asked(point, targets, bench.scale.requests), 0.95))
            busy.append(percentile(_asked_beside(point, targets, paths), 0.95))
    return statistics.median(busy) / statistics.median(idle)


def _arrivals(bench: Bench, rounds: int) -> tuple[list[list[Path]], list[list[Path]]]:
    """What arrives in each round: granules, and three times as many reports, as every day."""
    granules = small_products(bench, rounds * bench.scale.small)
    like = Sentinel2Specification(product_type="OLQC_REPORT", size=2000)
    reports = products(bench, 3 * len(granules), like)
    return [granules[number::rounds] for number in range(rounds)], [reports[number::rounds] for number in range(rounds)]


def _targets(rows: int) -> Iterator[str]:
    random = Random(7)
    return (question(random, rows).target("/odata/v1/Products") for question in cycle(_QUESTIONS))


def _asked(point: DeliveryPoint, targets: Iterator[str], number: int) -> list[float]:
    with Client(point.port, point.credentials) as client:
        return [seconds(partial(client.drain, next(targets))) for _ in range(number)]


def _asked_beside(point: DeliveryPoint, targets: Iterator[str], paths: Sequence[Path]) -> list[float]:
    """The times of answers that were asked for between the first rename and the last publication."""
    ingest = threading.Thread(target=timed, args=(point, paths))
    times = []
    with Client(point.port, point.credentials) as client:
        ingest.start()
        while ingest.is_alive():
            times.append(seconds(partial(client.drain, next(targets))))
    return times
