"""What a condition on elements says of the product is taken out of it, and the meaning stays."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prip_core.errors import UnsupportedQuery
from prip_core.odata.ast import (
    And,
    AnyOf,
    AttributeValue,
    Collection,
    Comparison,
    Constant,
    FootprintMatch,
    IsNotTrue,
    Literal,
    Matching,
    Node,
    Not,
    Operator,
    Or,
    PropertyValue,
    Relation,
    TextMatch,
    ValueMatch,
    ValueTerm,
)
from prip_core.odata.edm import PATHS, Primitive
from prip_core.odata.elements import any_of
from prip_core.odata.parse import parse_filter

ONLINE = Comparison(PropertyValue(PATHS["Online"]), Operator.EQ, Literal(Primitive.BOOLEAN, True))
NESTED = AnyOf(Collection.CHECKSUM, None)
AREA = FootprintMatch(Relation.INTERSECTS, b"")
OUTSIDE: tuple[Node, ...] = (ONLINE, NESTED, AREA)

MATCH = ValueMatch((ValueTerm(Primitive.TEXT, Operator.EQ, ("x",)),))
TEXT = TextMatch(AttributeValue(Primitive.TEXT), Matching.CONTAINS, Literal(Primitive.TEXT, "x"))
INSIDE: tuple[Node, ...] = (MATCH, TEXT)

MAY_BE_NULL = {AREA, TEXT}
Truth = bool | None


def truth(node: Node, terms: Mapping[Node, Truth], elements: list[Mapping[Node, Truth]]) -> Truth:
    """What a condition is (``None``: null), where its terms are so for the product and for each element."""
    match node:
        case Constant(value=value):
            return value
        case Not(operand=operand):
            inner = truth(operand, terms, elements)
            return None if inner is None else not inner
        case IsNotTrue(operand=operand):
            return truth(operand, terms, elements) is not True
        case And(operands=operands):
            found = {truth(each, terms, elements) for each in operands}
            return False if False in found else None if None in found else True
        case Or(operands=operands):
            found = {truth(each, terms, elements) for each in operands}
            return True if True in found else None if None in found else False
        case AnyOf(collection=Collection.ATTRIBUTES, condition=None):
            return bool(elements)
        case AnyOf(collection=Collection.ATTRIBUTES, condition=condition):
            return any(truth(condition, {**terms, **element}, elements) is True for element in elements)
        case _:
            return terms[node]


CONDITIONS: st.SearchStrategy[Node] = st.recursive(
    st.sampled_from([*OUTSIDE, *INSIDE, Constant(True), Constant(False)]),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(IsNotTrue, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: And(tuple(operands))),
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: Or(tuple(operands))),
    ),
    max_leaves=8,
)


def assignments(terms: tuple[Node, ...]) -> st.SearchStrategy[dict[Node, Truth]]:
    values = {True: [True, False, None], False: [True, False]}
    return st.fixed_dictionaries({term: st.sampled_from(values[term in MAY_BE_NULL]) for term in terms})


@settings(max_examples=1000)
@given(CONDITIONS, assignments(OUTSIDE), st.lists(assignments(INSIDE), max_size=3))
def test_the_meaning_stays(condition: Node, terms: dict[Node, Truth], elements: list[dict[Node, Truth]]) -> None:
    try:
        tree = any_of(Collection.ATTRIBUTES, condition, 1)
    except UnsupportedQuery:
        return
    assert truth(tree, terms, list(elements)) is truth(AnyOf(Collection.ATTRIBUTES, condition), terms, list(elements))
    assert all(not speaks_outside(each) for each in conditions(tree))


def conditions(node: Node) -> list[Node]:
    """The conditions on attributes in a tree."""
    match node:
        case AnyOf(collection=Collection.ATTRIBUTES, condition=condition) if condition is not None:
            return [condition]
        case And(operands=operands) | Or(operands=operands):
            return [found for each in operands for found in conditions(each)]
        case Not(operand=operand) | IsNotTrue(operand=operand):
            return conditions(operand)
        case _:
            return []


def speaks_outside(node: Node) -> bool:
    match node:
        case And(operands=operands) | Or(operands=operands):
            return any(map(speaks_outside, operands))
        case Not(operand=operand) | IsNotTrue(operand=operand):
            return speaks_outside(operand)
        case _:
            return node in OUTSIDE


def test_a_condition_on_elements_alone_stays_as_it_is() -> None:
    condition = Not(And((MATCH, Not(Or((TEXT, IsNotTrue(MATCH)))))))
    assert any_of(Collection.ATTRIBUTES, condition, 1) == AnyOf(Collection.ATTRIBUTES, condition)


def test_what_is_said_of_the_product_is_asked_once() -> None:
    both = And((ONLINE, Or((AREA, NESTED)), MATCH))
    assert any_of(Collection.ATTRIBUTES, both, 1) == And(
        (ONLINE, And((Not(IsNotTrue(Or((AREA, NESTED)))), AnyOf(Collection.ATTRIBUTES, MATCH))))
    )


def alternating(number: int) -> str:
    """A condition that says so many things of the product, each beside another one of the attribute."""
    return " and ".join(f"(a/Value eq '{each}' or ContentLength eq {each})" for each in range(number))


def test_four_things_can_be_said_of_the_product() -> None:
    assert isinstance(parse_filter(f"Attributes/any(a:{alternating(4)})"), Or)
    with pytest.raises(UnsupportedQuery, match=r"at character 1: .* more than 4 things of the product"):
        parse_filter(f"Attributes/any(a:{alternating(5)})")


@pytest.mark.parametrize(("quantifier", "inner"), list(product(["any", "all"], repeat=2)))
def test_conditions_on_elements_may_hold_others(quantifier: str, inner: str) -> None:
    text = f"Attributes/{quantifier}(a:a/Name eq 'x' and Checksum/{inner}(c:c/Value eq 'y' or a/Name eq 'x'))"
    with pytest.raises(UnsupportedQuery, match="a/Name belongs to another element than c"):
        parse_filter(text)
    assert parse_filter(text.replace(" or a/Name eq 'x'", ""))
    assert parse_filter(text.replace("a/Name eq 'x'))", "Online))"))
