"""Conditions in SQLite's SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from prip_core.catalogue.attributes import Kind
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.scalars import bound
from prip_core.odata.ast import Function, Matching, Relation, Value
from prip_core.odata.edm import Primitive


class SqliteDialect:
    """See :class:`prip_core.catalogue.dialect.Dialect`; the functions it calls are registered with each connection."""

    JOINING: ClassVar[str] = "CROSS JOIN"
    NUMBERED: ClassVar[frozenset[Kind]] = frozenset()
    NUMBERS: ClassVar[str] = ""
    DIGEST: ClassVar[str] = "CASE typeof(c.value) WHEN 'blob' THEN lower(hex(c.value)) ELSE c.value END"

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

    def exists(self, rows: Fragment) -> Fragment:
        return Fragment("EXISTS") + enclosed(Fragment("SELECT 1 FROM") + rows)

    def among(self, seq: str, question: Fragment) -> Fragment:
        return Fragment(f"{seq} IN") + enclosed(question)

    def posted(self, vids: Sequence[int], number: str) -> Fragment:
        places = ", ".join("?" * len(vids))
        return self.exists(Fragment(f"attribute_post AS a WHERE a.vid IN ({places}) AND a.seq = {number}", tuple(vids)))

    def spread(self, question: Fragment, number: str) -> Fragment:
        seqs = Fragment("SELECT a.seq FROM") + enclosed(question)
        return self.among(number, seqs + Fragment("AS v CROSS JOIN attribute_post AS a ON a.vid = v.vid"))

    def value(self, type_: Primitive) -> str:
        return _VALUES[type_]

    def value_column(self, kind: Kind) -> str:  # noqa: ARG002  # one column for all kinds
        return "value"

    def valued(self, kind: Kind, values: Sequence[Value]) -> Fragment:  # noqa: ARG002
        if len(values) == 1:
            return Fragment("v.value =") + bound(values[0])
        return Fragment("v.value IN") + enclosed(joined(", ", map(bound, values)))

    def end_of_listed(self, online: int, *, last: bool) -> Fragment:
        direction = "DESC" if last else "ASC"
        question = f"SELECT e.seq FROM product AS e WHERE e.online = ? ORDER BY e.seq {direction} LIMIT 1"  # noqa: S608
        return enclosed(Fragment(question, (online,)))


def called(name: str, arguments: tuple[Fragment, ...]) -> Fragment:
    """A call of one of the registered functions."""
    inner = joined(", ", arguments)
    return Fragment(f"prip_{name}({inner.text})", inner.values)


# Where another condition says v.kind = 0, SQLite takes this one for said and may ask for a function of the value before
# it has looked at the kind: hence the type of the value itself.
_VALUES: Mapping[Primitive, str] = {
    Primitive.TEXT: "CASE WHEN v.kind = 0 AND typeof(v.value) = 'text' THEN v.value END",
    Primitive.INT64: "CASE WHEN v.kind = 1 AND typeof(v.value) = 'integer' THEN v.value END",
    Primitive.DOUBLE: "CASE WHEN v.kind IN (1, 2) AND typeof(v.value) IN ('integer', 'real')"
    " THEN CAST(v.value AS REAL) END",
    Primitive.BOOLEAN: "CASE WHEN v.kind = 3 AND typeof(v.value) = 'integer' THEN v.value END",
    Primitive.DATE: "CASE WHEN v.kind = 4 AND typeof(v.value) = 'integer' THEN v.value END",
}
