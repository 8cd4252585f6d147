"""Operands on their way to typed scalars: what a literal or the value of an attribute is depends on the other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from prip_core.odata import ast
from prip_core.odata.edm import EnumType, Primitive
from prip_core.odata.syntax import Literal, LiteralKind


@dataclass(frozen=True, slots=True)
class AnyValue:
    """The value of an attribute, of any type.

    :param attribute: its name; ``None``: the one that the condition around looks at.
    """

    attribute: str | None


Operand: TypeAlias = Literal | AnyValue | ast.Scalar
"""A literal is untyped yet; null is a literal."""

NUMBERS = (Primitive.INT64, Primitive.DOUBLE)
DATES = (Primitive.DATE, Primitive.DAY)

_WORDS: dict[ast.Type, str] = {
    Primitive.BOOLEAN: "true or false",
    Primitive.DATE: "a date",
    Primitive.DAY: "a date",
    Primitive.DOUBLE: "a number",
    Primitive.DURATION: "a duration",
    Primitive.GUID: "an Id",
    Primitive.INT64: "a whole number",
    Primitive.TEXT: "a text",
    Primitive.TIME_OF_DAY: "a time of day",
}


def in_words(type_: ast.Type) -> str:
    """A type as a sentence names it."""
    return f"a {type_.name}" if isinstance(type_, EnumType) else _WORDS[type_]


def null_at(position: int) -> Literal:
    """The literal null, as if a client had written it at a character (counted from 1)."""
    return Literal(LiteralKind.NULL, "null", position)


def is_null(operand: Operand) -> bool:
    """Whether an operand is the literal null."""
    return isinstance(operand, Literal) and operand.kind is LiteralKind.NULL


def described(operand: Operand) -> str:
    """An operand as a sentence names it."""
    match operand:
        case ast.PropertyValue(declared) | ast.ElementValue(member=declared):
            return declared.name
        case ast.Call(function=function):
            return f"{function}()"
        case ast.Arithmetic(sign=sign):
            return f"the result of {sign}"
        case AnyValue(attribute=str(name)):
            return name[:80]
        case AnyValue() | ast.AttributeValue():
            return "Value"
        case _:
            return "a literal"
