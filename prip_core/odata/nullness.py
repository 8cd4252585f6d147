"""Which scalars and conditions may be null."""

from __future__ import annotations

from prip_core.odata import ast
from prip_core.odata.ast import Node, Scalar, Sign

_NULL_AT_NOUGHT = frozenset({Sign.DIV, Sign.DIVBY, Sign.MOD})


def scalar_may_be_null(scalar: Scalar) -> bool:
    """Whether there may be no value."""
    match scalar:
        case ast.Literal():
            return False
        case ast.AttributeValue():
            return True
        case ast.PropertyValue(declared) | ast.ElementValue(member=declared):
            return declared.nullable
        case ast.Call(arguments=arguments):
            return any(map(scalar_may_be_null, arguments))
        case ast.Arithmetic(sign=sign, left=left, right=right):
            return sign in _NULL_AT_NOUGHT or scalar_may_be_null(left) or scalar_may_be_null(right)


def may_be_null(node: Node) -> bool:
    """Whether a condition may be neither true nor false."""
    match node:
        case ast.TextMatch(operand=operand, text=text):
            return scalar_may_be_null(operand) or scalar_may_be_null(text)
        case ast.FootprintMatch():
            return True
        case ast.Not(operand=inner):
            return may_be_null(inner)
        case ast.And(operands=operands) | ast.Or(operands=operands):
            return any(map(may_be_null, operands))
        case _:
            return False


def is_true(node: Node) -> Node:
    """That a condition is true: false where it is null."""
    return ast.Not(ast.IsNotTrue(node)) if may_be_null(node) else node


def is_not_true(node: Node) -> Node:
    """That a condition is false or null."""
    if may_be_null(node):
        return ast.IsNotTrue(node)
    return node.operand if isinstance(node, ast.Not) else ast.Not(node)
