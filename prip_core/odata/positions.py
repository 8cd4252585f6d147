"""Where a page begins, and the opaque text (``$skiptoken``) that a client carries from one page to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from prip_core.odata.ast import OrderBy, Value
from prip_core.odata.edm import PATHS, EnumType, Primitive, Property
from prip_core.odata.tokens import foreign, is_number, read_token, write_token

_OPTION = "$skiptoken"
_KINDS: Mapping[object, type] = {
    Primitive.BOOLEAN: bool,
    Primitive.DATE: int,
    Primitive.DOUBLE: float,
    Primitive.INT64: int,
    Primitive.TEXT: str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place between two products of a list: behind this one.

    :param values: of the order's keys, in their order; none in publication order, where ``seq`` says it all.
    :param seq: the product's number in publication order.
    :param since: where changes are tracked, the number of the last one when the list was begun; otherwise ``None``.
    """

    values: tuple[Value | None, ...] = ()
    seq: int
    since: int | None = None


def is_publication_order(order: tuple[OrderBy, ...]) -> bool:
    """The order is that of ``seq``, or its reverse."""
    return not order or (len(order) == 1 and order[0].property == PATHS["PublicationDate"])


def write_position(position: Position, question: str) -> str:
    """The token of a position.

    :param question: what was asked, as text. The token can be used with the same question alone.
    """
    values = [str(value) if isinstance(value, UUID) else value for value in position.values]
    return write_token([position.seq, position.since, *values], question)


def read_position(text: str, order: tuple[OrderBy, ...], question: str) -> Position:
    """The position of a token.

    :param order: the keys of the question.
    :raises BadQuery: this service did not write it, or for another question.
    """
    members = read_token(_OPTION, text, question)
    try:
        seq, since, *written = members
        keys = order if written or not is_publication_order(order) else ()
        values = tuple(_value(key.property, value) for key, value in zip(keys, written, strict=True))
    except ValueError as error:
        raise foreign(_OPTION) from error
    if not is_number(seq) or not (since is None or is_number(since)):
        raise foreign(_OPTION)
    return Position(values=values, seq=seq, since=since)


def _value(declared: Property, written: object) -> Value | None:
    """:raises ValueError: it is no value of the property."""
    if written is None and declared.nullable:
        return None
    if declared.type is Primitive.GUID and isinstance(written, str):
        return UUID(written)
    kind = int if isinstance(declared.type, EnumType) else _KINDS.get(declared.type)
    if type(written) is not kind or (kind is int and not is_number(written)):
        raise ValueError(f"{written!r} is no {declared.name}")
    if isinstance(written, str) and "\0" in written:
        raise ValueError(f"{declared.name} holds no NUL")
    return written  # type: ignore[return-value]
