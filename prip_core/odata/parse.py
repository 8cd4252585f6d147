"""From the texts of ``$filter`` and ``$orderby`` to typed trees."""

from __future__ import annotations

import functools

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata import edm
from prip_core.odata.ast import Node, OrderBy
from prip_core.odata.grammar import parse_order_syntax, parse_syntax
from prip_core.odata.limits import check_length, check_nesting
from prip_core.odata.names import Names
from prip_core.odata.resolve import resolve
from prip_core.odata.syntax import OrderKey, Path, bare, position

_KEPT_LENGTH = 4000
"""Trees of longer texts are not kept: areas of thousands of corners would fill the memory."""


def parse_filter(text: str, entity: edm.EntityType = edm.PRODUCT) -> Node:
    """Read a ``$filter``; trees are kept by text. One pair of double quotes around the whole is taken off.

    :param entity: whose properties it names.
    :raises BadQuery: it is no filter, is too large, or names or compares what products do not have.
    :raises UnsupportedQuery: it is a filter, but uses a part of OData that is not served.
    """
    check_length("$filter", text)
    if len(text) > _KEPT_LENGTH:
        return _read_filter(text, entity.name)
    return _kept_filter(text, entity.name)


def parse_order(text: str, entity: edm.EntityType = edm.PRODUCT) -> tuple[OrderBy, ...]:
    """Read an ``$orderby``: properties with ``asc`` or ``desc``.

    :param entity: whose properties it names.
    :raises BadQuery: a property is unknown or named twice, or it is no list of properties.
    :raises UnsupportedQuery: it orders by expressions or attributes.
    """
    check_length("$orderby", text)
    return _kept_order(text, entity.name)


def _read_filter(text: str, entity: str) -> Node:
    text = _without_quotes(text)
    if not text.strip():
        raise BadQuery("$filter is empty; leave it out to ask for everything")
    if "\x00" in text:
        raise BadQuery("$filter holds a null character")
    check_nesting(text)
    return resolve(parse_syntax(text), Names(edm.entity_type(entity)))


def _without_quotes(text: str) -> str:
    """Blanks take the place of the quotes: positions in errors stay those of the client's text."""
    inner = text.strip()
    if len(inner) >= 2 and inner[0] == inner[-1] == '"':
        return f"{text[: text.index(inner) + 1].replace(chr(34), ' ')}{inner[1:-1]} "
    return text


def _read_order(text: str, entity: str) -> tuple[OrderBy, ...]:
    names = Names(edm.entity_type(entity), "$orderby")
    keys = tuple(_order_by(key, names) for key in parse_order_syntax(text))
    named = [key.property.name for key in keys]
    for name in named:
        if named.count(name) > 1:
            raise BadQuery(f"$orderby names {name} twice")
    return keys


def _order_by(key: OrderKey, names: Names) -> OrderBy:
    expression = bare(key.expression)
    if not isinstance(expression, Path):
        raise UnsupportedQuery(
            f"$orderby at character {position(expression)}: ordering by expressions is not served; what can be ordered"
            f" by: {', '.join(names.paths)}"
        )
    return OrderBy(names.orderable(expression), descending=key.descending)


_kept_filter = functools.lru_cache(maxsize=512)(_read_filter)
_kept_order = functools.lru_cache(maxsize=128)(_read_order)
