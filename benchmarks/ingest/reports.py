"""Quality reports: many tiny products, each with a durable row of its own (I5)."""

from __future__ import annotations

from functools import cache

from benchmarks.bench import Bench
from benchmarks.ingest import references
from benchmarks.ingest.places import new_point
from benchmarks.ingest.runs import ours, products
from benchmarks.measuring import interleaved
from benchmarks.odata.databases import Database
from prip_core.testing.sentinel2 import Sentinel2Specification

NEEDED = 60.0
"""Reports a second: ten times what the two Sentinel-2 satellites need."""


def against_need(bench: Bench, database: Database) -> float:
    """Reports per second against ten times the load."""
    return _rates(bench, database)[0] / NEEDED


def against_commits(bench: Bench, database: Database) -> float:
    """Reports per second against the durable one-row commits of a program that does nothing else."""
    reports, commits = _rates(bench, database)
    return reports / commits


@cache
def _rates(bench: Bench, database: Database) -> tuple[float, float]:
    number = bench.scale.reports
    paths = products(bench, number, Sentinel2Specification(product_type="OLQC_REPORT", size=2000))
    ways = {
        "reports": lambda: ours(new_point(bench, database=database), paths),
        "commits": lambda: references.commits(bench, number),
    }
    taken = interleaved(ways, bench.scale.rounds)
    return number / taken["reports"], number / taken["commits"]
