"""Arithmetic: which types can be reckoned with, and the type of the result (OData 4.01 part 2, 5.1.1.2)."""

from __future__ import annotations

from prip_core.odata import ast, literals, values
from prip_core.odata.ast import Arithmetic, Sign
from prip_core.odata.edm import Primitive
from prip_core.odata.operands import DATES, NUMBERS, AnyValue, Operand, described, in_words, is_null, null_at
from prip_core.odata.parts import type_of
from prip_core.odata.refusals import bad
from prip_core.odata.syntax import Calculation, Literal, LiteralKind, Minus

_LARGEST, _SMALLEST = 1e18, 1e-18
"""Bounds of literals: with the bound on the number of operators, no result leaves the doubles."""

_DURATION = Primitive.DURATION
_ADDED: dict[tuple[ast.Type, Sign, ast.Type], Primitive] = {
    (_DURATION, Sign.ADD, _DURATION): _DURATION,
    (_DURATION, Sign.SUB, _DURATION): _DURATION,
    **{(date, Sign.SUB, date): _DURATION for date in DATES},
    **{(date, sign, _DURATION): date for date in DATES for sign in (Sign.ADD, Sign.SUB)},
    **{(_DURATION, Sign.ADD, date): date for date in DATES},
    **{(_DURATION, sign, number): _DURATION for number in NUMBERS for sign in (Sign.MUL, Sign.DIV, Sign.DIVBY)},
    **{(number, Sign.MUL, _DURATION): _DURATION for number in NUMBERS},
}
"""What dates and durations give."""


def calculate(calculation: Calculation, left: Operand, right: Operand) -> Operand:
    """``left sign right``; null where one of them is the literal null.

    :raises BadQuery: they cannot be reckoned with so.
    """
    if is_null(left) or is_null(right):
        return null_at(calculation.position)
    sign, position = calculation.sign, calculation.position
    first = _typed(left, right, sign, position)
    second = _typed(right, left, sign, position)
    return Arithmetic(sign, first, second, _result(first, sign, second, position))


def negative(minus: Minus, operand: Operand) -> Operand:
    """``-operand``: nought less the operand.

    :raises BadQuery: it is neither a number nor a duration.
    """
    if is_null(operand):
        return operand
    if isinstance(operand, Literal) and operand.kind is LiteralKind.NUMBER:
        return Literal(operand.kind, _negated(operand.text), minus.position)
    scalar = _typed(operand, operand, Sign.SUB, minus.position)
    type_ = type_of(scalar)
    if type_ not in {*NUMBERS, _DURATION}:
        raise bad(minus.position, f"a minus stands before {described(operand)}, which is {in_words(type_)}")
    assert isinstance(type_, Primitive)
    zero = 0.0 if type_ is Primitive.DOUBLE else 0
    return Arithmetic(Sign.SUB, ast.Literal(type_, zero), scalar, type_)


def _negated(number: str) -> str:
    return number[1:] if number.startswith("-") else f"-{number.removeprefix('+')}"


def _typed(operand: Operand, other: Operand, sign: Sign, position: int) -> ast.Scalar:
    match operand:
        case AnyValue():
            dated = _type(other) in {*DATES, _DURATION} and sign in {Sign.ADD, Sign.SUB}
            return values.of_type(Primitive.DATE if dated else Primitive.DOUBLE, described(operand), position)
        case Literal():
            return _bounded(operand, literals.own_type(operand))
        case _:
            return operand


def _type(operand: Operand) -> ast.Type | None:
    match operand:
        case AnyValue():
            return None
        case Literal():
            return literals.own_type(operand)
        case _:
            return type_of(operand)


def _bounded(literal: Literal, type_: ast.Type) -> ast.Literal:
    """
    :raises BadQuery: a number is too large or too close to nought.
    """
    subject = "an arithmetic operator stands with"
    value = literals.value(type_, subject, literal)
    if isinstance(value, int | float) and not (value == 0 or _SMALLEST <= abs(value) <= _LARGEST):
        raise literals.mismatch(subject, literal, "nought or a number between 1e-18 and 1e18")
    return ast.Literal(type_, value)


def _result(left: ast.Scalar, sign: Sign, right: ast.Scalar, position: int) -> Primitive:
    types = type_of(left), type_of(right)
    if set(types) <= set(NUMBERS):
        both_whole = set(types) == {Primitive.INT64}
        return Primitive.INT64 if both_whole and sign is not Sign.DIVBY else Primitive.DOUBLE
    result = _ADDED.get((types[0], sign, types[1]))
    if result is None:
        raise bad(
            position,
            f"{sign} cannot stand between {described(left)}, {in_words(types[0])}, and {described(right)},"
            f" {in_words(types[1])}",
        )
    return result
