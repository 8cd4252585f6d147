"""What more products cost: the answer times of one catalogue against those of one with fewer products (P8, P9)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.bench import Bench
from benchmarks.odata.asking import Way, compared
from benchmarks.odata.databases import Database
from benchmarks.odata.paging import next_links
from benchmarks.odata.questions import (
    Asked,
    Question,
    by_name,
    contains,
    intersects,
    poll,
    product_id,
    starts_with,
    tile,
)
from benchmarks.odata.stores import Server

Growth = Callable[[Bench, Database], float]


def _of(question: Question) -> Growth:
    def measure(bench: Bench, database: Database) -> float:
        return _grown(bench, database, lambda _server, _rows: question)

    return measure


def _grown(bench: Bench, database: Database, question: Callable[[Server, int], Question]) -> float:
    many, few = bench.scale.rows, bench.scale.few
    ways = {}
    for name, rows in (("many", many), ("few", few)):
        server = bench.stores.ours(database, rows)
        ways[name] = Way(server=server, question=question(server, rows), rows=rows)
    found = compared(bench.scale, ways)
    return found["many"] / found["few"]


def by_id(bench: Bench, database: Database) -> float:
    """P8: one product by its Id."""
    return _grown(bench, database, lambda _server, _rows: _by_id)


def keyset(bench: Bench, database: Database) -> float:
    """P8: a next link at nine tenths of all rows."""
    return _grown(bench, database, lambda server, rows: next_links(server, rows * 9 // 10))


polls = _of(poll)
names = _of(by_name)
attributes = _of(tile)
contained = _of(contains)
prefixes = _of(starts_with)
areas = _of(intersects)


def _by_id(random: Random, rows: int) -> Asked:
    return Asked(key=product_id(random, rows))
