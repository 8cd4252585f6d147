"""Quality reports: many tiny products, each with a durable row of its own."""

from __future__ import annotations

import sqlite3
from functools import cache

from benchmarks.bench import Bench
from benchmarks.ingest import ours, products
from benchmarks.measuring import interleaved, seconds
from prip_core.testing.sentinel2 import Sentinel2Specification

NEEDED = 60.0
"""Reports a second: ten times what the two Sentinel-2 satellites need."""


def against_need(bench: Bench) -> float:
    """Reports per second against ten times the load."""
    return _rates(bench)[0] / NEEDED


def against_commits(bench: Bench) -> float:
    """Reports per second against what the database can commit, one row each, when it does nothing else."""
    reports, commits = _rates(bench)
    return reports / commits


@cache
def _rates(bench: Bench) -> tuple[float, float]:
    number = bench.scale.reports
    paths = products(bench, number, Sentinel2Specification(product_type="OLQC_REPORT", size=2000))
    ways = {"reports": lambda: ours(bench, paths), "commits": lambda: _commits(bench, number)}
    taken = interleaved(ways, bench.scale.rounds)
    return number / taken["reports"], number / taken["commits"]


def _commits(bench: Bench, number: int) -> float:
    path = bench.folder / "commits.db"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table report (id integer primary key, name text)")

    def work() -> None:
        for each in range(number):
            database.execute("insert into report (name) values (?)", (f"report {each}",))

    try:
        return seconds(work)
    finally:
        database.close()
