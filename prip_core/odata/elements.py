"""Conditions on the elements of a collection: ``any``, ``all`` and bare names of attributes, as conditions that speak
of an element alone."""

from __future__ import annotations

from collections.abc import Iterator

from prip_core.odata import ast, edm
from prip_core.odata.ast import And, AnyOf, Collection, Comparison, Constant, ElementValue, IsNotTrue, Node, Not, Or
from prip_core.odata.nullness import is_true
from prip_core.odata.parts import Part, inside
from prip_core.odata.refusals import unsupported

_MOST_OUTSIDE = 4
"""Conditions on the product that one condition on elements may hold: each doubles it."""

_NAME = ElementValue(Collection.ATTRIBUTES, edm.ATTRIBUTE.properties[0])


def attribute(name: str, condition: Node | None = None) -> Node:
    """That the product has an attribute of this name; that the attribute makes a condition true."""
    named = Comparison(_NAME, ast.Operator.EQ, ast.Literal(edm.Primitive.TEXT, name))
    match condition:
        case None | Constant(value=True):
            return AnyOf(Collection.ATTRIBUTES, named)
        case Constant(value=False):
            return Constant(False)
        case _:
            return AnyOf(Collection.ATTRIBUTES, And((named, condition)))


def any_of(collection: Collection, condition: Node, position: int) -> Node:
    """That an element makes the condition true.

    What the condition says of the product is taken out of it: where ``outside`` occurs in it, ``any(condition)`` is
    ``any(condition without) or outside and any(condition with true in its place)``.

    :param position: of the condition in the filter.
    :raises UnsupportedQuery: a term speaks of the product and the element at once, or too much is said of the product.
    """
    _check_terms(condition, position)
    if not any(_is_outside(term) for term in _terms(condition)):
        return _simple(collection, condition)
    return _hoisted(collection, _positive(condition), position)


def _simple(collection: Collection, condition: Node) -> Node:
    if isinstance(condition, Constant):
        return AnyOf(collection, None) if condition.value else condition
    return AnyOf(collection, condition)


def _hoisted(collection: Collection, condition: Node, position: int) -> Node:
    """
    :param condition: of ``and``, ``or`` and terms alone, so that it only gains truth where a term does.
    """
    outside = list(dict.fromkeys(_outside(condition)))
    if len(outside) > _MOST_OUTSIDE:
        raise unsupported(
            position,
            f"a condition on {collection} says more than {_MOST_OUTSIDE} things of the product; take them out of it",
        )
    if not outside:
        return _simple(collection, condition)
    first = outside[0]
    without = _hoisted(collection, _with(condition, first, Constant(False)), position)
    within = _hoisted(collection, _with(condition, first, Constant(True)), position)
    return _folded(Or, (without, _folded(And, (is_true(first), within))))


def _positive(node: Node) -> Node:
    """A condition that is true where ``node`` is, with ``not`` before single terms only."""
    match node:
        case Not(operand=operand):
            return _negative(operand)
        case IsNotTrue(operand=operand):
            return _opposite(_positive(operand))
        case And() | Or():
            return type(node)(tuple(map(_positive, node.operands)))
        case _:
            return node


def _negative(node: Node) -> Node:
    """A condition that is true where ``node`` is false."""
    match node:
        case Not(operand=operand) | IsNotTrue(operand=operand):
            return _positive(operand)
        case And() | Or():
            return _dual(node)(tuple(map(_negative, node.operands)))
        case Constant():
            return Constant(not node.value)
        case _:
            return Not(node)


def _opposite(node: Node) -> Node:
    """A condition that is true where ``node``, which is positive, is not."""
    match node:
        case And() | Or():
            return _dual(node)(tuple(map(_opposite, node.operands)))
        case Constant():
            return Constant(not node.value)
        case IsNotTrue(operand=operand):
            return operand
        case _:
            return IsNotTrue(node)


def _dual(node: And | Or) -> type[And | Or]:
    return Or if isinstance(node, And) else And


def _outside(node: Node) -> Iterator[Node]:
    """The largest conditions within one that speak of the product alone."""
    if all(map(_is_outside, _terms(node))):
        yield node
    elif isinstance(node, And | Or):
        for operand in node.operands:
            yield from _outside(operand)


def _with(node: Node, replaced: Node, constant: Constant) -> Node:
    if node == replaced:
        return constant
    if isinstance(node, And | Or):
        return _folded(type(node), tuple(_with(operand, replaced, constant) for operand in node.operands))
    return node


def _folded(joint: type[And | Or], operands: tuple[Node, ...]) -> Node:
    """Operands joined, without the constants."""
    decisive = joint is Or
    kept: list[Node] = []
    for operand in operands:
        if not isinstance(operand, Constant):
            kept.append(operand)
        elif operand.value is decisive:
            return operand
    match kept:
        case []:
            return Constant(not decisive)
        case [only]:
            return only
        case _:
            return joint(tuple(kept))


def _terms(node: Node) -> Iterator[Node]:
    match node:
        case And(operands=operands) | Or(operands=operands):
            for operand in operands:
                yield from _terms(operand)
        case Not(operand=operand) | IsNotTrue(operand=operand):
            yield from _terms(operand)
        case _:
            yield node


def _is_outside(term: Node) -> bool:
    """Whether a term speaks of the product."""
    return isinstance(term, AnyOf | ast.FootprintMatch) or any(map(_is_product, _spoken_of(term)))


def _check_terms(condition: Node, position: int) -> None:
    for term in _terms(condition):
        spoken_of = list(_spoken_of(term))
        if any(map(_is_product, spoken_of)) and any(map(_is_element, spoken_of)):
            raise unsupported(
                position, "a condition on elements compares an element with the product itself, which is not served"
            )


def _is_product(part: Part) -> bool:
    return isinstance(part, ast.PropertyValue)


def _is_element(part: Part) -> bool:
    return isinstance(part, ElementValue | ast.AttributeValue)


def _spoken_of(term: Node) -> Iterator[Part]:
    """What a term is made of, but nothing of another collection's elements."""
    return iter(()) if isinstance(term, AnyOf) else inside(term)


def check_alone(term: Node, position: int, name: str) -> None:
    """Refuse a term that speaks of an attribute by its bare name and of something else.

    :raises UnsupportedQuery: it does.
    """
    if any(isinstance(part, ast.PropertyValue | ElementValue) for part in _spoken_of(term)):
        raise unsupported(
            position,
            f"comparing the attribute {name:.80} with anything but literals is not served;"
            " a text stands in single quotes",
        )


def size(node: Node) -> int:
    """How many terms a condition has, those on elements counted."""
    return sum(
        1 + (size(term.condition) if isinstance(term, AnyOf) and term.condition is not None else 0)
        for term in _terms(node)
    )
