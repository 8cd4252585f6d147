"""From the tree of a ``$filter`` to a condition of SQL on ``product AS p``; every value of a client's is bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.tables import Product
from prip_core.errors import UnsupportedQuery
from prip_core.odata import ast

_COLUMNS: Mapping[str, str] = {name: f"p.{name}" for name in Product._meta.columns}


class Filter:
    """Writes conditions on products.

    :param steering: names of the columns whose indexes the database may use to find the rows; ``None``: of all.
    """

    def __init__(self, steering: frozenset[str] | None = None) -> None:
        self._steering = steering
        self._writers: Mapping[type[ast.Node], Callable[[Any], Fragment]] = {
            ast.Constant: self._constant,
            ast.Comparison: self._comparison,
            ast.IsNull: self._is_null,
            ast.In: self._in,
            ast.TextMatch: self._text_match,
            ast.Not: self._not,
            ast.And: self._and,
            ast.Or: self._or,
        }

    @property
    def node_types(self) -> frozenset[type[ast.Node]]:
        """What can be written: every type of node there is."""
        return frozenset(self._writers)

    def condition(self, node: ast.Node) -> Fragment:
        """The condition that a tree stands for."""
        writer = self._writers.get(type(node))
        if writer is None:
            raise UnsupportedQuery("$filter: conditions on attributes, areas and lists are not served")
        return writer(node)

    def all_of(self, nodes: Sequence[ast.Node]) -> Fragment:
        """The condition that all of one or more trees are true."""
        return joined(" AND ", map(self.condition, nodes))

    def online(self, wanted: bool = True) -> Fragment:
        """The condition that a product is online, or not."""
        return Fragment(f"{self._column('online')} = {int(wanted)}")

    def seq(self) -> str:
        """The column ``seq``, whose order PublicationDate has."""
        return _COLUMNS["seq"] if self._may_steer("publication_date") else unindexed("seq")

    def _may_steer(self, name: str) -> bool:
        return self._steering is None or name in self._steering

    def _column(self, name: str) -> str:
        return _COLUMNS[name] if self._may_steer(name) else unindexed(name)

    def _constant(self, node: ast.Constant) -> Fragment:
        return Fragment("1" if node.value else "0")

    def _comparison(self, node: ast.Comparison) -> Fragment:
        if not isinstance(node.right, ast.Literal):
            raise UnsupportedQuery("$filter: comparing two properties is not served")
        value = node.right.value
        if column_name(node) == "publication_date" and node.operator in _SEQ_BOUNDS:
            return Fragment(f"{self.seq()} {_SEQ_BOUNDS[node.operator]}", (value,))
        bound = value.bytes if isinstance(value, UUID) else value
        return Fragment(f"{self._column(column_name(node))} {_OPERATORS[node.operator]} ?", (bound,))

    def _in(self, node: ast.In) -> Fragment:
        values = tuple(value.bytes if isinstance(value, UUID) else value for value in node.values)
        return Fragment(f"{self._column(column_name(node))} IN ({', '.join('?' * len(values))})", values)

    def _is_null(self, node: ast.IsNull) -> Fragment:
        return Fragment(f"{self._column(column_name(node))} IS NULL")

    def _text_match(self, node: ast.TextMatch) -> Fragment:
        column = self._column(column_name(node))
        if not isinstance(node.text, ast.Literal):
            raise UnsupportedQuery("$filter: looking for the text of a property is not served")
        text = str(node.text.value)
        match node.matching:
            case ast.Matching.CONTAINS:
                return Fragment(f"instr({column}, ?) > 0", (text,))
            case ast.Matching.ENDS_WITH:
                return Fragment(f"substr({column}, ?) = ?", (-len(text), text))
            case ast.Matching.STARTS_WITH:
                end = _after_prefix(text)
                if end is None:
                    return Fragment(f"{column} >= ?", (text,))
                return Fragment(f"({column} >= ? AND {column} < ?)", (text, end))

    def _not(self, node: ast.Not) -> Fragment:
        return Fragment("NOT") + enclosed(self.condition(node.operand))

    def _and(self, node: ast.And) -> Fragment:
        return enclosed(self.all_of(node.operands))

    def _or(self, node: ast.Or) -> Fragment:
        return enclosed(joined(" OR ", map(self.condition, node.operands)))


_OPERATORS = {
    ast.Operator.EQ: "=",
    ast.Operator.NE: "<>",
    ast.Operator.GT: ">",
    ast.Operator.GE: ">=",
    ast.Operator.LT: "<",
    ast.Operator.LE: "<=",
}


def _seq_bound(side: str, before: str) -> str:
    """The rest of a bound on ``seq`` that says what a bound on PublicationDate does: both have the same order.

    :param side: on which side of a seq the products lie.
    :param before: of which seq: the last one with a date before (or at) the one that is bound.
    """
    return (
        f"{side} coalesce((SELECT e.seq FROM product AS e WHERE e.publication_date {before} ? "  # noqa: S608  # constants
        "ORDER BY e.publication_date DESC, e.seq DESC LIMIT 1), 0)"
    )


_SEQ_BOUNDS = {
    ast.Operator.GT: _seq_bound(">", "<="),
    ast.Operator.GE: _seq_bound(">", "<"),
    ast.Operator.LT: _seq_bound("<=", "<"),
    ast.Operator.LE: _seq_bound("<=", "<="),
}


def unindexed(name: str) -> str:
    """A column as a term (``+p.name``), which SQLite compares and sorts as ever, but looks up in no index."""
    return f"+{_COLUMNS[name]}"


def mentions(node: ast.Node, column: str) -> bool:
    """Whether a tree says anything about a column."""
    return any(
        column_name(each) == column
        for each in _walk(node)
        if isinstance(each, ast.Comparison | ast.In | ast.IsNull | ast.TextMatch)
    )


def column_name(node: ast.Comparison | ast.In | ast.IsNull | ast.TextMatch | ast.OrderBy) -> str:
    """The column that a term or an order is about."""
    match node:
        case ast.OrderBy():
            declared = node.property
        case ast.Comparison(left=ast.PropertyValue(property=declared)):
            pass
        case (
            ast.IsNull(operand=ast.PropertyValue(property=declared))
            | ast.In(operand=ast.PropertyValue(property=declared))
        ):
            pass
        case ast.TextMatch(operand=ast.PropertyValue(property=declared)):
            pass
        case _:
            raise UnsupportedQuery("$filter: conditions on reckoned values are not served")
    column = declared.column
    assert column is not None, "the parser lets only properties with a column pass"
    return column


def _walk(node: ast.Node) -> Iterator[Any]:
    yield node
    match node:
        case ast.Not():
            yield from _walk(node.operand)
        case ast.And() | ast.Or():
            for operand in node.operands:
                yield from _walk(operand)


def _after_prefix(prefix: str) -> str | None:
    """The first text, by code points, behind all that begin with a prefix; ``None``: there is none."""
    kept = prefix.rstrip("\U0010ffff")
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    # Surrogates are no characters: UTF-8 goes on behind them.
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)
