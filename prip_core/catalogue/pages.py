"""Pages of the product list: two statements at the most, one for what must be known first, one for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prip_core.catalogue.answers import Answers
from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.filters import Filter, column_name, mentions, unindexed
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.normal_form import conjuncts
from prip_core.catalogue.steering import (
    ALONG_ONLINE,
    ALONG_SEQ,
    INDEXED,
    candidates,
    limited_column,
    rows_within,
)
from prip_core.odata.ast import Node, OrderBy
from prip_core.odata.edm import PATHS
from prip_core.odata.options import Listing, Query

# Rows that an index may find to be sorted: some 10 ms. A walk that meets more matches than these reaches the end of
# its page as fast, unless all of them lie at the far end.
_MOST_TO_SORT = 10_000


@dataclass(frozen=True, slots=True)
class _Way:
    """How the rows of a page are found.

    :param steering: the columns whose indexes may be used.
    :param sorts: an index finds all rows, which are then sorted; otherwise they are met in the order of the page, as
        far as an index has that order, and reading ends where the page does.
    """

    steering: frozenset[str]
    sorts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What decides about the way.

    :param total: the number of all matches, where it is wanted.
    :param mostly_online: more than half of the products are online.
    :param found: limiting column → rows that its index would give, at most one more than are worth sorting.
    """

    total: int | None
    mostly_online: bool
    found: Mapping[str, int]


class PageReader:
    """Reads one page.

    :param list_evicted: products that are not online belong to the list, whether or not the filter speaks of them.
    :raises BadQuery: the filter is nested too deeply.
    """

    def __init__(self, database: Database, query: Query, answers: Answers, *, list_evicted: bool) -> None:
        self._database = database
        self._answers = answers
        self._query = query
        self._conjuncts = () if query.filter is None else conjuncts(query.filter)
        self._online = self._online_rule(list_evicted)
        self._candidates = self._limiting_columns()
        self._has_residue = any(limited_column(node) not in ALONG_ONLINE for node in self._conjuncts)

    def read(self) -> tuple[Sequence[Row], int | None]:
        """The rows, one more than the page when there are that many, and the number of all matches if wanted."""
        facts = self._facts()
        if not self._query.top:
            return (), facts.total
        page = self._page(self._way(facts))
        return self._database.rows_of(page.text, page.values), facts.total

    def _online_rule(self, list_evicted: bool) -> bool | None:
        """What ``online`` must be for a product to belong to the list; ``None``: that does not matter."""
        if self._query.listing is Listing.DELETED_PRODUCTS:
            return False
        return None if list_evicted or any(mentions(node, "online") for node in self._conjuncts) else True

    def _limiting_columns(self) -> Mapping[str, Sequence[Node]]:
        limiting = dict(candidates(self._conjuncts))
        if self._query.in_publication_order:
            # Bounds of PublicationDate narrow the walk along seq itself.
            limiting.pop("publication_date", None)
        return limiting if self._query.top else {}

    def _facts(self) -> _Facts:
        """What only the database knows, asked where it decides anything."""
        counts = [self._count()] if self._query.count else []
        probes = [rows_within(nodes, _MOST_TO_SORT) for nodes in self._candidates.values()]
        if not counts and not probes and not self._has_residue:
            return _Facts(total=None, mostly_online=False, found={})
        question = Fragment("SELECT") + joined(", ", map(enclosed, [_MOSTLY_ONLINE, *probes, *counts]))
        (row,) = self._database.rows_of(question.text, question.values)
        found = dict(zip(self._candidates, row[1:], strict=False))
        return _Facts(total=row[-1] if counts else None, mostly_online=bool(row[0]), found=found)

    def _count(self) -> Fragment:
        if not self._conjuncts:
            return _COUNTS[self._online]
        # `online` leads to its own index alone when nothing else does: that index holds seq, and no other column.
        steering = frozenset({"publication_date", *candidates(self._conjuncts)}) if self._has_residue else None
        return Fragment("SELECT count(*) FROM product AS p") + self._where(Filter(steering))

    def _way(self, facts: _Facts) -> _Way:
        """Sort what an index finds when that is little; otherwise walk in the order of the page up to its end."""
        column, rows = min(facts.found.items(), key=lambda item: item[1], default=("", _MOST_TO_SORT + 1))
        if rows <= _MOST_TO_SORT:
            return _Way(frozenset({column}), sorts=True)
        if self._query.in_publication_order:
            return _Way(ALONG_SEQ if facts.mostly_online else ALONG_ONLINE, sorts=False)
        first = self._query.order[0].property.column
        return _Way(frozenset({first}) if first in INDEXED else ALONG_SEQ, sorts=False)

    def _page(self, way: _Way) -> Fragment:
        query = self._query
        chosen = self._where(Filter(way.steering), paging=True)
        end = Fragment("LIMIT ?", (query.top + 1,))
        skip = query.skip if query.after is None else 0
        wide = self._answers.columns()
        if query.in_publication_order and not way.sorts and not skip:
            return wide + chosen + self._order() + end
        # Skipping and sorting without the wide rows: those of the page are fetched when it is known.
        narrow = Fragment("SELECT p.seq FROM product AS p") + chosen + self._order(sorts=way.sorts) + end
        rows = enclosed(narrow + Fragment("OFFSET ?", (skip,)))
        return wide + Fragment("WHERE p.seq IN") + rows + self._order()

    def _where(self, written: Filter, *, paging: bool = False) -> Fragment:
        """:param paging: what comes before the page is left out, where a token says what that is."""
        conditions = [written.condition(node) for node in self._conjuncts]
        if self._online is not None:
            conditions.append(written.online(self._online))
        if paging and self._query.after is not None:
            side = "<" if self._query.newest_first else ">"
            conditions.append(Fragment(f"{written.seq()} {side} ?", (self._query.after.seq,)))
        return Fragment("WHERE") + joined(" AND ", conditions) if conditions else Fragment("")

    def _order(self, *, sorts: bool = False) -> Fragment:
        """:param sorts: no index is to be chosen for its order."""
        keys = []
        for key in (*self._query.order, OrderBy(PATHS["PublicationDate"])):
            name = "seq" if column_name(key) == "publication_date" else column_name(key)
            column = unindexed(name) if sorts else f"p.{name}"
            keys.append(f"{column} {'DESC' if key.descending else 'ASC'}")
            if name == "seq":
                break  # no two products share it
        return Fragment(f"ORDER BY {', '.join(keys)}")


_MOSTLY_ONLINE = Fragment("SELECT online * 2 > products FROM publication_clock")
_COUNTS = {
    True: Fragment("SELECT online FROM publication_clock"),
    False: Fragment("SELECT products - online FROM publication_clock"),
    None: Fragment("SELECT products FROM publication_clock"),
}
"""Of all products for which ``online`` is this."""
