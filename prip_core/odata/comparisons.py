"""Two operands compared: literals brought to the type of the other side, the tree node that follows."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from prip_core.odata import ast, literals, values
from prip_core.odata.ast import Comparison, Constant, In, IsNull, Node, Not, Operator, PropertyValue
from prip_core.odata.edm import EnumType, Primitive, Property
from prip_core.odata.operands import NUMBERS, AnyValue, Operand, described, in_words, is_null
from prip_core.odata.parts import type_of
from prip_core.odata.refusals import bad, unsupported
from prip_core.odata.syntax import Literal, LiteralKind


def compared(declared: Property, operator: Operator, value: ast.Value) -> Comparison:
    """``declared operator value``, the value being of the property's type."""
    assert isinstance(declared.type, Primitive | EnumType), "only parts of a structured property have a column"
    return Comparison(PropertyValue(declared), operator, ast.Literal(declared.type, value))


def compare(left: Operand, operator: Operator, right: Operand, position: int) -> Node:
    """``left operator right``.

    :param position: of the operator.
    :raises BadQuery: they are not of one type.
    :raises UnsupportedQuery: they are two values of attributes.
    """
    match left, right:
        case Literal(), Literal():
            return Constant(_compare_literals(left, operator, right))
        case Literal(), _:
            return compare(right, operator.flipped, left, position)
        case _, Literal(kind=LiteralKind.NULL):
            return _compare_null(left, operator)
        case AnyValue(), Literal():
            return values.match(operator, (right,))
        case _, Literal():
            assert not isinstance(left, AnyValue | Literal)
            return _compare_literal(left, operator, right, position)
        case _:
            return _compare_scalars(left, operator, right, position)


def is_in(operand: Operand, wanted: Sequence[Literal]) -> Node:
    """``operand in (wanted)``; no null among them.

    :raises BadQuery: one of them is not of the operand's type.
    """
    match operand:
        case AnyValue():
            return values.match(Operator.EQ, wanted)
        case Literal():
            return Constant(any(_compare_literals(operand, Operator.EQ, each) for each in wanted))
    type_ = type_of(operand)
    found = dict.fromkeys(value for each in wanted for value in _values(type_, described(operand), each))
    match list(found):
        case []:
            return Constant(False)
        case [only]:
            return Comparison(operand, Operator.EQ, ast.Literal(type_, only))
        case several:
            return In(operand, tuple(several))


def _values(type_: ast.Type, name: str, literal: Literal) -> tuple[ast.Value, ...]:
    """The literal, or nothing where it lies between the values that the type has."""
    subject = f"{name} is compared with"
    if type_ in literals.ON_GRID:
        number = literals.whole(type_, subject, literal)
        return (number.floor,) if number.exact else ()
    if type_ is Primitive.DOUBLE and literal.text.lower() == "nan":
        return ()
    return (literals.value(type_, subject, literal),)


def _compare_null(operand: Operand, operator: Operator) -> Node:
    """Null equals null alone, and is neither above nor below anything (OData 4.01 part 2, 5.1.1.1)."""
    if not operator.asks_equality:
        return Constant(False)
    if isinstance(operand, AnyValue | Literal):
        return Constant(operator is Operator.NE)  # attributes without a value are not kept
    return IsNull(operand) if operator is Operator.EQ else Not(IsNull(operand))


def _compare_literal(scalar: ast.Scalar, operator: Operator, literal: Literal, position: int) -> Node:
    type_ = type_of(scalar)
    subject = f"{described(scalar)} is compared with"
    if type_ is Primitive.BOOLEAN and not operator.asks_equality:
        raise bad(position, f"{described(scalar)} can be compared by eq and ne only")
    if type_ in literals.ON_GRID:
        return _on_grid(scalar, operator, literals.whole(type_, subject, literal))
    if type_ is Primitive.DOUBLE and literal.text.lower() == "nan":
        return Constant(operator is Operator.NE)
    return Comparison(scalar, operator, ast.Literal(type_, literals.value(type_, subject, literal)))


def _on_grid(scalar: ast.Scalar, operator: Operator, number: literals.WholeNumber) -> Node:
    """Compare with a literal that lies between two values which the catalogue can hold as if it stood on the lower."""
    floor = ast.Literal(type_of(scalar), number.floor)
    if number.exact:
        return Comparison(scalar, operator, floor)
    match operator:
        case Operator.EQ:
            return Constant(False)
        case Operator.NE:
            return Constant(True)
        case Operator.GT | Operator.GE:
            return Comparison(scalar, Operator.GT, floor)
        case Operator.LT | Operator.LE:
            return Comparison(scalar, Operator.LE, floor)


def _compare_scalars(left: Operand, operator: Operator, right: Operand, position: int) -> Node:
    match left, right:
        case AnyValue(), AnyValue():
            raise unsupported(
                position, "comparing two values of attributes is not served; a text stands in single quotes"
            )
        case AnyValue(), _:
            left = values.of_type(_attribute_type(right), described(left), position)
        case _, AnyValue():
            right = values.of_type(_attribute_type(left), described(right), position)
    assert not isinstance(left, AnyValue | Literal)
    assert not isinstance(right, AnyValue | Literal)
    types = {type_of(left), type_of(right)}
    if len(types) > 1 and not types <= set(NUMBERS):
        raise bad(
            position,
            f"{described(left)} is {in_words(type_of(left))}, {described(right)} is {in_words(type_of(right))}:"
            " they cannot be compared",
        )
    if Primitive.BOOLEAN in types and not operator.asks_equality:
        raise bad(position, "true and false can be compared by eq and ne only")
    return Comparison(left, operator, right)


def _attribute_type(other: Operand) -> ast.Type:
    assert not isinstance(other, AnyValue | Literal)
    type_ = type_of(other)
    return Primitive.DOUBLE if type_ is Primitive.INT64 else type_


def _compare_literals(left: Literal, operator: Operator, right: Literal) -> bool:
    if is_null(left) or is_null(right):
        both = is_null(left) and is_null(right)
        return operator.asks_equality and both is (operator is Operator.EQ)
    type_ = literals.own_type(right if left.kind is LiteralKind.TEXT else left)
    if type_ in NUMBERS and "nan" in {left.text.lower(), right.text.lower()}:
        return operator is Operator.NE
    first, second = _as_written(type_, left), _as_written(type_, right)
    match operator:
        case Operator.EQ:
            return first == second
        case Operator.NE:
            return first != second
    if type_ is Primitive.BOOLEAN:
        raise bad(left.position, "true and false can be compared by eq and ne only")
    return _ORDERS[operator](first, second)


def _as_written(type_: ast.Type, literal: Literal) -> Decimal | ast.Value:
    subject = "a literal is compared with"
    return literals.number(subject, literal) if type_ in NUMBERS else literals.value(type_, subject, literal)


_ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GT: operators.gt,
    Operator.GE: operators.ge,
    Operator.LT: operators.lt,
    Operator.LE: operators.le,
}
