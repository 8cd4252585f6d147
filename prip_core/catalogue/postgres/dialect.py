"""Conditions in PostgreSQL's SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from peewee import BlobField, TextField

from prip_core.catalogue.attributes import Kind
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.postgres import checksums
from prip_core.catalogue.postgres.search import cells_of
from prip_core.catalogue.scalars import bound
from prip_core.catalogue.tables import Product
from prip_core.odata.ast import Function, Matching, Relation, Value
from prip_core.odata.edm import Primitive

_MOST_COMPARED = 32  # values, each of which is compared with each of a product's; beyond it a hash is quicker

_TEXTS = frozenset(
    {Function.CONCAT, Function.SUBSTRING, Function.TOLOWER, Function.TOUPPER, Function.TRIM}
)  # whose value is compared by code point, whatever its argument was compared by

# Those of PostGIS that ask no index, which would find products anew for each one that is looked at.
_RELATIONS = {
    Relation.INTERSECTS: "_st_intersects(f.footprint, st_geomfromwkb(?))",
    Relation.WITHIN: "_st_contains(st_geomfromwkb(?), f.footprint)",
    Relation.DISJOINT: "NOT _st_intersects(f.footprint, st_geomfromwkb(?))",
}

_NOTHING = {TextField: "|| ''", BlobField: "|| ''::bytea"}
_UNINDEXED = {
    field.column_name: f"(p.{field.column_name} {_NOTHING.get(type(field), '+ 0')})"
    for field in Product._meta.sorted_fields
}


class PostgresDialect:
    """See :class:`prip_core.catalogue.dialect.Dialect`; the functions that it calls are made by the migrations.

    What is asked of each product that is looked at stands in a scalar question: those are never made into joins.
    """

    JOINING: ClassVar[str] = "JOIN"
    NUMBERED: ClassVar[frozenset[Kind]] = frozenset({Kind.DOUBLE, Kind.DATE})
    NUMBERS: ClassVar[str] = (
        "(SELECT e.seq, e.name_id, e.kind, e.whole, e.real, NULL::text AS words, NULL::bytea AS digest "
        "FROM attribute_number AS e WHERE e.kind IN (2, 4))"
    )
    DIGEST: ClassVar[str] = f"({checksums.TEXT})"

    def unindexed(self, column: str) -> str:
        return _UNINDEXED[column]

    def same(self, left: Fragment, right: Fragment, *, negated: bool) -> Fragment:
        return joined(" IS DISTINCT FROM " if negated else " IS NOT DISTINCT FROM ", (left, right))

    def number(self, operand: Fragment) -> Fragment:
        return Fragment(f"CAST({operand.text} AS double precision)", operand.values)

    def cut(self, number: Fragment) -> Fragment:
        return _called("cut", (number,))

    def remainder(self, left: Fragment, right: Fragment) -> Fragment:
        return _called("remainder", (left, right))

    def call(self, function: Function, arguments: tuple[Fragment, ...]) -> Fragment:
        called = _called(function.value, arguments)
        return Fragment(f'({called.text} COLLATE "C")', called.values) if function in _TEXTS else called

    def matches(self, operand: Fragment, matching: Matching, text: Fragment) -> Fragment:
        match matching:
            case Matching.CONTAINS:
                return Fragment("strpos") + enclosed(joined(", ", (operand, text))) + Fragment("> 0")
            case Matching.STARTS_WITH:
                return Fragment("starts_with") + enclosed(joined(", ", (operand, text)))
            case Matching.ENDS_WITH:
                return _called("endswith", (operand, text))

    def relates(self, relation: Relation, area: bytes, number: str) -> Fragment:
        return _found(Fragment(_RELATIONS[relation], (area,)), number)

    def exists(self, rows: Fragment) -> Fragment:
        first = Fragment("SELECT true FROM") + rows + Fragment("LIMIT 1")
        return Fragment("coalesce") + enclosed(enclosed(first) + Fragment(", false"))

    def among(self, seq: str, question: Fragment) -> Fragment:
        return Fragment(f"{seq} = ANY") + enclosed(Fragment("ARRAY") + enclosed(question))

    def posted(self, vids: Sequence[int], number: str) -> Fragment:
        if len(vids) == 1:
            return _found(Fragment("? = ANY (f.vids)", (vids[0],)), number)
        if len(vids) <= _MOST_COMPARED:
            return _found(Fragment("f.vids && ?::integer[]", (list(vids),)), number)
        return _found(_one_of_them(Fragment("e.vid = ANY (?::integer[])", (list(vids),))), number)

    def spread(self, question: Fragment, number: str) -> Fragment:
        vids = Fragment("SELECT q.vid FROM") + enclosed(question) + Fragment("AS q")
        # Behind IS TRUE it stays a question of its own, whose answer is hashed once.
        return _found(_one_of_them(enclosed(Fragment("e.vid IN") + enclosed(vids)) + Fragment("IS TRUE")), number)

    def value(self, type_: Primitive) -> str:
        return _VALUES[type_]

    def value_column(self, kind: Kind) -> str:
        return _COLUMNS[kind]

    def valued(self, kind: Kind, values: Sequence[Value]) -> Fragment:
        if kind in self.NUMBERED:
            return Fragment(f"v.{_COLUMNS[kind]} IN") + enclosed(joined(", ", map(bound, map(_TYPES[kind], values))))
        digests = [cells_of(_stored(kind, value)).digest for value in values]
        if len(digests) == 1:
            return Fragment("v.digest = ?", (digests[0],))
        return Fragment("v.digest = ANY (?::bytea[])", (digests,))

    def end_of_listed(self, online: int, *, last: bool) -> Fragment:
        # By the index of what is online: the planner must not look for the first of many by walking along all.
        before, direction, far = ("<=", "DESC", 2**63 - 1) if last else (">=", "ASC", 0)
        nearest = (
            f"SELECT e.online, e.seq FROM product AS e WHERE (e.online, e.seq) {before} (?, ?) "  # noqa: S608
            f"ORDER BY e.online {direction}, e.seq {direction} LIMIT 1"
        )
        return Fragment(f"(SELECT n.seq FROM ({nearest}) AS n WHERE n.online = ?)", (online, far, online))  # noqa: S608


def _called(name: str, arguments: tuple[Fragment, ...]) -> Fragment:
    """A call of one of our functions."""
    inner = joined(", ", arguments)
    return Fragment(f"prip_{name}({inner.text})", inner.values)


def _found(condition: Fragment, number: str) -> Fragment:
    """A condition on what the product with a number is found by, ``document AS f``."""
    return enclosed(Fragment("SELECT") + condition + Fragment(f"FROM document AS f WHERE f.seq = {number}"))


def _one_of_them(condition: Fragment) -> Fragment:
    """Whether a condition is true of one of the product's values, ``e.vid``."""
    return Fragment("EXISTS") + enclosed(Fragment("SELECT 1 FROM unnest(f.vids) AS e (vid) WHERE") + condition)


def _stored(kind: Kind, value: Value) -> str | int | float:
    """A value in the type that its kind is stored as: digests of 1 and 1.0 are not alike."""
    if kind is Kind.STRING:
        return str(value)
    assert isinstance(value, int | float), "other kinds are numbers"
    return float(value) if kind is Kind.DOUBLE else int(value)


_TYPES: Mapping[Kind, type[int | float]] = {Kind.DOUBLE: float, Kind.DATE: int}
_COLUMNS: Mapping[Kind, str] = {
    Kind.STRING: "words",
    Kind.INTEGER: "whole",
    Kind.DOUBLE: "real",
    Kind.BOOLEAN: "whole",
    Kind.DATE: "whole",
    Kind.NOT_A_NUMBER: "words",
}
_VALUES: Mapping[Primitive, str] = {
    Primitive.TEXT: "CASE v.kind WHEN 0 THEN v.words END",
    Primitive.INT64: "CASE v.kind WHEN 1 THEN v.whole END",
    Primitive.DOUBLE: "CASE v.kind WHEN 1 THEN v.whole::double precision WHEN 2 THEN v.real END",
    Primitive.BOOLEAN: "CASE v.kind WHEN 3 THEN v.whole END",
    Primitive.DATE: "CASE v.kind WHEN 4 THEN v.whole END",
}
