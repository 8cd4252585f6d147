"""Conditions in SQLite's SQL."""

from __future__ import annotations

from prip_core.catalogue.fragments import Fragment, joined
from prip_core.odata.ast import Function, Matching, Relation


class SqliteDialect:
    """See :class:`prip_core.catalogue.dialect.Dialect`; the functions it calls are registered with each connection."""

    def unindexed(self, column: str) -> str:
        return f"+p.{column}"

    def same(self, left: Fragment, right: Fragment, *, negated: bool) -> Fragment:
        return joined(" IS NOT " if negated else " IS ", (left, right))

    def number(self, operand: Fragment) -> Fragment:
        return Fragment(f"CAST({operand.text} AS REAL)", operand.values)

    def cut(self, number: Fragment) -> Fragment:
        return called("cut", (number,))

    def remainder(self, left: Fragment, right: Fragment) -> Fragment:
        return called("remainder", (left, right))

    def call(self, function: Function, arguments: tuple[Fragment, ...]) -> Fragment:
        return called(function.value, arguments)

    def matches(self, operand: Fragment, matching: Matching, text: Fragment) -> Fragment:
        if matching is Matching.CONTAINS:
            return Fragment(f"instr({operand.text}, {text.text}) > 0", operand.values + text.values)
        return called(matching.value, (operand, text))

    def relates(self, relation: Relation, area: bytes, number: str) -> Fragment:
        return Fragment(
            f"(SELECT prip_{relation.value.lower()}(f.shape, ?) FROM footprint AS f WHERE f.seq = {number})",  # noqa: S608
            (area,),
        )


def called(name: str, arguments: tuple[Fragment, ...]) -> Fragment:
    """A call of one of the registered functions."""
    inner = joined(", ", arguments)
    return Fragment(f"prip_{name}({inner.text})", inner.values)
