"""A product's attributes as the catalogue keeps them: distinct values, and which products have them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from prip_core.model import Attribute, AttributeValue
from prip_core.times import to_milliseconds

StoredValue = str | int | float
"""A date as milliseconds, a boolean as 0 or 1."""


class Kind(IntEnum):
    """The type of a stored value; part of its identity, since 1, 1.0 and true are equal to the database."""

    STRING = 0
    INTEGER = 1
    DOUBLE = 2
    BOOLEAN = 3
    DATE = 4
    NOT_A_NUMBER = 5
    """A Double as well; kept apart as text, since databases order it, or take it for null."""


RANGED = (Kind.INTEGER, Kind.DOUBLE, Kind.DATE)
"""What can be asked of ranges."""

ALWAYS_INDEXED = frozenset({Kind.DOUBLE, Kind.DATE})
"""Such values are mostly different, and asked for by ranges: their postings would have to be read one by one."""


class Entry(NamedTuple):
    """An attribute as stored; equal ones share a row of the dictionary."""

    name: str
    kind: Kind
    value: StoredValue


class AttributeRows(NamedTuple):
    """The attributes of one product.

    :param indexed: names of those whose numbers deserve an index.
    """

    seq: int
    entries: frozenset[Entry]
    indexed: frozenset[str]


def entries_of(attributes: Iterable[Attribute]) -> frozenset[Entry]:
    """Attributes as stored."""
    return frozenset(Entry(attribute.name, *_stored(attribute.value)) for attribute in attributes)


def _stored(value: AttributeValue) -> tuple[Kind, StoredValue]:
    match value:
        case bool():
            return Kind.BOOLEAN, int(value)
        case int():
            return Kind.INTEGER, value
        case float():
            return (Kind.DOUBLE, value) if value == value else (Kind.NOT_A_NUMBER, "NaN")  # noqa: PLR0124  # only NaN
        case datetime():
            return Kind.DATE, to_milliseconds(value)
        case _:
            return Kind.STRING, value


@dataclass(slots=True)
class WantedName:
    """What products that are being written want of an attribute's name.

    :ivar indexed: one of them says that its numbers deserve an index.
    :ivar ranged: one of them has a number or a date of it.
    """

    indexed: bool = False
    ranged: bool = False


def wanted_names(products: Sequence[AttributeRows], always: Collection[Kind] = ()) -> Mapping[str, WantedName]:
    """The names of the attributes of products.

    :param always: kinds of values that deserve an index whatever the products say.
    """
    wanted: dict[str, WantedName] = {}
    seen: dict[frozenset[str], set[Entry]] = {}
    for product in products:
        known = seen.setdefault(product.indexed, set())
        for entry in product.entries - known:
            want = wanted.setdefault(entry.name, WantedName())
            want.indexed |= entry.kind in always or entry.name in product.indexed
            want.ranged |= entry.kind in RANGED
        known |= product.entries
    return wanted


@dataclass(slots=True)
class Having:
    """Which products of those being written have a value."""

    count: int
    first_seq: int
    last_seq: int


def having_of(products: Sequence[AttributeRows]) -> Mapping[Entry, Having]:
    """The distinct values of products, which come in order of seq."""
    found: dict[Entry, Having] = {}
    for product in products:
        for entry in product.entries:
            having = found.get(entry)
            if having is None:
                found[entry] = Having(1, product.seq, product.seq)
            else:
                having.count += 1
                having.last_seq = product.seq
    return found
