"""Attribute terms after the dictionary was asked: what ``any`` of a filter means in this catalogue at this moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from prip_core.catalogue.fragments import Fragment
from prip_core.odata.ast import (
    And,
    AnyOf,
    Collection,
    Constant,
    IsNotTrue,
    Node,
    Not,
    Or,
    ValueTerm,
)


@dataclass(frozen=True, slots=True)
class Posted(AnyOf):
    """The product has one of a few values.

    :param vids: their numbers; one or more.
    :param count: how many products have one of them, or more where the values are of several names.
    :param first_seq: none before has one.
    :param last_seq: none behind has one.
    """

    vids: tuple[int, ...]
    count: int
    first_seq: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Spread(AnyOf):
    """The product has one of very many values.

    :param question: which: a question for ``vid``.
    """

    question: Fragment


@dataclass(frozen=True, slots=True)
class Numbered(AnyOf):
    """The product has one of the numbers or dates that stand in the index of numbers alone.

    :param question: which: a question for ``seq``, of the products that do.
    """

    question: Fragment


@dataclass(frozen=True, slots=True)
class Ranged(AnyOf):
    """The product has a number or date of this name in these ranges; all of the name are in the index of numbers.

    :param name_id: the number of the name.
    :param by_kind: for each kind of number, the terms that all hold.
    """

    name_id: int
    by_kind: tuple[tuple[int, tuple[ValueTerm, ...]], ...]


def attribute_terms(tree: Node) -> list[AnyOf]:
    """What a tree asks of attributes, each question once, in the order of their first occurrence."""
    found: dict[AnyOf, None] = {}

    def visit(node: Node) -> None:
        match node:
            case And() | Or():
                for operand in node.operands:
                    visit(operand)
            case Not() | IsNotTrue():
                visit(node.operand)
            case AnyOf(collection=Collection.ATTRIBUTES):
                found[node] = None
            case _:
                pass

    visit(tree)
    return list(found)


def merged(nodes: Sequence[Node]) -> Sequence[Node]:
    """Conditions that all hold, ranges of one name as one: a product has each name once."""
    ranged: dict[int, Ranged] = {}
    rest: list[Node] = []
    for node in nodes:
        if isinstance(node, Ranged):
            before = ranged.get(node.name_id)
            ranged[node.name_id] = node if before is None else _both(before, node)
        else:
            rest.append(node)
    return [*rest, *(node if node.by_kind else Constant(False) for node in ranged.values())]


def _both(one: Ranged, other: Ranged) -> Ranged:
    terms = dict(other.by_kind)
    by_kind = tuple((kind, (*held, *terms[kind])) for kind, held in one.by_kind if kind in terms)
    return replace(one, by_kind=by_kind)


def replaced(tree: Node, replacement: Callable[[AnyOf], Node]) -> Node:
    """A tree with other nodes for what it asks of attributes."""
    match tree:
        case And():
            return And(tuple(replaced(operand, replacement) for operand in tree.operands))
        case Or():
            return Or(tuple(replaced(operand, replacement) for operand in tree.operands))
        case Not():
            return Not(replaced(tree.operand, replacement))
        case IsNotTrue():
            return IsNotTrue(replaced(tree.operand, replacement))
        case AnyOf(collection=Collection.ATTRIBUTES):
            return replacement(tree)
        case _:
            return tree
