"""From text to syntax: the grammar of ``$filter`` and ``$orderby``, and the nodes that its rules make."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput

from prip_core.odata.complaints import complaint
from prip_core.odata.precedence import joined
from prip_core.odata.syntax import (
    Call,
    Condition,
    Expression,
    Flags,
    Group,
    Inclusion,
    Literal,
    LiteralKind,
    Minus,
    Named,
    Negation,
    OrderKey,
    Path,
)


def parse_syntax(text: str) -> Expression:
    """A ``$filter`` as it is written.

    :raises BadQuery: it is no filter.
    :raises UnsupportedQuery: it is a filter, but uses a part of OData that is not served.
    """
    return cast("Expression", _read(text, "$filter", "filter"))


def parse_order_syntax(text: str) -> tuple[OrderKey, ...]:
    """An ``$orderby`` as it is written.

    :raises BadQuery: it is none.
    :raises UnsupportedQuery: it is one, but uses a part of OData that is not served.
    """
    return cast("tuple[OrderKey, ...]", _read(text, "$orderby", "order"))


def _read(text: str, option: str, start: str) -> object:
    try:
        return _grammar().parse(text, start=start)
    except UnexpectedInput as error:
        raise complaint(option, text, error) from None


Children = Sequence[Any]


class _SyntaxBuilder(Transformer[Token, Expression]):
    """Builds syntax nodes while the text is read; the methods are named after the rules of the grammar."""

    def filter(self, children: Children) -> Expression:
        return cast("Expression", children[0])

    def order(self, children: Children) -> tuple[OrderKey, ...]:
        return tuple(children)

    def order_key(self, children: Children) -> OrderKey:
        expression, *direction = children
        return OrderKey(expression, descending=[word.lower() for word in direction] == ["desc"])

    def expression(self, children: Children) -> Expression:
        return cast("Expression", children[0]) if len(children) == 1 else joined(children)

    def negation(self, children: Children) -> Expression:
        keyword, operand = children
        return Negation(operand, _position(keyword))

    def minus(self, children: Children) -> Expression:
        sign, operand = children
        return Minus(operand, _position(sign))

    def inclusion(self, children: Children) -> Expression:
        operand, keyword, *values = children
        return Inclusion(operand, tuple(values), _position(keyword))

    def flags(self, children: Children) -> Expression:
        left, keyword, right = children
        return Flags(left, right, _position(keyword))

    def group(self, children: Children) -> Expression:
        bracket, inner = children
        return Group(inner, _position(bracket))

    def call(self, children: Children) -> Expression:
        name, *arguments = children
        return Call(str(name), tuple(arguments), _position(name))

    def named(self, children: Children) -> Expression:
        name, value = children
        return Named(str(name), value, _position(name))

    def condition(self, children: Children) -> Expression:
        path, variable, predicate = children
        return Condition(str(path), str(variable), predicate, _position(path))

    def path(self, children: Children) -> Expression:
        return Path(str(children[0]), _position(children[0]))

    def literal(self, children: Children) -> Expression:
        token = children[0]
        kind, text = _LITERALS[token.type](token) if token.type in _LITERALS else (LiteralKind(token.type), str(token))
        return Literal(kind, text, _position(token))


_PREFIXES = {
    "datetime": LiteralKind.DATE,
    "datetimeoffset": LiteralKind.DATE,
    "duration": LiteralKind.DURATION,
    "geography": LiteralKind.GEOGRAPHY,
    "geometry": LiteralKind.GEOGRAPHY,
    "guid": LiteralKind.GUID,
}


def _prefixed(token: str) -> tuple[LiteralKind, str]:
    prefix, _, rest = token.partition("'")
    return _PREFIXES[prefix.lower()], rest[:-1]


_LITERALS: dict[str, Callable[[str], tuple[LiteralKind, str]]] = {
    "TEXT": lambda token: (LiteralKind.TEXT, token[1:-1].replace("''", "'")),
    "PREFIXED": _prefixed,
    "MEMBER": lambda token: (LiteralKind.MEMBER, token[:-1]),
}
"""Literals whose text is not what stands in the filter; of a member ``NS.Type'Name``: the type is looked up later."""


def _position(token: Token) -> int:
    return (token.start_pos or 0) + 1


@functools.cache
def _grammar() -> Lark:
    text = FilePath(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(
        text,
        start=["filter", "order"],
        parser="lalr",
        lexer="contextual",
        transformer=_SyntaxBuilder(),
        maybe_placeholders=False,
    )
