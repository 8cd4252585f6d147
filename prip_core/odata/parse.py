"""From the text of a ``$filter`` to its typed tree."""

from __future__ import annotations

import functools
from pathlib import Path as FilePath
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedInput

from prip_core.errors import BadQuery
from prip_core.odata.ast import Node, Operator
from prip_core.odata.complaints import complaint
from prip_core.odata.resolve import resolve
from prip_core.odata.syntax import (
    Call,
    Conjunction,
    Disjunction,
    Expression,
    Group,
    Literal,
    LiteralKind,
    Negation,
    Path,
    Relation,
)

LONGEST_FILTER = 16_000
"""Characters that a ``$filter`` may have."""


@functools.lru_cache(maxsize=512)
def parse_filter(text: str) -> Node:
    """Read a ``$filter``; trees are kept by text. One pair of double quotes around the whole is taken off.

    :raises BadQuery: it is no filter, is too large, or names or compares what products do not have.
    :raises UnsupportedQuery: it is a filter, but uses a part of OData that is not served.
    """
    if len(text) > LONGEST_FILTER:
        raise BadQuery(f"$filter has {len(text)} characters; it may have {LONGEST_FILTER}")
    text = _without_quotes(text)
    if not text.strip():
        raise BadQuery("$filter is empty; leave it out to ask for everything")
    if "\x00" in text:
        raise BadQuery("$filter holds a null character")
    return resolve(parse_syntax(text))


def parse_syntax(text: str) -> Expression:
    """The filter as it is written.

    :raises BadQuery: it is no filter.
    :raises UnsupportedQuery: it is a filter, but uses a part of OData that is not served.
    """
    try:
        return cast("Expression", _grammar().parse(text))
    except UnexpectedInput as error:
        raise complaint(text, error) from None


def _without_quotes(text: str) -> str:
    stripped = text.strip()
    if len(stripped) >= 2 and stripped[0] == stripped[-1] == '"':
        return stripped[1:-1]
    return text


class _SyntaxBuilder(Transformer[Token, Expression]):
    """Builds syntax nodes while the text is read; the methods are named after the rules of the grammar."""

    def start(self, children: list[Expression]) -> Expression:
        return children[0]

    def disjunction(self, children: list[Expression]) -> Expression:
        return Disjunction(tuple(children))

    def conjunction(self, children: list[Expression]) -> Expression:
        return Conjunction(tuple(children))

    def comparison(self, children: tuple[Expression, Token, Expression]) -> Expression:
        left, operator, right = children
        return Relation(left, Operator(operator.lower()), right, _position(operator))

    def negation(self, children: tuple[Token, Expression]) -> Expression:
        keyword, operand = children
        return Negation(operand, _position(keyword))

    def group(self, children: tuple[Token, Expression]) -> Expression:
        bracket, inner = children
        return Group(inner, _position(bracket))

    def call(self, children: list[Token | Expression]) -> Expression:
        name = cast("Token", children[0])
        return Call(str(name), tuple(cast("list[Expression]", children[1:])), _position(name))

    def path(self, children: list[Token]) -> Expression:
        return Path(str(children[0]), _position(children[0]))

    def literal(self, children: list[Token]) -> Expression:
        token = children[0]
        if token.type in {"WRAPPED_DATE", "MEMBER"}:
            kind = LiteralKind.DATE if token.type == "WRAPPED_DATE" else LiteralKind.MEMBER
            return Literal(kind, token[token.index("'") + 1 : -1], _position(token))
        if token.type == "TEXT":
            return Literal(LiteralKind.TEXT, token[1:-1].replace("''", "'"), _position(token))
        return Literal(LiteralKind(token.type), str(token), _position(token))


def _position(token: Token) -> int:
    return (token.start_pos or 0) + 1


@functools.cache
def _grammar() -> Lark:
    text = FilePath(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", transformer=_SyntaxBuilder(), maybe_placeholders=False)
