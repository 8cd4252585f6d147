"""The Value of an attribute: a literal brought to each type that it may be stored as."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from prip_core.errors import BadQuery
from prip_core.odata import ast, literals
from prip_core.odata.ast import Constant, Node, Operator, ValueMatch, ValueTerm
from prip_core.odata.edm import VALUE_TYPES, EnumType, Primitive
from prip_core.odata.operands import in_words
from prip_core.odata.refusals import bad
from prip_core.odata.syntax import Literal, LiteralKind


def match(operator: Operator, wanted: Sequence[Literal]) -> Node:
    """``Value operator literal``, or that Value equals one of several literals; none of them is null.

    A literal that cannot be brought to a type makes it false for the values of this type.
    """
    terms = [term for type_ in VALUE_TYPES.values() for term in _terms(type_, operator, wanted)]
    return ValueMatch(tuple(terms)) if terms else Constant(False)


def of_type(type_: ast.Type, name: str, position: int) -> ast.AttributeValue:
    """The value of an attribute where it is stored as a type.

    :raises BadQuery: no attribute can be.
    """
    if isinstance(type_, EnumType) or type_ not in VALUE_TYPES.values():
        raise bad(position, f"{name} is the value of an attribute, which is never {in_words(type_)}")
    return ast.AttributeValue(type_)


def _terms(type_: Primitive, operator: Operator, wanted: Sequence[Literal]) -> list[ValueTerm]:
    terms = [term for literal in wanted if (term := _READERS[type_](operator, literal)) is not None]
    if len(terms) < 2:
        return terms
    values = dict.fromkeys(value for term in terms for value in term.values)
    return [ValueTerm(type_, Operator.EQ, tuple(values))]


def _text(operator: Operator, literal: Literal) -> ValueTerm:
    return ValueTerm(Primitive.TEXT, operator, (_written(literal),))


def _written(literal: Literal) -> str:
    """A literal's text as the client wrote it."""
    return literal.text.partition("'")[2] if literal.kind is LiteralKind.MEMBER else literal.text


def _truth(operator: Operator, literal: Literal) -> ValueTerm | None:
    text = literal.text.lower()
    is_truth = literal.kind in {LiteralKind.BOOLEAN, LiteralKind.TEXT} and text in {"true", "false"}
    if not is_truth or not operator.asks_equality:
        return None
    return ValueTerm(Primitive.BOOLEAN, operator, (text == "true",))


def _whole_number(operator: Operator, literal: Literal) -> ValueTerm | None:
    number = _number(literal)
    if number is None:
        return None
    if number.is_nan():
        return _beside(Primitive.INT64, operator)
    return _on_grid(Primitive.INT64, operator, literals.on_int64(number))


def _double(operator: Operator, literal: Literal) -> ValueTerm | None:
    number = _number(literal)
    if number is None:
        return None
    value = float(number)
    return _beside(Primitive.DOUBLE, operator) if math.isnan(value) else ValueTerm(Primitive.DOUBLE, operator, (value,))


def _date(operator: Operator, literal: Literal) -> ValueTerm | None:
    try:
        return _on_grid(Primitive.DATE, operator, literals.whole(Primitive.DATE, "Value is compared with", literal))
    except BadQuery:
        return None


def _number(literal: Literal) -> Decimal | None:
    if literal.kind not in {LiteralKind.NUMBER, LiteralKind.TEXT}:
        return None
    text = literal.text.strip()
    return literals.decimal(text) if literals.NUMBER.fullmatch(text) else None


def _beside(type_: Primitive, operator: Operator) -> ValueTerm | None:
    """Compared with what no value of this type is equal to."""
    return ValueTerm(type_, Operator.NE, ()) if operator is Operator.NE else None


def _on_grid(type_: Primitive, operator: Operator, number: literals.WholeNumber) -> ValueTerm | None:
    """A literal between two values that the catalogue can hold is compared with as if it stood on the lower one."""
    if not number.exact:
        if operator.asks_equality:
            return _beside(type_, operator)
        operator = Operator.GT if operator in {Operator.GT, Operator.GE} else Operator.LE
    return ValueTerm(type_, operator, (number.floor,))


_READERS: dict[Primitive, Callable[[Operator, Literal], ValueTerm | None]] = {
    Primitive.TEXT: _text,
    Primitive.INT64: _whole_number,
    Primitive.DOUBLE: _double,
    Primitive.BOOLEAN: _truth,
    Primitive.DATE: _date,
}
