"""Which index finds the rows of a page: decided by how many rows each would give, which the database cannot know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prip_core.catalogue.filters import Filter, column_name
from prip_core.catalogue.fragments import Fragment, enclosed
from prip_core.odata.ast import Comparison, Matching, Node, Operator, Or, TextMatch

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
    }
)
"""Columns that have an index of their own."""

ALONG_SEQ = frozenset({"publication_date"})
"""A walk over the table itself, in publication order: every column is at hand."""

ALONG_ONLINE = frozenset({"publication_date", "online"})
"""A walk over what is online (or not) alone, in publication order: each row costs a look into the table."""


def candidates(nodes: Sequence[Node]) -> Mapping[str, Sequence[Node]]:
    """The indexed columns that limit the rows → the trees that do it."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        column = limited_column(node)
        if column in INDEXED:
            found.setdefault(column, []).append(node)
    return found


def limited_column(node: Node) -> str | None:
    """The column whose index gives exactly the rows of a tree; ``None``: there is none."""
    match node:
        case Comparison() if node.operator is not Operator.NE:
            return column_name(node)
        case TextMatch() if node.matching is Matching.STARTS_WITH:
            return column_name(node)
        case Or():
            columns = {limited_column(operand) for operand in node.operands}
            return columns.pop() if len(columns) == 1 else None
        case _:
            return None


def rows_within(nodes: Sequence[Node], most: int) -> Fragment:
    """A scalar query: how many rows the index would give, counted up to ``most`` and one."""
    inside = Fragment("SELECT 1 FROM product AS p WHERE") + Filter().all_of(nodes) + Fragment("LIMIT ?", (most + 1,))
    return Fragment("SELECT count(*) FROM") + enclosed(inside)
