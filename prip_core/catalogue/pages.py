"""Pages of the product list: what decides how they are found is asked first, in as few statements as that takes."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core.catalogue.answers import Answers
from prip_core.catalogue.database import Row
from prip_core.catalogue.filters import Filter, is_publication_bound
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.keysets import Keyset, position_columns
from prip_core.catalogue.normal_form import conjuncts
from prip_core.catalogue.scope import Scope, Shown, of_page, read_scope, shown_by
from prip_core.catalogue.searching import Searching
from prip_core.catalogue.sources import Source
from prip_core.catalogue.steering import ALONG_ONLINE, NOWHERE, Steering
from prip_core.catalogue.ways import Way, measured, way_of_count, way_of_page
from prip_core.odata.ast import Constant, Node
from prip_core.odata.options import Listing, Query

_PRODUCT = Fragment("product AS p")


class PageReader:
    """Reads one page.

    :param list_evicted: products that are not online belong to the list, whether or not the filter speaks of them.
    :param now: the time of the request, milliseconds.
    :raises BadQuery: the filter is nested too deeply.
    """

    def __init__(self, searching: Searching, query: Query, answers: Answers, *, list_evicted: bool, now: int) -> None:
        self._searching = searching
        self._query = query
        self._answers = answers
        self._now = now
        self._shown = shown_by(query, list_evicted=list_evicted)
        self._nodes = () if query.filter is None else conjuncts(searching.dictionary.resolved(query.filter, now))
        self._rest = tuple(node for node in self._nodes if not is_publication_bound(node))

    def read(self) -> tuple[Sequence[Row], int | None]:
        """The rows, one more than the page when there are that many, and the number of all matches if wanted."""
        query = self._query
        if Constant(False) in self._nodes:
            return (), 0 if query.count else None
        plain = query.in_publication_order and not (self._rest or query.count or self._skip)
        if plain and query.top:
            return self._rows(self._walk_listed()), None
        scope = read_scope(self._searching.database, self._nodes, self._shown)
        sources = Steering(self._searching.dialect, self._now, self._searching.sources).sources(self._rest)
        total = self._total(scope, sources) if query.count else None
        within = of_page(scope, query)
        if not query.top or not within.size:
            return (), total
        return self._rows(self._page(within, sources)), total

    @property
    def _skip(self) -> int:
        return self._query.skip if self._query.after is None else 0

    def _rows(self, question: Fragment) -> Sequence[Row]:
        return self._searching.database.rows_of(question.text, question.values)

    def _walk_listed(self) -> Fragment:
        """A page along what is listed, before which there is nothing to know."""
        written = self._written(ALONG_ONLINE)
        keyset = self._keyset(by_index=True)
        conditions = [*map(written.condition, self._nodes), *_shown(written, self._shown)]
        if self._query.after is not None:
            conditions += keyset.behind(self._query.after)[:1]
        return self._wide() + _where(conditions) + keyset.order() + self._limit()

    def _total(self, scope: Scope, sources: Sequence[Source]) -> int:
        if not scope.size:
            return 0
        bounded = len(self._rest) < len(self._nodes)
        if not self._rest and (scope.shown is Shown.ALL or not bounded):
            return scope.size
        counts = measured(self._searching.database, sources, scope)
        way = way_of_count(sources, counts, self._rest, scope)
        if way.source is not None and not way.collects and way.source.rows is not None and not bounded:
            return way.source.rows
        found = self._found(way, scope)
        ((total,),) = self._rows(Fragment("SELECT count(*) FROM") + found)
        return int(total)

    def _page(self, scope: Scope, sources: Sequence[Source]) -> Fragment:
        query = self._query
        counts = () if self._streams_anyway(sources) else measured(self._searching.database, sources, scope)
        way = way_of_page(query, sources, counts, scope)
        streams = way.source is not None and not way.collects
        if way.source is None and query.in_publication_order and not self._skip:
            return self._wide() + self._chosen(way, scope) + self._keyset(by_index=True).order() + self._limit()
        # Skipping and sorting without the wide rows: those of the page are fetched when it is known.
        seq = way.source.seq if way.source is not None and streams else "p.seq"
        narrow = Fragment(f"SELECT {seq} FROM") + self._found(way, scope, self._behind(way)) + self._order(way)
        rows = enclosed(narrow + self._limit() + Fragment("OFFSET ?", (self._skip,)))
        return self._wide() + Fragment("WHERE p.seq IN") + rows + self._keyset(by_index=False).order()

    def _streams_anyway(self, sources: Sequence[Source]) -> bool:
        """The only index has publication order: how much it finds decides nothing."""
        return self._query.in_publication_order and len(sources) == 1 and sources[0].in_order

    def _behind(self, way: Way) -> list[Fragment]:
        """The conditions of a page that are none of its count. In publication order the window says it all."""
        query = self._query
        if query.in_publication_order:
            return []
        keyset = self._keyset(by_index=way.source is None)
        conditions = [] if query.after is None else keyset.behind(query.after)
        if query.listing is Listing.DELETED_PRODUCTS and keyset.keys[0][0] == "deletion_date":
            # All of them have one; the index holds no others, and is not used unless this is said.
            conditions.append(Fragment("p.deletion_date IS NOT NULL"))
        return conditions

    def _found(self, way: Way, scope: Scope, paging: Sequence[Fragment] = ()) -> Fragment:
        """The tables and conditions of the products, behind FROM."""
        source = way.source
        if source is None or way.collects:
            return _PRODUCT + self._chosen(way, scope, paging)
        conditions = [source.condition(scope.window), *self._conditions(way, scope)]
        tables = source.tables
        if len(conditions) > 1:
            tables += Fragment(f"CROSS JOIN product AS p ON p.seq = {source.seq}")
        return tables + _where(conditions)

    def _chosen(self, way: Way, scope: Scope, paging: Sequence[Fragment] = ()) -> Fragment:
        """The conditions of the products, behind their table."""
        if way.source is not None:
            within = [Fragment("p.seq IN") + enclosed(way.source.select(scope.window))]
        else:
            within = scope.window.bounds(self._written(way.steering).seq())
        return _where([*within, *paging, *self._conditions(way, scope)])

    def _conditions(self, way: Way, scope: Scope) -> list[Fragment]:
        """What the way does not see to by itself."""
        written = self._written(way.steering)
        covered: Sequence[Node] = way.source.nodes if way.source is not None and way.source.exact else ()
        conditions = [written.condition(node) for node in self._rest if node not in covered]
        return conditions + _shown(written, scope.shown)

    def _order(self, way: Way) -> Fragment:
        if way.source is None:
            return self._keyset(by_index=True).order()
        if way.collects:
            return self._keyset(by_index=False).order()
        return Fragment(f"ORDER BY {way.source.seq} {'DESC' if self._query.newest_first else 'ASC'}")

    def _keyset(self, *, by_index: bool) -> Keyset:
        return Keyset(self._searching.dialect, self._query, by_index=by_index)

    def _written(self, steering: frozenset[str] = NOWHERE) -> Filter:
        return Filter(self._searching.dialect, self._now, steering)

    def _wide(self) -> Fragment:
        return self._answers.columns(position_columns(self._query))

    def _limit(self) -> Fragment:
        return Fragment("LIMIT ?", (self._query.top + 1,))


def _shown(written: Filter, shown: Shown) -> list[Fragment]:
    return [] if shown is Shown.ALL else [Fragment(f"{written.column('online')} = ?", (shown.value,))]


def _where(conditions: Sequence[Fragment]) -> Fragment:
    return Fragment("WHERE") + joined(" AND ", conditions) if conditions else Fragment("")
