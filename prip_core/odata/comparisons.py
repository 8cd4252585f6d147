"""A property compared with a literal: the literal brought to the property's type, the tree node that follows."""

from __future__ import annotations

from collections.abc import Callable

from prip_core.odata import literals
from prip_core.odata.ast import Comparison, Constant, IsNull, Node, Not, Operator, PropertyValue, Value
from prip_core.odata.ast import Literal as TypedLiteral
from prip_core.odata.edm import PRODUCTION_TYPE, ComplexType, Primitive, Property
from prip_core.odata.syntax import Literal, LiteralKind


def compare(declared: Property, operator: Operator, literal: Literal) -> Node:
    """``declared operator literal``.

    :raises BadQuery: the literal is not of the property's type.
    """
    if literal.kind is LiteralKind.NULL:
        return _compare_null(declared, operator)
    match declared.type:
        case Primitive.DATE:
            return _on_grid(declared, operator, literals.milliseconds(declared, literal))
        case Primitive.INT64:
            return _on_grid(declared, operator, literals.whole_number(declared, literal))
        case _:
            return compared(declared, operator, _READERS[declared.type](declared, literal))


def compared(declared: Property, operator: Operator, value: Value) -> Comparison:
    """``declared operator value``, the value being of the property's type."""
    assert not isinstance(declared.type, ComplexType), "only parts of a structured property have a column"
    return Comparison(PropertyValue(declared), operator, TypedLiteral(declared.type, value))


_READERS: dict[object, Callable[[Property, Literal], Value]] = {
    Primitive.TEXT: literals.text,
    Primitive.GUID: literals.identifier,
    Primitive.BOOLEAN: literals.truth,
    PRODUCTION_TYPE: literals.member,
}


def _compare_null(declared: Property, operator: Operator) -> Node:
    """Null equals null alone, and is neither above nor below anything (OData 4.0 part 2, 5.1.1.1)."""
    match operator:
        case Operator.EQ:
            return IsNull(PropertyValue(declared))
        case Operator.NE:
            return Not(IsNull(PropertyValue(declared)))
        case _:
            return Constant(False)


def _on_grid(declared: Property, operator: Operator, number: literals.WholeNumber) -> Node:
    """Compare with a literal that lies between two values which the catalogue can hold as if it stood on the lower."""
    if number.exact:
        return compared(declared, operator, number.floor)
    match operator:
        case Operator.EQ:
            return Constant(False)
        case Operator.NE:
            return Constant(True)
        case Operator.GT | Operator.GE:
            return compared(declared, Operator.GT, number.floor)
        case Operator.LT | Operator.LE:
            return compared(declared, Operator.LE, number.floor)
