"""What a client is told about a text that cannot be read: where it broke off and what could have stood there."""

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
    "TIME": "a time",
    "GUID": "an Id",
    "BOOLEAN": "true or false",
    "NULL": "null",
    "NOT": "not",
    "OPEN": "'('",
    "LPAR": "'('",
    "EQUALITY": "a comparison (eq ne gt ge lt le in)",
    "ADDITION": "arithmetic (add sub mul div divby mod)",
    "AND": "and",
    "OR": "or",
    "EQUAL": "'='",
    "COLON": "':'",
    "DIRECTION": "asc or desc",
    "COMMA": "','",
    "RPAR": "')'",
    "$END": "the end",
}
"""Terminals of the grammar, in words; those that others stand for are left out."""

_NOT_SERVED = (
    (re.compile(r"@\w+"), "parameter aliases"),
    (re.compile(r"\$(?:root|this)\b", re.I), "these roots of paths"),
    (re.compile(r"\)/\$?\w+"), "paths behind brackets"),
    (re.compile(r"[\[{]"), "arrays and objects"),
)
"""Parts of OData that can be told by their look."""


def complaint(option: str, text: str, error: UnexpectedInput) -> PripError:
    """The error for a text that the grammar refuses: 501 where it uses what OData has and this service has not.

    :param option: the query option that holds the text.
    """
    return _not_served(option, text, error) or BadQuery(_sentence(option, text, error))


def _not_served(option: str, text: str, error: UnexpectedInput) -> UnsupportedQuery | None:
    start, _ = _found(text, error)
    for look, what in _NOT_SERVED:
        found = look.search(text, max(start - 2, 0), start + 60)
        if found is not None and found.start() <= start:
            return UnsupportedQuery(f"{option} at character {start}: {what} ({found[0]}) are not served")
    return None


def _sentence(option: str, text: str, error: UnexpectedInput) -> str:
    position, found = _found(text, error)
    if found.startswith("'"):
        return (
            f"{option} at character {position}: the text {found} has no closing quote, or something is missing before"
        )
    expected = ", ".join(_in_words(_allowed(error)))
    return f"{option} at character {position}: found {found}, expected {expected}"


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
