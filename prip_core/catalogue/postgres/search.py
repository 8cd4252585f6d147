"""What products are found by on PostgreSQL: attribute values, names by their trigrams, footprints."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import shapely

from prip_core.catalogue.attributes import (
    ALWAYS_INDEXED,
    RANGED,
    AttributeRows,
    Entry,
    Having,
    Kind,
    StoredValue,
    WantedName,
    having_of,
    wanted_names,
)
from prip_core.catalogue.database import Database
from prip_core.catalogue.search_rows import DOCUMENT, SearchRow

_KEEP_VALUES = """
    INSERT INTO attribute_value (name_id, kind, digest, words, whole, real, count, first_seq, last_seq)
    SELECT * FROM unnest(?::integer[], ?::smallint[], ?::bytea[], ?::text[], ?::bigint[], ?::double precision[],
                         ?::bigint[], ?::bigint[], ?::bigint[])
    ON CONFLICT (name_id, kind, digest)
    DO UPDATE SET count = attribute_value.count + excluded.count,
                  first_seq = least(attribute_value.first_seq, excluded.first_seq),
                  last_seq = greatest(attribute_value.last_seq, excluded.last_seq)
    RETURNING vid, name_id, kind, digest
"""
_GAIN = """
    UPDATE document SET dictionary = ?, content = ?, attributes = ?,
                        vids = (SELECT coalesce(array_agg(v ORDER BY v), '{}') FROM unnest(vids || ?::integer[]) AS v)
    WHERE seq = ?
"""
_INDEX_ALL = """
    INSERT INTO attribute_number (name_id, kind, whole, real, seq)
    SELECT v.name_id, v.kind, v.whole, v.real, s.seq
    FROM attribute_name AS n
    JOIN attribute_value AS v ON v.name_id = n.name_id AND v.kind = ?
    JOIN document AS s ON s.vids @> ARRAY[v.vid]
    WHERE n.name = ?
"""


class Cells(NamedTuple):
    """A value as a row has it: in one of three columns, by its kind; and what it is looked up by."""

    digest: bytes
    words: str | None
    whole: int | None
    real: float | None


@dataclass(frozen=True, slots=True)
class _Name:
    name_id: int
    indexed: bool


_UNKNOWN = _Name(0, indexed=False)


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of products that are being written, and where they stand.

    :ivar vids: numbers of those that stand in the dictionary.
    """

    names: Mapping[str, _Name]
    cells: Mapping[Entry, Cells]
    vids: Mapping[Entry, int]

    def vids_of(self, product: AttributeRows) -> Sequence[int]:
        """The numbers of a product's values."""
        return sorted(self.vids[entry] for entry in product.entries if _is_listed(entry))


class PostgresSearch:
    """Writes what products are found by; remembers the numbers of attributes' names, which never change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, _Name] = {}

    def keep(self, products: Sequence[SearchRow], documents: Sequence[tuple[Any, ...]]) -> None:
        """Write that of new products, in order of seq; once in a transaction, and inside a writing one only."""
        attributes = [each.attributes for each in products]
        values = self._values(attributes)
        self._database.insert(
            "document",
            ("seq", "name", "vids", "footprint", *DOCUMENT),
            [
                (each.seq, each.name, _array(values.vids_of(each.attributes)), _hexadecimal(each.shape), *document)
                for each, document in zip(products, documents, strict=True)
            ],
        )
        self._keep_numbers(attributes, values)

    def gain(self, gains: Sequence[AttributeRows], documents: Sequence[tuple[int, bytes, int]]) -> None:
        """Write what products that are there have gained, in order of seq; as :meth:`keep`, and not both at once."""
        values = self._values(gains)
        self._database.execute_many(
            _GAIN,
            [
                (*document, _array(values.vids_of(each)), each.seq)
                for each, document in zip(gains, documents, strict=True)
            ],
        )
        self._keep_numbers(gains, values)

    def _values(self, products: Sequence[AttributeRows]) -> _Values:
        """Enter the values of products into the dictionary."""
        names = self._known_names(products)
        having = having_of(products)
        cells = {entry: cells_of(entry.value) for entry in having}
        listed = {entry: found for entry, found in having.items() if _is_listed(entry)}
        return _Values(names, cells, self._vids(listed, names, cells))

    def _keep_numbers(self, products: Sequence[AttributeRows], values: _Values) -> None:
        names, cells = values.names, values.cells
        self._database.insert(
            "attribute_number",
            ("name_id", "kind", "whole", "real", "seq"),
            [
                (names[entry.name].name_id, int(entry.kind), cells[entry].whole, cells[entry].real, each.seq)
                for each in products
                for entry in each.entries
                if entry.kind in RANGED and names[entry.name].indexed
            ],
        )

    def _known_names(self, products: Sequence[AttributeRows]) -> Mapping[str, _Name]:
        wanted = wanted_names(products, ALWAYS_INDEXED)
        unsure = [name for name, want in wanted.items() if not self._is_sure(name, want)]
        if not unsure:
            return self._names
        # Only what was there before this transaction is remembered: what it adds may be rolled back.
        found = self._read(unsure)
        self._names.update(found)
        new = [name for name in unsure if name not in found]
        begun = [name for name in unsure if wanted[name].indexed and not found.get(name, _UNKNOWN).indexed]
        self._database.execute_many("INSERT INTO attribute_name (name) VALUES (?)", [(name,) for name in new])
        for name in begun:
            self._begin_index(name)
        return {**self._names, **self._read([*new, *begun])} if new or begun else self._names

    def _is_sure(self, name: str, want: WantedName) -> bool:
        """Whether what is remembered of a name is enough: another process may have begun to index it since."""
        known = self._names.get(name)
        return known is not None and (known.indexed or not (want.indexed or want.ranged))

    def _read(self, names: Sequence[str]) -> dict[str, _Name]:
        rows = self._database.rows_of(
            "SELECT name, name_id, indexed FROM attribute_name WHERE name = ANY(?::text[])", (list(names),)
        )
        return {name: _Name(name_id, bool(indexed)) for name, name_id, indexed in rows}

    def _begin_index(self, name: str) -> None:
        """Index a name for all products that have it: an index is of use only when it lacks nothing."""
        self._database.change("UPDATE attribute_name SET indexed = 1 WHERE name = ?", (name,))
        self._database.change(_INDEX_ALL, (int(Kind.INTEGER), name))

    def _vids(
        self, having: Mapping[Entry, Having], names: Mapping[str, _Name], cells: Mapping[Entry, Cells]
    ) -> Mapping[Entry, int]:
        """The numbers of values: those that are known gain what these products add, the others are added."""
        if not having:
            return {}
        keys = {entry: (names[entry.name].name_id, int(entry.kind), cells[entry].digest) for entry in having}
        rows = [
            (*keys[entry], *cells[entry][1:], found.count, found.first_seq, found.last_seq)
            for entry, found in having.items()
        ]
        kept = self._database.rows_of(_KEEP_VALUES, [list(column) for column in zip(*rows, strict=True)])
        vids = {(name_id, kind, digest): vid for vid, name_id, kind, digest in kept}
        return {entry: vids[key] for entry, key in keys.items()}


def _is_listed(entry: Entry) -> bool:
    """Whether a value stands in the dictionary; otherwise in the index of numbers, and nowhere else."""
    return entry.kind not in ALWAYS_INDEXED


def cells_of(value: StoredValue) -> Cells:
    """A value in its column, and its digest."""
    match value:
        case str():
            return Cells(_digest(value), value, None, None)
        case float():
            positive = value + 0.0  # there is one zero
            return Cells(struct.pack(">d", positive), None, None, positive)
        case _:
            return Cells(_whole_digest(value), None, value, None)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _whole_digest(number: int) -> bytes:
    """A number itself; one that no column takes is asked for at most, and not found."""
    return struct.pack(">q", number) if -(2**63) <= number < 2**63 else _digest(str(number))


def _array(numbers: Sequence[int]) -> str:
    """As PostgreSQL writes an array: at a tenth of what the driver takes for one."""
    return f"{{{','.join(map(str, numbers))}}}"


def _hexadecimal(shape: shapely.Geometry | None) -> str | None:
    """Well-known binary in digits, as the database reads a geometry."""
    return None if shape is None else str(shapely.to_wkb(shape, hex=True, byte_order=1))
