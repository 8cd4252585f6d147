"""What a client is told about a ``$filter`` that cannot be read: where it broke off and what could have stood there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from prip_core.errors import BadQuery, PripError, UnsupportedQuery

_NAMES = {
    "PATH": "a property or function",
    "TEXT": "a 'text'",
    "NUMBER": "a number",
    "DATE": "a date",
    "MEMBER": "a production type",
    "GUID": "an Id",
    "BOOLEAN": "true or false",
    "NULL": "null",
    "NOT": "not",
    "OPEN": "'('",
    "LPAR": "'('",
    "OPERATOR": "a comparison (eq ne gt ge lt le)",
    "_AND": "and",
    "_OR": "or",
    "COMMA": "','",
    "RPAR": "')'",
    "$END": "the end",
}
"""Terminals of the grammar, in words."""

_NOT_SERVED = (
    (re.compile(r"/(any|all)\s*\(", re.I), "conditions on collections"),
    (re.compile(r"\b(OData\.CSC\.(?:Intersects|Within|Disjoints)|geo\.\w+)\s*\(", re.I), "geographical conditions"),
    (re.compile(r"[\w/)]\s+(in)\s*\(", re.I), "lists of values"),
    (re.compile(r"\s(add|sub|mul|divby|div|mod|has)\s", re.I), "arithmetic and flags"),
)
"""Parts of OData that can be told by their look."""

_TEXT = re.compile(r"'(?:[^']|'')*'")


def complaint(text: str, error: UnexpectedInput) -> PripError:
    """The error for a text that the grammar refuses: 501 where it uses what OData has and this service has not."""
    return _not_served(text) or BadQuery(_sentence(text, error))


def _not_served(text: str) -> UnsupportedQuery | None:
    code = _TEXT.sub("''", text)
    for look, what in _NOT_SERVED:
        found = look.search(code)
        if found is not None:
            return UnsupportedQuery(f"$filter has {found[1]!r}: {what} are not served")
    return None


def _sentence(text: str, error: UnexpectedInput) -> str:
    position, found = _found(text, error)
    if found.startswith("'"):
        return f"$filter at character {position}: the text {found} has no closing quote, or something is missing before"
    expected = ", ".join(_in_words(_allowed(error)))
    return f"$filter at character {position}: found {found}, expected {expected}"


def _found(text: str, error: UnexpectedInput) -> tuple[int, str]:
    start = error.pos_in_stream
    if (isinstance(error, UnexpectedToken) and error.token.type == "$END") or start is None or start >= len(text):
        return len(text) + 1, "the end"
    rest = text[start : start + 30]
    word = re.match(r"[\w.:+\-/]+|.", rest, re.S)
    return start + 1, word.group() if word else rest


def _allowed(error: UnexpectedInput) -> Iterable[str]:
    if isinstance(error, UnexpectedCharacters):
        return error.allowed or ()
    if isinstance(error, UnexpectedToken):
        return error.accepts or error.expected
    return ()


def _in_words(terminals: Iterable[str]) -> list[str]:
    present = set(terminals)
    return list(dict.fromkeys(words for terminal, words in _NAMES.items() if terminal in present))
