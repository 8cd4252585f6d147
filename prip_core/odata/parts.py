"""What the conditions and scalars of a typed tree are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from prip_core.odata.ast import (
    And,
    AnyOf,
    Arithmetic,
    Call,
    Comparison,
    ElementValue,
    In,
    IsNotTrue,
    IsNull,
    Node,
    Not,
    Or,
    PropertyValue,
    Scalar,
    TextMatch,
    Type,
)
from prip_core.odata.edm import EnumType, Primitive

Part: TypeAlias = Node | Scalar


def inside(part: Part) -> Iterator[Part]:
    """A condition or scalar, and all that is in it, conditions on elements included; from the outside to the inside,
    from left to right."""
    yield part
    for each in parts(part):
        yield from inside(each)


def parts(part: Part) -> tuple[Part, ...]:
    """The conditions and scalars that one is made of, from left to right."""
    match part:
        case Not(operand=inner) | IsNotTrue(operand=inner) | IsNull(operand=inner) | In(operand=inner):
            return (inner,)
        case And(operands=inner) | Or(operands=inner) | Call(arguments=inner):
            return inner
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case TextMatch(operand=left, text=right):
            return (left, right)
        case AnyOf(condition=inner) if inner is not None:
            return (inner,)
        case _:
            return ()


def type_of(scalar: Scalar) -> Type:
    """The type of a scalar."""
    match scalar:
        case PropertyValue(declared) | ElementValue(member=declared):
            assert isinstance(declared.type, Primitive | EnumType), "structured properties have no path"
            return declared.type
        case _:
            return scalar.type
