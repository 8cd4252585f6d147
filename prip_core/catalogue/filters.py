"""From the tree of a ``$filter`` to a condition of SQL; every value of a client's is a bound parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from peewee import OP, SQL, ColumnBase, Expression, Field, NodeList, fn

from prip_core.catalogue.tables import Product
from prip_core.odata import ast

Condition = Any
"""What peewee puts into a WHERE; its operators make it another one."""

_Earlier = Product.alias("earlier")


class Unindexed(ColumnBase):
    """A column as a term (``+name``), which SQLite compares as ever but does not look up in an index."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field

    def __sql__(self, ctx: Any) -> Any:
        return ctx.literal("+").sql(self._field)


class Filter:
    """Writes conditions on products.

    :param steering: names of the columns whose indexes the database may use to find the rows; ``None``: of all.
    """

    def __init__(self, steering: frozenset[str] | None = None) -> None:
        self._steering = steering
        self._writers: Mapping[type[ast.Node], Callable[[Any], Condition]] = {
            ast.Constant: self._constant,
            ast.Comparison: self._comparison,
            ast.IsNull: self._is_null,
            ast.TextMatch: self._text_match,
            ast.Not: self._not,
            ast.And: lambda node: self.all_of(node.operands),
            ast.Or: lambda node: _joined(" OR ", [self.condition(operand) for operand in node.operands]),
        }

    @property
    def node_types(self) -> frozenset[type[ast.Node]]:
        """What can be written: every type of node there is."""
        return frozenset(self._writers)

    def condition(self, node: ast.Node) -> Condition:
        """The condition that a tree stands for."""
        return self._writers[type(node)](node)

    def all_of(self, nodes: Sequence[ast.Node]) -> Condition:
        """The condition that all of one or more trees are true."""
        return _joined(" AND ", [self.condition(node) for node in nodes])

    def online(self) -> Condition:
        """The condition that a product is online."""
        return self._column("online") == 1

    def _column(self, name: str) -> Any:
        field = Product._meta.columns[name]
        return field if self._steering is None or name in self._steering else Unindexed(field)

    def _constant(self, node: ast.Constant) -> Condition:
        return SQL("1" if node.value else "0")

    def _comparison(self, node: ast.Comparison) -> Condition:
        if node.property.column == "publication_date" and node.operator in _SEQ_BOUNDS:
            return self._seq_bound(node.operator, node.value)
        value = node.value.bytes if isinstance(node.value, UUID) else node.value
        return Expression(self._column(_column_name(node)), _OPERATORS[node.operator], value)

    def _seq_bound(self, operator: ast.Operator, date: ast.Value) -> Condition:
        """A bound on PublicationDate as one on ``seq``, which has the same order and in which every index ends."""
        side, before = _SEQ_BOUNDS[operator]
        last = (
            _Earlier.select(_Earlier.seq)
            .where(Expression(_Earlier.publication_date, before, date))
            .order_by(_Earlier.publication_date.desc(), _Earlier.seq.desc())
            .limit(1)
        )
        seq = Product.seq if self._steering is None or "publication_date" in self._steering else Unindexed(Product.seq)
        return Expression(seq, side, fn.COALESCE(last, 0))

    def _is_null(self, node: ast.IsNull) -> Condition:
        return self._column(_column_name(node)).is_null()

    def _text_match(self, node: ast.TextMatch) -> Condition:
        column = self._column(_column_name(node))
        match node.matching:
            case ast.Matching.CONTAINS:
                return fn.INSTR(column, node.text) > 0
            case ast.Matching.ENDS_WITH:
                return fn.SUBSTR(column, -len(node.text)) == node.text
            case ast.Matching.STARTS_WITH:
                end = _after_prefix(node.text)
                return column >= node.text if end is None else (column >= node.text) & (column < end)

    def _not(self, node: ast.Not) -> Condition:
        return NodeList((SQL("NOT"), self.condition(node.operand)))


_OPERATORS = {
    ast.Operator.EQ: OP.EQ,
    ast.Operator.NE: OP.NE,
    ast.Operator.GT: OP.GT,
    ast.Operator.GE: OP.GTE,
    ast.Operator.LT: OP.LT,
    ast.Operator.LE: OP.LTE,
}

_SEQ_BOUNDS = {
    # The operator on PublicationDate → on which side of the last seq with which dates the products lie.
    ast.Operator.GT: (OP.GT, OP.LTE),
    ast.Operator.GE: (OP.GT, OP.LT),
    ast.Operator.LT: (OP.LTE, OP.LT),
    ast.Operator.LE: (OP.LTE, OP.LTE),
}


def mentions(node: ast.Node, column: str) -> bool:
    """Whether a tree says anything about a column."""
    return any(getattr(each, "property", None) and _column_name(each) == column for each in _walk(node))


def _walk(node: ast.Node) -> Iterator[Any]:
    yield node
    match node:
        case ast.Not():
            yield from _walk(node.operand)
        case ast.And() | ast.Or():
            for operand in node.operands:
                yield from _walk(operand)


def _column_name(node: ast.Comparison | ast.IsNull | ast.TextMatch) -> str:
    column = node.property.column
    assert column is not None, "the parser lets only properties with a column pass"
    return column


def _joined(operator: str, conditions: Sequence[Condition]) -> Condition:
    """In one pair of parentheses, however many they are: SQLite's parser takes a limited number of levels."""
    return NodeList(list(conditions), glue=operator, parens=True)


def _after_prefix(prefix: str) -> str | None:
    """The first text, by code points, behind all that begin with a prefix; ``None``: there is none."""
    kept = prefix.rstrip("\U0010ffff")
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    # Surrogates are no characters: UTF-8 goes on behind them.
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)
