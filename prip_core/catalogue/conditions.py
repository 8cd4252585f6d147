"""From the conditions of a filter to SQL, as far as products and elements have them in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.scalars import Elements, Scalars, bound, is_double, is_nullable
from prip_core.odata import ast
from prip_core.odata.edm import Primitive

_OPERATORS = {
    ast.Operator.EQ: "=",
    ast.Operator.NE: "<>",
    ast.Operator.GT: ">",
    ast.Operator.GE: ">=",
    ast.Operator.LT: "<",
    ast.Operator.LE: "<=",
}


class Conditions:
    """Writes conditions, each of which may be null where its node may.

    :param scalars: writes what is compared.
    :cvar WRITERS: what can be written → the method that does it.
    """

    WRITERS: ClassVar[Mapping[type[ast.Node], str]] = {
        ast.Constant: "_constant",
        ast.Comparison: "_comparison",
        ast.In: "_in",
        ast.IsNull: "_is_null",
        ast.TextMatch: "_text_match",
        ast.IsNotTrue: "_is_not_true",
        ast.Not: "_not",
        ast.And: "_and",
        ast.Or: "_or",
    }

    def __init__(self, dialect: Dialect, scalars: Scalars) -> None:
        self._dialect = dialect
        self._scalars = scalars

    def condition(self, node: ast.Node) -> Fragment:
        """The condition that a tree stands for."""
        return getattr(self, self.WRITERS[type(node)])(node)  # type: ignore[no-any-return]

    def all_of(self, nodes: Sequence[ast.Node]) -> Fragment:
        """The condition that all of one or more trees are true."""
        return joined(" AND ", map(self.condition, nodes))

    def _constant(self, node: ast.Constant) -> Fragment:
        return Fragment("1 = 1" if node.value else "1 = 0")

    def _comparison(self, node: ast.Comparison) -> Fragment:
        left, right = self._scalars.written(node.left), self._scalars.written(node.right)
        if is_double(node.left) or is_double(node.right):
            # SQLite would compare a whole number with a double as it is, PostgreSQL as the double next to it.
            left, right = self._dialect.number(left), self._dialect.number(right)
        plain = joined(f" {_OPERATORS[node.operator]} ", (left, right))
        if not (is_nullable(node.left) or is_nullable(node.right)):
            return plain
        if node.operator in {ast.Operator.EQ, ast.Operator.NE}:
            return self._dialect.same(left, right, negated=node.operator is ast.Operator.NE)
        return _known(plain)

    def _in(self, node: ast.In) -> Fragment:
        kept = map(float, node.values) if is_double(node.operand) else node.values  # type: ignore[arg-type]  # numbers
        values = joined(", ", map(bound, kept))
        found = self._scalars.written(node.operand) + Fragment("IN") + enclosed(values)
        return _known(found) if is_nullable(node.operand) else found

    def _is_null(self, node: ast.IsNull) -> Fragment:
        return self._scalars.written(node.operand) + Fragment("IS NULL")

    def _text_match(self, node: ast.TextMatch) -> Fragment:
        return self._dialect.matches(
            self._scalars.written(node.operand), node.matching, self._scalars.written(node.text)
        )

    def _is_not_true(self, node: ast.IsNotTrue) -> Fragment:
        return enclosed(self.condition(node.operand)) + Fragment("IS NOT TRUE")

    def _not(self, node: ast.Not) -> Fragment:
        return Fragment("NOT") + enclosed(self.condition(node.operand))

    def _and(self, node: ast.And) -> Fragment:
        return enclosed(self.all_of(node.operands))

    def _or(self, node: ast.Or) -> Fragment:
        return enclosed(joined(" OR ", map(self.condition, node.operands)))


def _known(condition: Fragment) -> Fragment:
    """A condition that is false where it would be null."""
    return enclosed(condition) + Fragment("IS TRUE")


def compared(term: str, operator: ast.Operator, value: ast.Value) -> Fragment:
    """A term that is never null, compared with a value."""
    return Fragment(f"{term} {_OPERATORS[operator]}") + bound(value)


class ChecksumElements(Elements):
    """A checksum, as a row of ``checksum AS c``."""

    def __init__(self, dialect: Dialect) -> None:
        self._members = {"Algorithm": "c.algorithm", "Value": dialect.DIGEST, "ChecksumDate": "c.date"}

    def member(self, name: str) -> Fragment:
        """A member by its name."""
        return Fragment(self._members[name])


class NameElements(Elements):
    """An attribute of which the name alone is looked at, as a row of ``attribute_name AS n``."""

    def member(self, name: str) -> Fragment:
        """Its name."""
        assert name == "Name", "the others are looked up in the dictionary of values"
        return Fragment("n.name")


class AttributeElements(Elements):
    """An attribute, as a row of ``attribute_value AS v``."""

    _MEMBERS: Mapping[str, str] = {
        "Name": "(SELECT n.name FROM attribute_name AS n WHERE n.name_id = v.name_id)",
        "ValueType": "CASE v.kind WHEN 0 THEN 'String' WHEN 1 THEN 'Integer' WHEN 3 THEN 'Boolean' "
        "WHEN 4 THEN 'DateTimeOffset' ELSE 'Double' END",
    }

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def member(self, name: str) -> Fragment:
        """A member by its name."""
        return Fragment(self._MEMBERS[name])

    def value(self, type_: Primitive) -> Fragment:
        """The Value where it is stored as this type; otherwise null."""
        return Fragment(self._dialect.value(type_))
