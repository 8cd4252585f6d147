"""Polls, the query of every consumer: throughput and answer time (P1 to P4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from benchmarks.bench import Bench
from benchmarks.client import rate
from benchmarks.measuring import interleaved
from benchmarks.odata.asking import Way, compared, ours
from benchmarks.odata.databases import Database
from benchmarks.odata.questions import Question, poll, poll_1000


def throughput(bench: Bench, database: Database, *, typed: bool = False) -> float:
    """P1: polls per second of four clients, against the service of comparison."""
    found = _rates(bench, _ways(bench, database, poll, typed=typed))
    return found["ours"] / found["theirs"]


def against_hello(bench: Bench, database: Database) -> float:
    """P2: the same against what Flask answers with a greeting on the same server."""
    found = _rates(bench, {"ours": ours(bench, database, poll)})
    return found["ours"] / found["hello"]


def large_page(bench: Bench, database: Database, *, typed: bool = False) -> float:
    """P3: a page of a thousand for one client, against the service of comparison."""
    return against_peer(bench, database, poll_1000, typed=typed)


def small_page(bench: Bench, database: Database, *, typed: bool = False) -> float:
    """P4: a page of twenty for one client, against the service of comparison."""
    return against_peer(bench, database, poll, typed=typed)


def against_peer(bench: Bench, database: Database, question: Question, *, typed: bool = False) -> float:
    """The ratio of the p50 of a question to that of the service of comparison, which gets the same values.

    :param typed: the one that writes JSON faster.
    """
    found = compared(bench.scale, _ways(bench, database, question, typed=typed))
    return found["ours"] / found["theirs"]


def _ways(bench: Bench, database: Database, question: Question, *, typed: bool = False) -> dict[str, Way]:
    rows = bench.scale.rows
    peer = bench.stores.theirs(database, rows, typed=typed)
    return {
        "ours": ours(bench, database, question),
        "theirs": Way(server=peer, question=question, rows=rows, of_peer=True),
    }


def _rates(bench: Bench, ways: dict[str, Way]) -> dict[str, float]:
    """Requests per second of these ways, and of Flask's greeting where there is but one."""
    count = bench.scale.requests
    streams = {name: _targets(way) for name, way in ways.items()}

    def measure(name: str) -> float:
        server = ways[name].server
        return rate(server.port, list(islice(streams[name], count)), server.login)

    measured: dict[str, Callable[[], float]] = {name: partial(measure, name) for name in ways}
    if len(ways) == 1:
        measured["hello"] = lambda: rate(bench.reference(), ["/hello"] * count, None)
    return interleaved(measured, bench.scale.rounds)


def _targets(way: Way) -> Iterator[str]:
    return (target for target, _ in way.targets())
