"""Pages of the product list: what decides how they are found is asked first, in as few statements as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prip_core.catalogue.answers import Answers
from prip_core.catalogue.database import Row
from prip_core.catalogue.filters import Filter, is_publication_bound, speaks_of_columns
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.keysets import Keyset, position_columns
from prip_core.catalogue.normal_form import conjuncts
from prip_core.catalogue.scope import Scope, Shown, halved, of_page, read_scope, shown_by, skipped, within_ends
from prip_core.catalogue.searching import Searching
from prip_core.catalogue.sources import Source
from prip_core.catalogue.steering import ALONG_ONLINE, NOWHERE, Steering
from prip_core.catalogue.terms import merged
from prip_core.catalogue.ways import Measured, Way, few_of, measured, way_of_count, way_of_page
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
        asked = () if query.filter is None else conjuncts(searching.dictionary.resolved(query.filter, now))
        self._shown, self._nodes = shown_by(query, merged(asked), list_evicted=list_evicted)
        self._rest = tuple(node for node in self._nodes if not is_publication_bound(node))

    def read(self) -> tuple[Sequence[Row], int | None]:
        """The rows, one more than the page when there are that many, and the number of all matches if wanted."""
        query = self._query
        if Constant(False) in self._nodes:
            return (), 0 if query.count else None
        plain = query.in_publication_order and not (self._rest or query.count or self._skip)
        if plain and query.top:
            return self._rows(self._walk_listed()), None
        scope = read_scope(self._searching, self._nodes, self._shown)
        sources = Steering(self._searching.dialect, self._now, self._searching.sources).sources(self._rest)
        total = self._total(scope, sources) if query.count else None
        within, skip = of_page(scope, query), self._skip
        if skip and not self._rest and within.shown is Shown.ALL and query.in_publication_order:
            within, skip = skipped(within, query), 0
        if not query.top or not within.size:
            return (), total
        return self._page(within, sources, skip), total

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
            conditions.append(keyset.behind(self._query.after))
        return self._wide() + _where(conditions) + keyset.order() + self._limit()

    def _total(self, scope: Scope, sources: Sequence[Source]) -> int:
        if not scope.size:
            return 0
        bounded = len(self._rest) < len(self._nodes)
        if not self._rest and (scope.shown is Shown.ALL or not bounded):
            return scope.size
        counts = self._measured(sources, scope)
        way = way_of_count(sources, counts, self._rest, scope)
        if way.source is not None and not way.collects and way.source.rows is not None and not bounded:
            return way.source.rows
        ((total,),) = self._rows(Fragment("SELECT count(*) FROM") + self._counted(way, scope))
        return int(total)

    def _counted(self, way: Way, scope: Scope) -> Fragment:
        source = way.source
        if source is None or not way.collects or self._looks_at_products(way, scope):
            return self._found(way, scope)
        numbers = Fragment("SELECT DISTINCT u.seq FROM") + enclosed(source.select(scope.window)) + Fragment("AS u")
        written = Filter(self._searching.dialect, self._now, NOWHERE, number="s.seq")
        return enclosed(numbers) + Fragment("AS s") + _where(list(map(written.condition, self._left_to(way))))

    def _page(self, scope: Scope, sources: Sequence[Source], skip: int) -> Sequence[Row]:
        query = self._query
        near, far = halved(scope, newest_first=query.newest_first)
        staged = query.in_publication_order and not skip and far is not None
        most = few_of(query) if staged else None
        counts = () if self._streams_anyway(sources) else self._measured(sources, scope, most)
        way = way_of_page(query, sources, counts, scope)
        if far is None or not staged or not way.walks:
            if not self._rest and way.source is None and query.in_publication_order and skip:
                way = Way(ALONG_ONLINE)  # what is skipped is in the index, and nothing has to be looked at
            return self._behind(way, scope, skip)
        # A walk that meets little at first is worth a second thought: what matches may lie at the far end.
        rows = self._fetched(way, near, query.top + 1)
        missing = query.top + 1 - len(rows)
        return [*rows, *self._far(far, sources, missing)] if missing and sources else self._rest_of_walk(way, far, rows)

    def _rest_of_walk(self, way: Way, far: Scope, rows: Sequence[Row]) -> Sequence[Row]:
        missing = self._query.top + 1 - len(rows)
        return [*rows, *self._fetched(way, far, missing)] if missing else rows

    def _far(self, scope: Scope, sources: Sequence[Source], most: int) -> Sequence[Row]:
        """What a walk finds behind its first rows. It is told by the indexes how far it is to go: dates of other kinds
        come in much the same order."""
        counts = self._measured(sources, scope)
        way = way_of_page(self._query, sources, counts, scope)
        if way.walks:
            limiting = [each.source for each in counts if each.source.exact and each.source.once]
            scope = self._narrowed(scope, limiting)
        return self._fetched(way, scope, most) if scope.size else ()

    def _narrowed(self, scope: Scope, limiting: Sequence[Source]) -> Scope:
        if not limiting:
            return scope
        ends = [
            Fragment("SELECT min(e.seq + 0) AS first_seq, max(e.seq + 0) AS last_seq FROM")
            + enclosed(source.select(scope.window))
            + Fragment("AS e")
            for source in limiting
        ]
        found = self._rows(joined(" UNION ALL ", ends))
        if any(first is None for first, _ in found):
            return replace(scope, size=0)
        return within_ends(scope, max(first for first, _ in found), min(last for _, last in found))

    def _measured(self, sources: Sequence[Source], scope: Scope, most: int | None = None) -> Sequence[Measured]:
        return measured(self._searching, sources, scope, most)

    def _behind(self, way: Way, scope: Scope, skip: int) -> Sequence[Row]:
        """A page behind its position. In publication order the window says where that is."""
        query = self._query
        most = query.top + 1
        if query.in_publication_order or query.after is None:
            return self._fetched(way, scope, most, skip)
        keyset = self._keyset(by_index=way.source is None)
        if way.source is not None or keyset.keys[0][0] not in way.steering:
            return self._fetched(way, scope, most, paging=[keyset.behind(query.after)])
        rows: list[Row] = []
        for stage in keyset.stages(query.after):
            if len(rows) < most:
                rows += self._fetched(way, scope, most - len(rows), paging=stage)
        return rows

    def _fetched(
        self, way: Way, scope: Scope, most: int, skip: int = 0, paging: Sequence[Fragment] = ()
    ) -> Sequence[Row]:
        """:param paging: the conditions of a page that are none of its count."""
        limit = Fragment("LIMIT ?", (most,))
        if way.source is None and self._query.in_publication_order and not skip:
            return self._rows(self._wide() + self._chosen(way, scope) + self._keyset(by_index=True).order() + limit)
        # Skipping and sorting without the wide rows: those of the page are fetched when it is known.
        seq = "p.seq" if way.source is None or way.collects else way.source.seq
        found = self._found(way, scope, [*paging, *self._indexed(way)])
        narrow = Fragment(f"SELECT {seq} FROM") + found + self._order(way)
        page = self._searching.dialect.among("p.seq", narrow + limit + Fragment("OFFSET ?", (skip,)))
        return self._rows(self._wide() + Fragment("WHERE") + page + self._keyset(by_index=False).order())

    def _streams_anyway(self, sources: Sequence[Source]) -> bool:
        """The only index has publication order: how much it finds decides nothing."""
        return self._query.in_publication_order and len(sources) == 1 and sources[0].in_order

    def _indexed(self, way: Way) -> list[Fragment]:
        """What has to be said for an index to be used for the order."""
        if way.source is None and "deletion_date" in way.steering and self._query.listing is Listing.DELETED_PRODUCTS:
            return [Fragment("p.deletion_date IS NOT NULL")]  # all of them have one; the index holds no others
        return []

    def _found(self, way: Way, scope: Scope, paging: Sequence[Fragment] = ()) -> Fragment:
        """The tables and conditions of the products, behind FROM."""
        source = way.source
        if source is None or way.collects:
            return _PRODUCT + self._chosen(way, scope, paging)
        tables = source.tables
        if not source.of_product and self._looks_at_products(way, scope):
            tables += Fragment(f"{self._searching.dialect.JOINING} product AS p ON p.seq = {source.seq}")
        return tables + _where([source.condition(scope.window), *self._conditions(way, scope)])

    def _chosen(self, way: Way, scope: Scope, paging: Sequence[Fragment] = ()) -> Fragment:
        """The conditions of the products, behind their table."""
        if way.source is not None:
            within = [self._searching.dialect.among("p.seq", way.source.select(scope.window))]
        else:
            within = scope.window.bounds(self._written(way.steering).seq())
        return _where([*within, *paging, *self._conditions(way, scope)])

    def _conditions(self, way: Way, scope: Scope) -> list[Fragment]:
        """What the way does not see to by itself."""
        source = way.source
        number = "p.seq" if source is None or way.collects else source.seq
        written = Filter(self._searching.dialect, self._now, way.steering, number=number)
        return [*map(written.condition, self._left_to(way)), *_shown(written, scope.shown)]

    def _looks_at_products(self, way: Way, scope: Scope) -> bool:
        """Numbers alone do not say enough."""
        return scope.shown is not Shown.ALL or any(map(speaks_of_columns, self._left_to(way)))

    def _left_to(self, way: Way) -> list[Node]:
        """The conditions that still have to be looked at."""
        covered: Sequence[Node] = way.source.nodes if way.source is not None and way.source.exact else ()
        return [node for node in self._rest if node not in covered]

    def _order(self, way: Way) -> Fragment:
        if way.source is None:
            return self._keyset(by_index=True).order()
        if way.collects:
            # In publication order the numbers found are sorted, and reading ends where the page does.
            return self._keyset(by_index=self._query.in_publication_order).order()
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
