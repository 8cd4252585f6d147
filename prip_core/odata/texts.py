"""contains, startswith and endswith: conditions on texts, and on the names of production types."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prip_core.errors import BadQuery
from prip_core.odata import ast
from prip_core.odata.ast import Constant, IsNull, Literal, Matching, Node, Not, Operator, Or, PropertyValue, TextMatch
from prip_core.odata.comparisons import compared
from prip_core.odata.edm import PRODUCTION_TYPE, Primitive
from prip_core.odata.functions import typed
from prip_core.odata.nullness import scalar_may_be_null
from prip_core.odata.operands import Operand, is_null
from prip_core.odata.refusals import bad
from prip_core.odata.syntax import Call, Named

_TESTS: Mapping[Matching, Callable[[str, str], bool]] = {
    Matching.CONTAINS: str.__contains__,
    Matching.STARTS_WITH: str.startswith,
    Matching.ENDS_WITH: str.endswith,
}
_EXAMPLE = "a property and a text: {}(Name,'S2B')"


def is_text_match(call: Call) -> bool:
    """Whether a function is one of these."""
    return call.name.lower() in _TESTS


def check(call: Call) -> None:
    """Refuse another number of arguments than two.

    :raises BadQuery: there are more or fewer, or they have names.
    """
    if len(call.arguments) != 2 or any(isinstance(each, Named) for each in call.arguments):
        raise _refusal(call)


def text_match(call: Call, where: Operand, what: Operand) -> Node:
    """The condition that a text function stands for.

    :raises BadQuery: one of the two is no text.
    """
    matching = Matching(call.name.lower())
    if is_null(where) or is_null(what):
        raise bad(call.position, f"{matching} takes {_EXAMPLE.format(matching)}, null is no text")
    part = typed(what, (Primitive.TEXT,), matching, call.position)
    if isinstance(where, PropertyValue) and where.property.type is PRODUCTION_TYPE:
        return _member_match(call, where, matching, part)
    return _match(typed(where, (Primitive.TEXT,), matching, call.position), matching, part)


def _match(where: ast.Scalar, matching: Matching, part: ast.Scalar) -> Node:
    match where, part:
        case Literal(value=str(text)), Literal(value=str(found)):
            return Constant(_TESTS[matching](text, found))
        case _, Literal(value=""):
            # Every text holds the empty one; where there is no text, the answer is null, as for the text in itself.
            return TextMatch(where, matching, where) if scalar_may_be_null(where) else Not(IsNull(where))
        case _:
            return TextMatch(where, matching, part)


def _member_match(call: Call, where: PropertyValue, matching: Matching, part: ast.Scalar) -> Node:
    if not isinstance(part, Literal):
        raise _refusal(call)
    declared = where.property
    found: list[Node] = [
        compared(declared, Operator.EQ, number)
        for name, number in PRODUCTION_TYPE.members
        if _TESTS[matching](name, str(part.value))
    ]
    match found:
        case []:
            return Constant(False)
        case [only]:
            return only
        case _:
            return Or(tuple(found))


def _refusal(call: Call) -> BadQuery:
    return bad(call.position, f"{call.name.lower()} takes {_EXAMPLE.format(call.name.lower())}")
