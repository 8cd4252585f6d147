"""What binds before what in a row of operands and operators (OData 4.01 part 2, 5.1.1.16).

``in``, ``has`` and what stands before an operand bind before all of these: the grammar itself sees to them.
"""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from prip_core.odata.ast import Operator, Sign
from prip_core.odata.syntax import Calculation, Conjunction, Disjunction, Expression, Relation

_LEVELS = {"OR": 0, "AND": 1, "EQUALITY": 2, "RELATION": 3, "ADDITION": 4, "MULTIPLICATION": 5}
"""Terminals of the grammar: what has a higher level binds first."""

_LISTED = 1
"""Up to this level operands are listed side by side; above it the first two belong together."""


def joined(row: Sequence[Expression | Token]) -> Expression:
    """The expression that operands with operators between them stand for."""
    operands: list[Expression] = []
    operators: list[Token] = []
    for each in row:
        if not isinstance(each, Token):
            operands.append(each)
            continue
        level = _LEVELS[each.type]
        while operators and (_LEVELS[operators[-1].type] > level or (_LEVELS[operators[-1].type] == level > _LISTED)):
            _join_last(operands, operators)
        operators.append(each)
    while operators:
        _join_last(operands, operators)
    return operands[0]


def _join_last(operands: list[Expression], operators: list[Token]) -> None:
    """Let the last operator, and those of its kind before it that list operands, take its operands."""
    kind, number = operators[-1].type, 0
    if kind in {"OR", "AND"}:
        while number < len(operators) and operators[-1 - number].type == kind:
            number += 1
        listed = tuple(operands[-number - 1 :])
        del operands[-number - 1 :], operators[-number:]
        operands.append(Disjunction(listed) if kind == "OR" else Conjunction(listed))
        return
    operator = operators.pop()
    right, left = operands.pop(), operands.pop()
    position = (operator.start_pos or 0) + 1
    if kind in {"EQUALITY", "RELATION"}:
        operands.append(Relation(left, Operator(operator.lower()), right, position))
    else:
        operands.append(Calculation(left, Sign(operator.lower()), right, position))
