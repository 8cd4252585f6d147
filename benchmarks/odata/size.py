"""Bytes in the database with all indexes (S1): catalogues of reports alone and of products alone."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.odata.databases import Database

_REPORT = 2000
_PRODUCT = 8000
_FEWEST = 20_000


def report(bench: Bench, database: Database) -> float:
    """A quality report's bytes as a share of 2 kB."""
    return _bytes(bench, database, 1.0) / _REPORT


def product(bench: Bench, database: Database) -> float:
    """A product's bytes as a share of 8 kB."""
    return _bytes(bench, database, 0.0) / _PRODUCT


def _bytes(bench: Bench, database: Database, reports: float) -> float:
    """Bytes that each of many rows adds to those of a few."""
    rows = max(_FEWEST, bench.scale.rows // 10)
    many, few = (bench.stores.size(database, count, reports) for count in (rows, rows // 20))
    return (many - few) / (rows - rows // 20)
