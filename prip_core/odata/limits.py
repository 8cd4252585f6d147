"""How large a filter may be: what is beyond is refused before anything is looked up, whatever its form."""

from __future__ import annotations

import re

from prip_core.errors import BadQuery
from prip_core.odata.syntax import Calculation, Call, Conjunction, Disjunction, Expression, Inclusion, Minus, parts

LONGEST_FILTER = 32_000
"""Characters that a ``$filter`` may have."""

DEEPEST = 100
"""Levels within each other that a filter may have: brackets, ``not``, conditions on elements, functions, operators."""

DEEPEST_CALLS = 10
"""Functions within each other that a filter may have; SQLite's parser follows about 14, fewer in a deep filter."""

MOST_TERMS = 400
"""Comparisons and functions that a filter may have. SQLite follows a thousand levels, and counts each term of a row as
one, in a subquery as two."""

MOST_VALUES = 1000
"""Values that all lists behind an ``in`` may have together."""

MOST_SIGNS = 16
"""Arithmetic operators of a filter; with the bounds of numbers in reckoning, the results stay within a double."""


_BRACKETS = re.compile(r"'[^']*'|[()]")
"""Brackets, and texts, which may hold some that do not count."""


def check_length(option: str, text: str) -> None:
    """Refuse an option's text that is too long.

    :raises BadQuery: it is.
    """
    if len(text) > LONGEST_FILTER:
        raise BadQuery(f"{option} has {len(text)} characters; it may have {LONGEST_FILTER}")


def check_nesting(text: str) -> None:
    """Refuse a filter whose brackets are too deep before it is read, which would take long.

    :raises BadQuery: it is.
    """
    if text.count("(") <= DEEPEST:
        return
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += {"(": 1, ")": -1}.get(bracket[0], 0)
        if depth > DEEPEST:
            raise _too_deep()


def check_size(expression: Expression) -> None:
    """Refuse a filter that is too deep, or has too many values or arithmetic operators.

    Without recursion: what is refused may be thousands of levels deep.

    :raises BadQuery: it is too large.
    """
    values = signs = 0
    waiting = [(expression, 0, 0)]
    while waiting:
        each, depth, calls = waiting.pop()
        if depth > DEEPEST:
            raise _too_deep()
        calls += isinstance(each, Call)
        if calls > DEEPEST_CALLS:
            raise BadQuery(f"$filter has functions more than {DEEPEST_CALLS} deep")
        values += len(each.values) if isinstance(each, Inclusion) else 0
        signs += isinstance(each, Calculation | Minus)
        inside = depth if isinstance(each, Conjunction | Disjunction) else depth + 1
        waiting.extend((part, inside, calls) for part in parts(each))
    if values > MOST_VALUES:
        raise BadQuery(f"$filter has {values} values in lists; it may have {MOST_VALUES}")
    if signs > MOST_SIGNS:
        raise BadQuery(f"$filter has {signs} arithmetic operators; it may have {MOST_SIGNS}")


def _too_deep() -> BadQuery:
    return BadQuery(f"$filter has brackets, nots or functions more than {DEEPEST} deep")
