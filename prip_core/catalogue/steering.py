"""Which indexes find the products of a filter: all that could, for the page to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.filters import Filter, compared_column, is_publication_bound, prefix_range
from prip_core.catalogue.fragments import Fragment
from prip_core.catalogue.scalars import column_of
from prip_core.catalogue.sources import Source, source_of_any
from prip_core.odata.ast import Comparison, In, Node, Operator, Or, PropertyValue, TextMatch

INDEXED = frozenset(
    {
        "id",
        "name",
        "publication_date",
        "modification_date",
        "eviction_date",
        "origin_date",
        "content_start",
        "content_end",
        "deletion_date",
    }
)
"""Columns that have an index of their own."""

ALONG_SEQ = frozenset({"publication_date"})
"""A walk over the table itself, in publication order: every column is at hand."""

ALONG_ONLINE = frozenset({"publication_date", "online"})
"""A walk over what is online (or not) alone, in publication order: each row costs a look into the table."""

NOWHERE: frozenset[str] = frozenset()
"""No index of a column is used: the rows are found already."""


class Steering:
    """Finds indexes.

    :param now: the time of the request, milliseconds.
    :param others: the indexes of a single condition that are no column's.
    """

    def __init__(self, dialect: Dialect, now: int, others: Callable[[Node], list[Source]]) -> None:
        self._dialect = dialect
        self._now = now
        self._others = others

    def sources(self, nodes: Sequence[Node]) -> list[Source]:
        """The indexes for conditions that all hold."""
        found = [self._column(column, limiting) for column, limiting in _candidates(nodes).items()]
        for node in nodes:
            found += self._others(node)
            if isinstance(node, Or) and limited_column(node) is None:
                united = source_of_any(node, self.sources)
                found += [] if united is None else [united]
        return found

    def _column(self, column: str, nodes: Sequence[Node]) -> Source:
        written = Filter(self._dialect, self._now, frozenset({column}))
        return Source(
            nodes=tuple(nodes),
            tables=Fragment("product AS p"),
            where=written.all_of(nodes),
            # Its bounds lead to no index: it is this column's that is to be read.
            seq=self._dialect.unindexed("seq"),
            exact=True,
            once=True,
        )


def _candidates(nodes: Sequence[Node]) -> Mapping[str, Sequence[Node]]:
    """The indexed columns that limit the rows → the trees that do it."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        column = None if is_publication_bound(node) else limited_column(node)
        if column in INDEXED:
            found.setdefault(column, []).append(node)
    return found


def limited_column(node: Node) -> str | None:
    """The column whose index gives exactly the rows of a tree; ``None``: there is none."""
    match node:
        case Comparison() if node.operator is not Operator.NE:
            return compared_column(node)
        case In(operand=PropertyValue() as operand):
            return column_of(operand)
        case TextMatch(operand=PropertyValue() as operand) if prefix_range(node) is not None:
            return column_of(operand)
        case Or():
            columns = {limited_column(operand) for operand in node.operands}
            return columns.pop() if len(columns) == 1 else None
        case _:
            return None
