"""Which way the products of a page are found: decided by how many rows each would take, which no database can know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prip_core.catalogue.scope import Scope, Shown
from prip_core.catalogue.searching import Searching
from prip_core.catalogue.sources import MOST_TO_SORT, Source
from prip_core.catalogue.steering import ALONG_ONLINE, ALONG_SEQ, INDEXED, NOWHERE
from prip_core.odata.ast import Node
from prip_core.odata.options import Query

_FEW_OF_ALL = 1000
_FEW = 200  # rows; with these at hand no other index is worth asking about
_ROWS_OF_TRIGRAMS = 4  # what trigrams find is taken for a fourth of the list: a row costs more there than in a walk


@dataclass(frozen=True, slots=True)
class Way:
    """How products are found.

    :param steering: the columns whose indexes may be used.
    :param source: another index that gives them.
    :param collects: the source gives all of them, which are then put in order; otherwise it is read in order, and
        reading ends where the page does.
    """

    steering: frozenset[str] = NOWHERE
    source: Source | None = None
    collects: bool = False

    @property
    def walks(self) -> bool:
        """Rows are met that are not of the page."""
        return self.source is None or not (self.collects or self.source.collects)


@dataclass(frozen=True, slots=True)
class Measured:
    """An index and the number of rows that it gives within the window; beyond the most that are sorted, any number."""

    source: Source
    rows: int


def few_of(query: Query) -> int:
    """So many rows an index may find before a walk is tried, which will soon be at the end of its page then."""
    return min(MOST_TO_SORT, max(_FEW_OF_ALL, 10 * query.top))


def measured(searching: Searching, sources: Sequence[Source], scope: Scope, most: int | None) -> Sequence[Measured]:
    """How many rows the indexes give, asked where it is not known and decides anything; the fewest first.

    :param most: more rows of a column's index are not counted, and stand for very many; ``None``: than are sorted.
    """
    collecting = [source for source in sources if source.collects]
    known = [Measured(source, source.rows) for source in collecting if source.rows is not None]
    unknown = [source for source in collecting if source.rows is None]
    if unknown and all(each.rows > _FEW for each in known) and scope.size > _FEW:
        counts = searching.counts(searching.database, unknown, scope.window, MOST_TO_SORT if most is None else most)
        known += [Measured(source, rows) for source, rows in zip(unknown, counts, strict=True)]
    return sorted(known, key=lambda each: each.rows)


def way_of_page(query: Query, sources: Sequence[Source], counts: Sequence[Measured], scope: Scope) -> Way:
    """Sort what an index finds when that is little; otherwise meet the rows in the order of the page, up to its end.

    :param scope: its size is that of the window of the page.
    """
    if counts and counts[0].rows <= min(MOST_TO_SORT, scope.size):
        return Way(source=counts[0].source, collects=True)
    if query.in_publication_order:
        return _walk(scope) if scope.size <= MOST_TO_SORT else _in_order(sources, scope)
    first = query.order[0].property.column
    if first in INDEXED:
        return Way(frozenset({first}))
    return Way(source=counts[0].source, collects=True) if _worth_reading(counts, scope) else _walk(scope)


def way_of_count(sources: Sequence[Source], counts: Sequence[Measured], rest: Sequence[Node], scope: Scope) -> Way:
    """Read an index when it leaves out much, or need not be checked; otherwise walk."""
    if scope.shown is Shown.ALL:
        for source in sources:
            if source.exact and source.once and source.collects and source.nodes == tuple(rest):
                return Way(source=source)
    return Way(source=counts[0].source, collects=True) if _worth_reading(counts, scope) else _walk(scope)


def _worth_reading(counts: Sequence[Measured], scope: Scope) -> bool:
    """An index gives few of all rows; of how many there are beyond those worth sorting, nothing is known."""
    return bool(counts) and counts[0].rows < scope.size / 4


def _walk(scope: Scope) -> Way:
    mostly = scope.shown is Shown.ALL or scope.listed * 2 > scope.products
    return Way(ALONG_SEQ if mostly else ALONG_ONLINE)


def _in_order(sources: Sequence[Source], scope: Scope) -> Way:
    """An index that has publication order itself, where it leaves out enough to be worth more than a walk."""
    ordered = [source for source in sources if source.in_order and source.once]
    best = min(ordered, key=lambda each: _taken_for(each, scope), default=None)
    return _walk(scope) if best is None or _taken_for(best, scope) > scope.size / 2 else Way(source=best)


def _taken_for(source: Source, scope: Scope) -> float:
    return scope.size / _ROWS_OF_TRIGRAMS if source.rows is None else source.rows
