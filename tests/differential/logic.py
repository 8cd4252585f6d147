"""True, false and null, as OData reckons with them (4.01 part 2, 5.1.1); and the kinds of values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from enum import Enum, auto
from fractions import Fraction
from typing import Any, TypeAlias

Truth: TypeAlias = bool | None


class Kind(Enum):
    """What a scalar is; dates, days, times of day and spans are reckoned in milliseconds."""

    TEXT = auto()
    WHOLE = auto()
    REAL = auto()
    DATE = auto()
    DAY = auto()
    CLOCK = auto()
    SPAN = auto()
    FLAG = auto()
    GUID = auto()
    MEMBER = auto()


ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
FLIPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def compared(left: Any, ordering: str, right: Any) -> bool:
    """A comparison, which is never null: null equals null alone, and is neither above nor below anything."""
    if left is None or right is None:
        same = left is None and right is None
        return {"eq": same, "ne": not same}.get(ordering, False)
    return ORDERINGS[ordering](left, right)


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        result = result and truth
    return result


def disjunction(truths: Iterable[Truth]) -> Truth:
    return negated(conjunction(map(negated, truths)))


def reckoned(sign: str, left: float, right: float, *, whole: bool) -> float | None:
    """``left sign right`` in IEEE doubles; ``div`` of whole numbers and ``mod`` cut towards zero; by zero: null.

    :param whole: both are whole numbers by type.
    """
    if sign in _EXACT:
        return _EXACT[sign](float(left), float(right))
    if right == 0:
        return None
    quotient = float(left) / float(right)
    if sign == "mod":
        return float(left) - float(right) * int(quotient)
    return float(int(quotient)) if sign == "div" and whole else quotient


_EXACT: dict[str, Callable[[float, float], float]] = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}


def rounded(number: float) -> int:
    """The nearest whole number, halves away from zero."""
    size = int(abs(Fraction(number)) + Fraction(1, 2))
    return size if number >= 0 else -size
