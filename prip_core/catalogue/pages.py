"""Pages of the product list: two statements at the most, one for what must be known first, one for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, Ordering, Select, fn

from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.filters import Condition, Filter, mentions
from prip_core.catalogue.normal_form import normal_form
from prip_core.catalogue.steering import IN_PUBLICATION_ORDER, INDEXED, candidates, conjuncts, rows_within
from prip_core.catalogue.tables import ClockRow, Document, Product
from prip_core.odata.ast import Node
from prip_core.odata.options import Query

_FEWEST_TO_SORT = 2000  # rows that may be found by an index and sorted, however small the page
_SORTED_FOR_ONE = 20  # and how many of them for each row of the page


@dataclass(frozen=True, slots=True)
class _Way:
    """How the rows of a page are found.

    :param steering: the columns whose indexes may be used; ``None``: of all, the database chooses.
    :param in_order: the rows are met in the order of the page, so that its end is where reading ends.
    """

    steering: frozenset[str] | None
    in_order: bool


class PageReader:
    """Reads one page.

    :param list_evicted: products that are not online belong to the list, whether or not the filter speaks of them.
    :raises BadQuery: the filter is nested too deeply.
    """

    def __init__(self, database: Database, query: Query, *, list_evicted: bool) -> None:
        self._database = database
        self._query = query
        self._conjuncts = conjuncts(None if query.filter is None else normal_form(query.filter))
        self._online_only = not list_evicted and not any(mentions(node, "online") for node in self._conjuncts)
        self._candidates = self._limiting_columns()

    def read(self) -> tuple[Sequence[Row], int | None]:
        """The rows, one more than the page when there are that many, and the number of all matches if wanted."""
        total, found = self._facts()
        if not self._query.top:
            return (), total
        return self._database.rows(self._page(self._way(found))), total

    def _limiting_columns(self) -> Mapping[str, Sequence[Node]]:
        limiting = dict(candidates(self._conjuncts))
        if self._query.in_publication_order:
            # Bounds of PublicationDate narrow the walk along seq itself.
            limiting.pop("publication_date", None)
        return limiting if self._query.top else {}

    def _facts(self) -> tuple[int | None, Mapping[str, int]]:
        """The number of all matches, where it is wanted, and of the rows behind each limiting column."""
        probes = [rows_within(nodes, self._most_to_sort) for nodes in self._candidates.values()]
        counts = [self._count()] if self._query.count else []
        if not probes and not counts:
            return None, {}
        row = self._database.row(Select(columns=[*counts, *probes]))
        assert row is not None, "an aggregate always has a row"
        numbers = list(row)
        total = numbers.pop(0) if counts else None
        return total, dict(zip(self._candidates, numbers, strict=True))

    @property
    def _most_to_sort(self) -> int:
        return max(_FEWEST_TO_SORT, _SORTED_FOR_ONE * self._query.top)

    def _count(self) -> Select:
        if self._conjuncts:
            return Product.select(fn.COUNT(SQL("*"))).where(*self._conditions(Filter()))
        return ClockRow.select(ClockRow.online if self._online_only else ClockRow.products)

    def _way(self, found: Mapping[str, int]) -> _Way:
        """Sort what an index finds when that is little; otherwise walk in the order of the page up to its end."""
        if found:
            column, rows = min(found.items(), key=lambda item: item[1])
            if rows <= self._most_to_sort:
                return _Way(frozenset({column}), in_order=False)
        if self._query.in_publication_order:
            return _Way(IN_PUBLICATION_ORDER, in_order=True)
        first = self._query.order[0].property.column
        return _Way(frozenset({first}) if first in INDEXED else None, in_order=False)

    def _page(self, way: _Way) -> Select:
        query = self._query
        chosen = self._conditions(Filter(way.steering))
        if query.skip_token is not None:
            chosen.append(Product.seq < query.skip_token if query.newest_first else Product.seq > query.skip_token)
        skip = query.skip if query.skip_token is None else 0
        wide = answer(expand_attributes=query.expand_attributes).order_by(*self._order())
        if way.in_order and not skip:
            return _limited(wide, chosen).limit(query.top + 1)
        # Skipping and sorting without the wide rows: those of the page are fetched when it is known.
        rows = _limited(Product.select(Product.seq), chosen).order_by(*self._order()).limit(query.top + 1).offset(skip)
        return wide.where(Product.seq.in_(rows))

    def _conditions(self, written: Filter) -> list[Condition]:
        conditions = [written.all_of(self._conjuncts)] if self._conjuncts else []
        return [*conditions, written.online()] if self._online_only else conditions

    def _order(self) -> Sequence[Ordering]:
        keys = []
        for key in self._query.order:
            field = Product.seq if key.property.column == "publication_date" else _field(key.property.column)
            keys.append(field.desc() if key.descending else field.asc())
            if field is Product.seq:
                return keys
        return [*keys, Product.seq.asc()]


def _field(column: str | None) -> Any:
    return Product._meta.columns[column]


def answer(*, expand_attributes: bool) -> Select:
    """The columns of a :class:`ProductRow`, in its order, of all products."""
    return Product.select(
        Product.seq,
        Document.fixed,
        Document.attributes if expand_attributes else SQL("NULL"),
        Product.online,
        Product.eviction_date,
        Product.modification_date,
    ).join(Document, on=(Document.seq == Product.seq))


def _limited(products: Select, conditions: Sequence[Condition]) -> Select:
    return products.where(*conditions) if conditions else products
