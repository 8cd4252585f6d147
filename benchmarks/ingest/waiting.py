"""How long a product is on its way: on an idle system, and after the worker was killed (L1, L4)."""

from __future__ import annotations

import os
import signal
import statistics
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.ingest import references
from benchmarks.ingest.places import new_point
from benchmarks.ingest.rates import small_products
from benchmarks.ingest.runs import working
from benchmarks.measuring import percentile, seconds
from benchmarks.serving import serving
from prip_core.testing.delivery_point import DeliveryPoint

RESTART = 15.0
"""Seconds from the death of the ingest process until the next product is to be visible."""

_IDLE = 20


def latency(bench: Bench) -> float:
    """L1: p95 from rename to listed on an idle system, against what the goal allows for this machine."""
    paths = small_products(bench, _IDLE)
    point = new_point(bench)
    with serving(point), working(point):
        visible = [seconds(partial(_until_listed, point, path)) for path in paths]
    bare = statistics.median(references.naive(bench, [path]) for path in paths)
    return percentile(visible, 0.95) / (1.0 + 1.5 * bare)


def restart(bench: Bench) -> float:
    """L4: from a kill of the only worker of ``prip run`` to the next product listed, median of some delivery points."""
    first, *others = small_products(bench, bench.scale.rounds + 2)
    return statistics.median(_after_a_kill(bench, first, other) for other in others) / RESTART


def _after_a_kill(bench: Bench, first: Path, then: Path) -> float:
    point = new_point(bench)
    point.environment["PRIP__INGEST__WORKERS"] = "1"
    point.start()
    try:
        _until_listed(point, first)
        (worker,) = _ingest_processes(point)
        os.kill(worker, signal.SIGKILL)
        return seconds(partial(_until_listed, point, then))
    finally:
        point.stop()


def _ingest_processes(point: DeliveryPoint) -> list[int]:
    """The ingest workers that ``prip run`` has started."""
    assert point.process is not None, "it runs"
    children = Path(f"/proc/{point.process.pid}/task/{point.process.pid}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in children}
    return [child for child, command in commands.items() if b"ingest" in command]


def _until_listed(point: DeliveryPoint, path: Path) -> None:
    point.deliver(path)
    point.listed(path.name)
