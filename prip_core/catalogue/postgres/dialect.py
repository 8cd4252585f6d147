"""Conditions in PostgreSQL's SQL."""

from __future__ import annotations

from prip_core.catalogue.fragments import Fragment, joined
from prip_core.errors import UnsupportedQuery
from prip_core.odata.ast import Function, Matching, Relation


class PostgresDialect:
    """See :class:`prip_core.catalogue.dialect.Dialect`."""

    def unindexed(self, column: str) -> str:
        return f"p.{column}"

    def same(self, left: Fragment, right: Fragment, *, negated: bool) -> Fragment:
        return joined(" IS DISTINCT FROM " if negated else " IS NOT DISTINCT FROM ", (left, right))

    def number(self, operand: Fragment) -> Fragment:
        return Fragment(f"CAST({operand.text} AS double precision)", operand.values)

    def cut(self, number: Fragment) -> Fragment:
        return Fragment(f"trunc({number.text})", number.values)

    def remainder(self, left: Fragment, right: Fragment) -> Fragment:  # noqa: ARG002
        raise UnsupportedQuery("$filter: mod is not served from PostgreSQL")

    def call(self, function: Function, arguments: tuple[Fragment, ...]) -> Fragment:  # noqa: ARG002
        raise UnsupportedQuery(f"$filter: {function} is not served from PostgreSQL")

    def matches(self, operand: Fragment, matching: Matching, text: Fragment) -> Fragment:
        found = Fragment(f"strpos({operand.text}, {text.text})", operand.values + text.values)
        match matching:
            case Matching.CONTAINS:
                return found + Fragment("> 0")
            case Matching.STARTS_WITH:
                return found + Fragment("= 1")
            case Matching.ENDS_WITH:
                end = Fragment(f"right({operand.text}, length({text.text}))", operand.values + text.values)
                return end + Fragment("=") + text

    def relates(self, relation: Relation, area: bytes, number: str) -> Fragment:  # noqa: ARG002
        raise UnsupportedQuery(f"$filter: {relation} is not served from PostgreSQL")
