"""A product's attributes in the catalogue: a dictionary of values, who has which, and the numbers worth an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from prip_core.catalogue.database import Database
from prip_core.catalogue.tables import AttributeName
from prip_core.model import Attribute, AttributeValue
from prip_core.products import NewProduct
from prip_core.times import to_milliseconds


class _Kind(IntEnum):
    """The type of a stored value; part of its identity, since 1, 1.0 and true are equal to the database."""

    STRING = 0
    INTEGER = 1
    DOUBLE = 2
    BOOLEAN = 3
    DATE = 4


_INDEXED_KINDS = frozenset({_Kind.INTEGER, _Kind.DOUBLE, _Kind.DATE})


class _Entry(NamedTuple):
    """A distinct value: the name's number, the kind, the value as stored."""

    name_id: int
    kind: _Kind
    value: str | int | float


def keep_attributes(database: Database, products: Sequence[tuple[int, NewProduct]]) -> None:
    """Write the attributes of products, each with its seq; inside a writing transaction only."""
    name_ids = _name_ids(database, {attribute.name for _, product in products for attribute in product.attributes})
    entries = {seq: _entries(product.attributes, name_ids) for seq, product in products}
    counts = Counter(entry for of_one in entries.values() for entry in of_one)
    vids = {entry: _vid(database, entry, count) for entry, count in counts.items()}
    database.execute_many(
        "INSERT INTO attribute_post (vid, seq) VALUES (?, ?)",
        [(vids[entry], seq) for seq, of_one in entries.items() for entry in of_one],
    )
    indexed = {seq: {name_ids[name] for name in product.indexed if name in name_ids} for seq, product in products}
    database.execute_many(
        "INSERT INTO attribute_number (name_id, value, seq) VALUES (?, ?, ?)",
        [
            (entry.name_id, entry.value, seq)
            for seq, of_one in entries.items()
            for entry in of_one
            if entry.kind in _INDEXED_KINDS and entry.name_id in indexed[seq]
        ],
    )


def _entries(attributes: Sequence[Attribute], name_ids: Mapping[str, int]) -> frozenset[_Entry]:
    return frozenset(_Entry(name_ids[attribute.name], *_stored(attribute.value)) for attribute in attributes)


def _stored(value: AttributeValue) -> tuple[_Kind, str | int | float]:
    """An attribute's value as the database keeps it: a date as milliseconds, a boolean as 0 or 1."""
    match value:
        case bool():
            return _Kind.BOOLEAN, int(value)
        case int():
            return _Kind.INTEGER, value
        case float():
            return _Kind.DOUBLE, value
        case datetime():
            return _Kind.DATE, to_milliseconds(value)
        case _:
            return _Kind.STRING, value


def _name_ids(database: Database, names: set[str]) -> Mapping[str, int]:
    query = AttributeName.select(AttributeName.name, AttributeName.name_id).where(AttributeName.name.in_(sorted(names)))
    known: dict[str, int] = dict(database.rows(query))
    if missing := sorted(names - known.keys()):
        database.execute_many("INSERT INTO attribute_name (name) VALUES (?)", [(name,) for name in missing])
        return dict(database.rows(query))
    return known


def _vid(database: Database, entry: _Entry, count: int) -> int:
    ((vid,),) = database.rows_of(
        """
        INSERT INTO attribute_value (name_id, kind, value, count) VALUES (?, ?, ?, ?)
        ON CONFLICT (name_id, kind, value) DO UPDATE SET count = count + excluded.count
        RETURNING vid
        """,
        (*entry, count),
    )
    return int(vid)
