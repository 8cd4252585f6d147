"""Filters as conditions that all have to be true, each as flat as it can be: SQLite follows a few levels only."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core.errors import BadQuery
from prip_core.odata.ast import And, Constant, Node, Not, Or

_DEEPEST = 20  # levels; SQLite's parser gives up at about 25 (its stack has 100 places)


def conjuncts(tree: Node) -> Sequence[Node]:
    """The trees that all have to be true, with ``not`` before single terms only, ``and`` and ``or`` taking turns.

    :raises BadQuery: they still take more turns than the database can follow.
    """
    flat = _flattened(tree, negated=False)
    if _depth(flat) > _DEEPEST:
        raise BadQuery(f"$filter: and and or take turns more than {_DEEPEST} levels deep; write it flatter")
    return flat.operands if isinstance(flat, And) else (flat,)


def _flattened(node: Node, *, negated: bool) -> Node:
    match node:
        case Not():
            return _flattened(node.operand, negated=not negated)
        case Constant():
            return Constant(node.value is not negated)
        case And() | Or():
            # De Morgan: not (a and b) is (not a) or (not b).
            joint = And if isinstance(node, And) is not negated else Or
            parts = [_flattened(operand, negated=negated) for operand in node.operands]
            return joint(
                tuple(term for part in parts for term in (part.operands if isinstance(part, joint) else (part,)))
            )
        case _:
            return Not(node) if negated else node


def _depth(node: Node) -> int:
    return 1 + max(map(_depth, node.operands)) if isinstance(node, And | Or) else 0
