"""From the scalars of a filter to SQL: properties of ``product AS p``, elements, functions, reckoning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.fragments import Fragment, joined
from prip_core.odata import ast
from prip_core.odata.edm import Primitive
from prip_core.odata.parts import type_of

NULLABLE_COLUMNS = frozenset({"deletion_date", "deletion_cause"})
"""What a filter can name and a product may lack."""

_WHOLE_FUNCTIONS = frozenset({ast.Function.ROUND, ast.Function.FLOOR, ast.Function.CEILING})


class Scalars:
    """Writes scalars.

    :param now: the time of the request, milliseconds.
    :param column: writes a column of the product.
    :param elements: write a member of an element, and the value of an attribute, where there is such an element.
    """

    def __init__(
        self, dialect: Dialect, now: int, column: Callable[[str], str], elements: Elements | None = None
    ) -> None:
        self._dialect = dialect
        self._now = now
        self._column = column
        self._elements = elements

    def written(self, node: ast.Scalar) -> Fragment:
        """The term that a scalar stands for."""
        return getattr(self, SCALAR_WRITERS[type(node)])(node)  # type: ignore[no-any-return]

    def _literal(self, node: ast.Literal) -> Fragment:
        return bound(node.value)

    def _property(self, node: ast.PropertyValue) -> Fragment:
        return Fragment(self._column(column_of(node)))

    def _element(self, node: ast.ElementValue) -> Fragment:
        assert self._elements is not None, "the parser lets members of elements pass inside a lambda only"
        return self._elements.member(node.member.name)

    def _attribute_value(self, node: ast.AttributeValue) -> Fragment:
        assert self._elements is not None, "the parser lets values of attributes pass inside a lambda only"
        return self._elements.value(node.type)

    def _call(self, node: ast.Call) -> Fragment:
        if node.function is ast.Function.NOW:
            return bound(self._now)
        arguments = tuple(map(self.written, node.arguments))
        if node.function in _WHOLE_FUNCTIONS:
            if type_of(node.arguments[0]) is Primitive.INT64:
                return arguments[0]
            arguments = tuple(map(self._dialect.number, arguments))
        return self._dialect.call(node.function, arguments)

    def _arithmetic(self, node: ast.Arithmetic) -> Fragment:
        left, right = (self._dialect.number(self.written(each)) for each in (node.left, node.right))
        if node.sign is ast.Sign.MOD:
            return self._dialect.remainder(left, right)
        if node.sign in {ast.Sign.DIV, ast.Sign.DIVBY}:
            right = Fragment(f"nullif({right.text}, 0)", right.values)
        reckoned = joined(f" {_SIGNS[node.sign]} ", (left, right))
        reckoned = Fragment(f"({reckoned.text})", reckoned.values)
        whole = node.sign is ast.Sign.DIV and type_of(node.left) is type_of(node.right) is Primitive.INT64
        return self._dialect.cut(reckoned) if whole else reckoned


SCALAR_WRITERS: Mapping[type[Any], str] = {
    ast.Literal: "_literal",
    ast.PropertyValue: "_property",
    ast.ElementValue: "_element",
    ast.AttributeValue: "_attribute_value",
    ast.Call: "_call",
    ast.Arithmetic: "_arithmetic",
}
"""Every type of scalar there is → the method that writes it. By name: bound methods would make circles of objects."""


class Columns:
    """Writes columns of ``product AS p``.

    :param steering: names of those whose indexes the database may use to find the rows; ``None``: of all.
    """

    def __init__(self, dialect: Dialect, steering: frozenset[str] | None) -> None:
        self._dialect = dialect
        self._steering = steering

    def column(self, name: str) -> str:
        """A column, or the term that keeps its index out."""
        return f"p.{name}" if self.may_steer(name) else self._dialect.unindexed(name)

    def may_steer(self, name: str) -> bool:
        """The index of the column may be used."""
        return self._steering is None or name in self._steering


class Elements:
    """Writes what is said of an element; one class for each collection."""

    def member(self, name: str) -> Fragment:
        """A member by its name."""
        raise NotImplementedError

    def value(self, type_: Primitive) -> Fragment:
        """The Value of an attribute where it is stored as this type; otherwise null."""
        raise NotImplementedError


_SIGNS = {
    ast.Sign.ADD: "+",
    ast.Sign.SUB: "-",
    ast.Sign.MUL: "*",
    ast.Sign.DIV: "/",
    ast.Sign.DIVBY: "/",
}


def bound(value: ast.Value) -> Fragment:
    """A value with its place."""
    return Fragment("?", (stored(value),))


def stored(value: ast.Value) -> str | int | float | bytes:
    """A value as the database has it."""
    match value:
        case UUID():
            return value.bytes
        case bool():
            return int(value)
        case _:
            return value


def column_of(node: ast.PropertyValue | ast.OrderBy) -> str:
    """The column that a property or an order is about."""
    column = node.property.column
    assert column is not None, "the parser lets only properties with a column pass"
    return column


def is_double(node: ast.Scalar) -> bool:
    """A scalar is a number that is reckoned with as a double: of type Edm.Double, or the result of whole numbers."""
    match node:
        case ast.Literal():
            return False
        case ast.Arithmetic():
            return node.type in {Primitive.INT64, Primitive.DOUBLE}
        case ast.Call() if node.function in _WHOLE_FUNCTIONS:
            return is_double(node.arguments[0])
        case _:
            return type_of(node) is Primitive.DOUBLE


def is_nullable(node: ast.Scalar) -> bool:
    """A scalar may be null."""
    match node:
        case ast.Literal():
            return False
        case ast.PropertyValue():
            return column_of(node) in NULLABLE_COLUMNS
        case ast.ElementValue():
            return False
        case ast.Call():
            return any(map(is_nullable, node.arguments)) or node.type is not Primitive.TEXT
        case _:
            return True
