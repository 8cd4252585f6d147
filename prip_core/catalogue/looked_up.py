"""What single conditions look for in indexes beside those of columns, whichever database has them."""

from __future__ import annotations

from prip_core.catalogue.scalars import column_of
from prip_core.odata import ast


def part_of_name(node: ast.TextMatch) -> str | None:
    """The text that a product's name is to contain or to end with; ``None``: the condition asks another thing."""
    if not isinstance(node.operand, ast.PropertyValue) or column_of(node.operand) != "name":
        return None
    if node.matching is ast.Matching.STARTS_WITH or not isinstance(node.text, ast.Literal):
        return None
    return str(node.text.value)


def checksum_value(node: ast.AnyOf) -> str | None:
    """The value that one of a product's checksums is to have; ``None``: the condition asks another thing."""
    if node.collection is not ast.Collection.CHECKSUM or node.condition is None:
        return None
    terms = node.condition.operands if isinstance(node.condition, ast.And) else (node.condition,)
    for term in terms:
        match term:
            case ast.Comparison(
                left=ast.ElementValue(member=member), operator=ast.Operator.EQ, right=ast.Literal(value=str(value))
            ) if member.name == "Value":
                return value
            case _:
                pass
    return None
