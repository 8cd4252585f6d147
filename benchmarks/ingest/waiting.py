"""How long a product is on its way: on an idle system, and after the worker was killed (L1, L4)."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Iterator
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
_DEATHS = 5


def latency(bench: Bench) -> float:
    """L1: p95 from rename to listed on an idle system, against what the goal allows for this machine."""
    paths = small_products(bench, _IDLE)
    point = new_point(bench)
    with serving(point), working(point):
        visible = [seconds(partial(_until_listed, point, path)) for path in paths]
    bare = statistics.median(references.naive(bench, [path]) for path in paths)
    return percentile(visible, 0.95) / (1.0 + 1.5 * bare)


def restart(bench: Bench) -> float:
    """L4: the longest of some times from a kill of the only worker of ``prip run`` to the next product listed."""
    paths = iter(small_products(bench, _IDLE))
    point = new_point(bench)
    point.environment["PRIP__INGEST__WORKERS"] = "1"
    point.start()
    try:
        _until_listed(point, next(paths))
        return max(_after_a_kill(point, paths) for _ in range(_DEATHS)) / RESTART
    finally:
        point.stop()


def _after_a_kill(point: DeliveryPoint, paths: Iterator[Path]) -> float:
    (worker,) = _ingest_processes(point)
    begin = time.perf_counter()
    os.kill(worker, signal.SIGKILL)
    _until_listed(point, next(paths))
    return time.perf_counter() - begin


def _ingest_processes(point: DeliveryPoint) -> list[int]:
    """The ingest workers that ``prip run`` has started."""
    assert point.process is not None, "it runs"
    children = Path(f"/proc/{point.process.pid}/task/{point.process.pid}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in children}
    return [child for child, command in commands.items() if b"ingest" in command]


def _until_listed(point: DeliveryPoint, path: Path) -> None:
    point.deliver(path)
    point.listed(path.name)
