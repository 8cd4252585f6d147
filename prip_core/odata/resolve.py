"""From a filter as it is written to the typed tree: names looked up, literals checked against their properties."""

from __future__ import annotations

import re
from typing import assert_never

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata.ast import And, Constant, IsNull, Matching, Node, Not, Operator, Or, PropertyValue, TextMatch
from prip_core.odata.ast import Literal as TypedLiteral
from prip_core.odata.comparisons import compare, compared
from prip_core.odata.edm import PRODUCTION_TYPE, Primitive, Property, property_at
from prip_core.odata.syntax import (
    Call,
    Conjunction,
    Disjunction,
    Expression,
    Group,
    Literal,
    LiteralKind,
    Negation,
    Path,
    Relation,
)

DEEPEST = 100
"""Brackets and ``not`` within each other that a filter may have."""

MOST_TERMS = 400
"""Comparisons and functions that a filter may have. SQLite follows a thousand levels, and counts each term of a row as
one, in a subquery as two."""

_FUNCTIONS = re.compile(
    r"concat|indexof|length|substring|tolower|toupper|trim|year|month|day|hour|minute|second|fractionalseconds|date"
    r"|time|now|totaloffsetminutes|totalseconds|maxdatetime|mindatetime|round|floor|ceiling|cast|isof|matchespattern"
)
"""Functions of OData without name space, the served ones apart."""

_QUALIFIED = re.compile(r"/(any|all)$|^odata\.csc\.|^geo\.")
"""Conditions on collections and functions with a name space."""


def resolve(expression: Expression) -> Node:
    """The typed tree of a filter.

    :raises BadQuery: it is too large, names no property of a product, or compares what cannot be compared.
    :raises UnsupportedQuery: it uses a part of OData that is not served.
    """
    return _Resolver().condition(expression, 0)


class _Resolver:
    """One filter on its way; counts its terms."""

    def __init__(self) -> None:
        self._terms = 0

    def condition(self, expression: Expression, depth: int) -> Node:
        """The tree of an expression that must be true or false."""
        if depth > DEEPEST:
            raise BadQuery(f"$filter has brackets or nots more than {DEEPEST} deep")
        match expression:
            case Group(inner=inner):
                return self.condition(inner, depth + 1)
            case Negation(operand=operand):
                return Not(self.condition(operand, depth + 1))
            case Conjunction(operands=operands):
                return And(tuple(self.condition(each, depth) for each in operands))
            case Disjunction(operands=operands):
                return Or(tuple(self.condition(each, depth) for each in operands))
            case Relation():
                return self._relation(expression, depth)
            case _:
                return self._term(expression)

    def _term(self, expression: Call | Path | Literal) -> Node:
        self._count()
        match expression:
            case Call():
                return _call(expression)
            case Path():
                return _flag(expression)
            case Literal():
                return _constant(expression)
            case _:
                assert_never(expression)

    def _relation(self, relation: Relation, depth: int) -> Node:
        left, operator, right = _bare(relation.left), relation.operator, _bare(relation.right)
        if isinstance(left, Literal):
            left, operator, right = right, operator.flipped, left
        if not isinstance(right, Literal):
            for path in (side for side in (left, right) if isinstance(side, Path)):
                _property(path)
            raise UnsupportedQuery(
                f"$filter at character {relation.position}: one side of {operator} must be a literal;"
                " comparing two properties or expressions is not served"
            )
        match left:
            case Path():
                self._count()
                return _compare(left, operator, right)
            case Literal():
                raise UnsupportedQuery(f"$filter at character {relation.position}: two literals are compared")
            case _:
                return self._compared_condition(left, operator, right, depth)

    def _compared_condition(self, condition: Expression, operator: Operator, literal: Literal, depth: int) -> Node:
        """``contains(Name,'x') eq true`` and the like."""
        node = self.condition(condition, depth + 1)
        if literal.kind is not LiteralKind.BOOLEAN or operator not in {Operator.EQ, Operator.NE}:
            raise BadQuery(
                f"$filter at character {literal.position}: a condition can be compared by eq and ne with true and false"
            )
        wanted = (literal.text.lower() == "true") is (operator is Operator.EQ)
        return node if wanted else Not(node)

    def _count(self) -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise BadQuery(f"$filter has more than {MOST_TERMS} comparisons")


def _bare(expression: Expression) -> Expression:
    """An operand without the brackets around it."""
    while isinstance(expression, Group):
        expression = expression.inner
    return expression


def _flag(path: Path) -> Node:
    declared = _property(path)
    if declared.type is not Primitive.BOOLEAN:
        raise BadQuery(
            f"$filter at character {path.position}: {path.text} is neither true nor false; compare it (eq ne gt ge lt"
            " le), and put what follows a not in brackets"
        )
    return compared(declared, Operator.EQ, True)


def _constant(literal: Literal) -> Node:
    if literal.kind is not LiteralKind.BOOLEAN:
        raise BadQuery(f"$filter at character {literal.position}: {literal.text!r} alone is no condition")
    return Constant(literal.text.lower() == "true")


def _property(path: Path) -> Property:
    try:
        return property_at(path.text)
    except BadQuery as error:
        raise BadQuery(f"$filter at character {path.position}: {error}") from error


def _compare(path: Path, operator: Operator, literal: Literal) -> Node:
    declared = _property(path)
    if declared.type is Primitive.BOOLEAN and operator not in {Operator.EQ, Operator.NE}:
        raise BadQuery(f"$filter at character {path.position}: {path.text} can be compared by eq and ne only")
    return compare(declared, operator, literal)


def _call(call: Call) -> Node:
    name = call.name.lower()
    if name not in {matching.value for matching in Matching}:
        raise _unknown_function(call)
    match [_bare(argument) for argument in call.arguments]:
        case [Path() as path, Literal(kind=LiteralKind.TEXT, text=text)]:
            return _text_match(path, Matching(name), text)
        case _:
            raise BadQuery(
                f"$filter at character {call.position}: {name} takes a property and a text: {name}(Name,'S2B')"
            )


def _unknown_function(call: Call) -> BadQuery | UnsupportedQuery:
    name = call.name.lower()
    if _FUNCTIONS.fullmatch(name) or _QUALIFIED.search(name):
        return UnsupportedQuery(f"$filter at character {call.position}: {call.name}() is not served")
    known = ", ".join(Matching)
    return BadQuery(f"$filter at character {call.position}: there is no function {call.name:.60}; there are {known}")


def _text_match(path: Path, matching: Matching, text: str) -> Node:
    declared = _property(path)
    if declared.type is PRODUCTION_TYPE:
        return _member_match(declared, matching, text)
    if declared.type is not Primitive.TEXT:
        raise BadQuery(f"$filter at character {path.position}: {path.text} is no text, {matching} needs one")
    if not text:
        return Not(IsNull(PropertyValue(declared)))
    return TextMatch(PropertyValue(declared), matching, TypedLiteral(Primitive.TEXT, text))


def _member_match(declared: Property, matching: Matching, text: str) -> Node:
    """An enumeration is kept as numbers: the condition holds for the members whose names match."""
    matches = {
        Matching.CONTAINS: str.__contains__,
        Matching.STARTS_WITH: str.startswith,
        Matching.ENDS_WITH: str.endswith,
    }[matching]
    found: list[Node] = [
        compared(declared, Operator.EQ, number) for name, number in PRODUCTION_TYPE.members if matches(name, text)
    ]
    match found:
        case []:
            return Constant(False)
        case [only]:
            return only
        case _:
            return Or(tuple(found))
