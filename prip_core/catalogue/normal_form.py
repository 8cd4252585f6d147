"""Filters as conditions that all have to be true, each as flat as it can be: SQLite follows a few levels only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prip_core.errors import BadQuery
from prip_core.odata.ast import And, Constant, IsNotTrue, Node, Not, Or

_DEEPEST = 20  # levels; SQLite's parser gives up at about 25 (its stack has 100 places)


def conjuncts(tree: Node) -> Sequence[Node]:
    """The trees that all have to be true, with ``not`` before single terms only, ``and`` and ``or`` taking turns.

    Constants are gone, except one that is all there is; nothing is left of what is true always.

    :raises BadQuery: they still take more turns than the database can follow.
    """
    flat = flattened(tree)
    if _depth(flat) > _DEEPEST:
        raise BadQuery(f"$filter: and and or take turns more than {_DEEPEST} levels deep; write it flatter")
    if flat == Constant(True):
        return ()
    return flat.operands if isinstance(flat, And) else (flat,)


def flattened(node: Node, *, negated: bool = False) -> Node:
    """A tree that is true, false and null where this one is, as flat as it can be.

    :param negated: rather where this one is false, true and null.
    """
    match node:
        case Not():
            return flattened(node.operand, negated=not negated)
        case Constant():
            return Constant(node.value is not negated)
        case And() | Or():
            # De Morgan: not (a and b) is (not a) or (not b), also where a or b is null.
            joint = And if isinstance(node, And) is not negated else Or
            return joined_by(joint, (flattened(operand, negated=negated) for operand in node.operands))
        case IsNotTrue():
            inner = flattened(node.operand)
            return (
                Constant(inner.value is negated) if isinstance(inner, Constant) else _signed(IsNotTrue(inner), negated)
            )
        case _:
            return _signed(node, negated)


def joined_by(joint: type[And] | type[Or], parts: Iterable[Node]) -> Node:
    """Flat trees joined: a constant decides, or says nothing."""
    decides = joint is Or
    terms: list[Node] = []
    for part in parts:
        if isinstance(part, Constant):
            if part.value is decides:
                return part
        else:
            terms.extend(part.operands if isinstance(part, joint) else (part,))
    if not terms:
        return Constant(not decides)
    return joint(tuple(terms)) if len(terms) > 1 else terms[0]


def _signed(node: Node, negated: bool) -> Node:
    return Not(node) if negated else node


def _depth(node: Node) -> int:
    match node:
        case And() | Or():
            return 1 + max(map(_depth, node.operands))
        case IsNotTrue():
            return 1 + _depth(node.operand)
        case Not():
            return _depth(node.operand)
        case _:
            return 0
