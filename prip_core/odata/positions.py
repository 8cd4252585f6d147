"""Where a page begins, and the opaque text (``$skiptoken``) that a client carries from one page to the next."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

import orjson

from prip_core.errors import BadQuery
from prip_core.odata.ast import OrderBy, Value
from prip_core.odata.edm import EnumType, Primitive, Property

_DIGEST_BYTES = 6
_INT64 = range(-(2**63), 2**63)
_KINDS: dict[Primitive, type] = {
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
    """

    values: tuple[Value | None, ...] = ()
    seq: int


def write_position(position: Position, question: str) -> str:
    """The token of a position.

    :param question: what was asked, as text. The token can be used with the same question alone.
    """
    values = [str(value) if isinstance(value, UUID) else value for value in position.values]
    return _encoded([_digest(question), position.seq, *values])


def read_position(text: str, order: tuple[OrderBy, ...], question: str) -> Position:
    """The position of a token.

    :param order: the keys of the question.
    :raises BadQuery: this service did not write it, or for another question.
    """
    try:
        digest, seq, *written = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        keys = order if written else ()
        values = tuple(_value(key.property, value) for key, value in zip(keys, written, strict=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise _foreign() from error
    if type(seq) is not int or seq not in _INT64 or _encoded([digest, seq, *written]) != text:
        raise _foreign()
    if digest != _digest(question):
        raise BadQuery("$skiptoken belongs to another $filter or $orderby; follow @odata.nextLink as it stands")
    return Position(values=values, seq=seq)


def _value(declared: Property, written: object) -> Value | None:
    """:raises ValueError: it is no value of the property."""
    if written is None and declared.nullable:
        return None
    if declared.type is Primitive.GUID and isinstance(written, str):
        return UUID(written)
    kind = int if isinstance(declared.type, EnumType) else _KINDS.get(declared.type)  # type: ignore[arg-type]
    if type(written) is not kind or (isinstance(written, int) and written not in _INT64):
        raise ValueError(f"{written!r} is no {declared.name}")
    return written  # type: ignore[return-value]


def _digest(question: str) -> str:
    return blake2b(question.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def _encoded(members: list[object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(members)).decode().rstrip("=")


def _foreign() -> BadQuery:
    return BadQuery("$skiptoken is none of this service; follow @odata.nextLink as it stands")
