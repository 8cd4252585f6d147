"""The goals of the OData interface, each on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.goal import Goal
from benchmarks.odata import growth, monitor, paging, polls, searches, size
from benchmarks.odata.databases import Database


@dataclass(frozen=True, slots=True)
class _OnBoth:
    """A goal before it is known on which database.

    :param bounds: the ratio that must be reached, and the one to aim for.
    :param at_least: larger ratios are better.
    """

    id: str
    what: str
    measure: Callable[[Bench, Database], float]
    bounds: tuple[float, float]
    at_least: bool = False


_PEER = "FastAPI + odata-query + SQLAlchemy"
_GROWN = "p50, all rows / fewer"
_SHARE = "p95 / 20 ms"

_TYPED = "the same with typed answers, a far goal"

_GOALS = (
    _OnBoth("P1", f"requests/s, polls of 20 with attributes and login / {_PEER}", polls.throughput, (3, 6), True),
    _OnBoth("P1t", f"requests/s, the same polls / {_TYPED}", partial(polls.throughput, typed=True), (3, 6), True),
    _OnBoth("P2", "requests/s, the same polls / Flask hello JSON", polls.against_hello, (0.12, 0.3), True),
    _OnBoth("P3", f"p50, a page of 1000 / {_PEER}", polls.large_page, (0.2, 0.1)),
    _OnBoth("P4", f"p50, a page of 20 / {_PEER}", polls.small_page, (1, 0.5)),
    _OnBoth("P3t", f"p50, a page of 1000 / {_TYPED}", partial(polls.large_page, typed=True), (0.2, 0.1)),
    _OnBoth("P4t", f"p50, a page of 20 / {_TYPED}", partial(polls.small_page, typed=True), (1, 0.5)),
    _OnBoth("P5", f"p50, contains(Name), a tile / {_PEER}", searches.contains_present, (0.05, 0.01)),
    _OnBoth("P5", f"p50, contains(Name), 36 characters / {_PEER}", searches.contains_one, (0.05, 0.01)),
    _OnBoth("P5", f"p50, contains(Name), absent / {_PEER}", searches.contains_absent, (0.05, 0.01)),
    _OnBoth("P6", f"p50, any attribute eq / an indexed column of {_PEER}", searches.any_attribute, (2, 1)),
    _OnBoth("P7", "p50, Intersects, exact / contains(Name), a tile", searches.area, (3, 1)),
    _OnBoth("P8", f"{_GROWN}: poll", growth.polls, (1.5, 1.2)),
    _OnBoth("P8", f"{_GROWN}: by Id", growth.by_id, (1.5, 1.2)),
    _OnBoth("P8", f"{_GROWN}: by name", growth.names, (1.5, 1.2)),
    _OnBoth("P8", f"{_GROWN}: attribute eq", growth.attributes, (1.5, 1.2)),
    _OnBoth("P8", f"{_GROWN}: next link at nine tenths", growth.keyset, (1.5, 1.2)),
    _OnBoth("P9", f"{_GROWN}: contains(Name)", growth.contained, (3, 1.5)),
    _OnBoth("P9", f"{_GROWN}: startswith(Name)", growth.prefixes, (3, 1.5)),
    _OnBoth("P9", f"{_GROWN}: Intersects", growth.areas, (3, 1.5)),
    _OnBoth("P10", "p50, $skip of nine tenths of all rows / first page", paging.deep_skip, (20, 10)),
    _OnBoth("P10", "p50, next link there / next links of the first pages", paging.deep_token, (1.2, 1.05)),
    _OnBoth("P11", "p50, the newer half with $count / without", paging.count, (3, 2)),
    _OnBoth("P12", f"p50, window of publication, 1000 with attributes / {_PEER}", monitor.window, (0.2, 0.1)),
    _OnBoth("P12", f"{_SHARE}: such a window, empty", monitor.window_absent, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: newest 100 of a type prefix, last day", monitor.prefix, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: of a type prefix that is absent", monitor.prefix_absent, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: newest 100 of endswith(Name)", monitor.suffix, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: of a suffix that is absent", monitor.suffix_absent, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: newest 100 of Online eq true", monitor.online, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: of Online eq false, absent", monitor.offline, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: newest 100 of EvictionDate gt", monitor.evicted_later, (1, 0.25)),
    _OnBoth("P12", f"{_SHARE}: of a date after all, absent", monitor.evicted_later_absent, (1, 0.25)),
    _OnBoth("S1", "bytes of a report in the database / 2 kB", size.report, (1, 0.6)),
    _OnBoth("S1", "bytes of a product in the database / 8 kB", size.product, (1, 0.625)),
)


def odata_goals() -> Iterator[Goal]:
    """Each goal on SQLite, then on PostgreSQL."""
    for goal in _GOALS:
        for database in Database:
            must, stretch = goal.bounds
            yield Goal(
                id=goal.id,
                database=database,
                what=goal.what,
                measure=partial(_measured, goal.measure, database),
                at_least=must if goal.at_least else None,
                at_most=None if goal.at_least else must,
                stretch=stretch,
            )


def _measured(measure: Callable[[Bench, Database], float], database: Database, bench: Bench) -> float:
    return measure(bench, database)
