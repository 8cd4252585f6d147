"""Ranges of numbers and dates, on the dictionary of attribute values and on the index of numbers."""

from __future__ import annotations

from typing import Any

from prip_core.catalogue.attributes import Kind
from prip_core.catalogue.conditions import compared
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.scalars import bound
from prip_core.catalogue.sources import Source
from prip_core.catalogue.terms import Ranged
from prip_core.odata.ast import ValueTerm


def value_holds(term: ValueTerm, value: str) -> Fragment:
    """A term about a stored value of its type.

    :param value: the SQL of the value.
    """
    if len(term.values) > 1:
        return Fragment(f"{value} IN") + enclosed(joined(", ", map(bound, term.values)))
    return compared(value, term.operator, term.values[0])


def in_ranges(dialect: Dialect, node: Ranged, row: str) -> Fragment:
    """Ranges as a condition on a row of ``attribute_number`` that leads to no index.

    :param row: what the row is called.
    """
    held = [
        Fragment(f"+{row}.kind = {kind} AND")
        + joined(" AND ", [value_holds(term, f"+{row}.{dialect.value_column(Kind(kind))}") for term in terms])
        for kind, terms in node.by_kind
    ]
    return enclosed(joined(" OR ", held))


def ranged_sources(dialect: Dialect, node: Ranged) -> list[Source]:
    """The index of numbers by value, and by seq."""
    values = enclosed(joined(" UNION ALL ", [_of_kind(dialect, node, Kind(kind)) for kind, _ in node.by_kind]))
    facts: dict[str, Any] = {"nodes": (node,), "exact": True, "once": True}
    return [
        Source(tables=values + Fragment("AS s"), where=Fragment("1 = 1"), seq="s.seq", **facts),
        Source(
            tables=Fragment("attribute_number AS s"),
            where=Fragment("s.name_id = ? AND", (node.name_id,)) + in_ranges(dialect, node, "s"),
            seq="s.seq",
            in_order=True,
            collects=False,
            **facts,
        ),
    ]


def _of_kind(dialect: Dialect, node: Ranged, kind: Kind) -> Fragment:
    """The products with numbers of one kind in their ranges; bounds of seq lead to no index."""
    start = Fragment(
        "SELECT +v.seq AS seq FROM attribute_number AS v WHERE v.name_id = ? AND v.kind = ?", (node.name_id, kind)
    )
    column = f"v.{dialect.value_column(kind)}"
    return joined(" AND ", [start, *(value_holds(term, column) for term in dict(node.by_kind)[kind])])
