"""Attributes on SQLite: a dictionary of values, who has which, and the numbers worth an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from prip_core.catalogue.attributes import (
    ALWAYS_INDEXED,
    RANGED,
    AttributeRows,
    Entry,
    Having,
    StoredValue,
    WantedName,
    having_of,
    wanted_names,
)
from prip_core.catalogue.database import Database

_AT_ONCE = 300  # values looked up by one statement


@dataclass(frozen=True, slots=True)
class _Name:
    name_id: int
    indexed: bool


class AttributeWriter:
    """Writes attributes; remembers the numbers of their names, which never change, and that a name is indexed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, _Name] = {}

    def keep(self, products: Sequence[AttributeRows]) -> None:
        """Write the attributes of products, or those that they have gained, in order of seq; once in a transaction, and
        inside a writing one only."""
        names = self._known_names(products)
        having = having_of(products)
        vids = self._vids(names, having)
        self._database.execute_many(
            "INSERT INTO attribute_post (vid, seq) VALUES (?, ?)",
            [(vids[entry], product.seq) for product in products for entry in product.entries],
        )
        self._database.execute_many(
            "INSERT INTO attribute_number (name_id, kind, value, seq) VALUES (?, ?, ?, ?)",
            [
                (names[entry.name].name_id, entry.kind, entry.value, product.seq)
                for product in products
                for entry in product.entries
                if entry.kind in RANGED and names[entry.name].indexed
            ],
        )

    def _known_names(self, products: Sequence[AttributeRows]) -> Mapping[str, _Name]:
        wanted = wanted_names(products, ALWAYS_INDEXED)
        unsure = {name for name, want in wanted.items() if not self._is_sure(name, want)}
        if not unsure:
            return self._names
        found = self._read_names(unsure)
        # Only what was there before this transaction is remembered: what it adds may be rolled back.
        self._names.update(found)
        new = [name for name in wanted if name not in self._names]
        self._database.execute_many("INSERT INTO attribute_name (name) VALUES (?)", [(name,) for name in new])
        begun = [name for name in unsure if wanted[name].indexed and not found.get(name, _UNKNOWN).indexed]
        for name in begun:
            self._begin_index(name)
        return {**self._names, **self._read_names({*new, *begun})} if new or begun else self._names

    def _is_sure(self, name: str, want: WantedName) -> bool:
        """Whether what is remembered of a name is enough: another process may have begun to index it since."""
        known = self._names.get(name)
        return known is not None and (known.indexed or not (want.indexed or want.ranged))

    def _read_names(self, names: set[str]) -> dict[str, _Name]:
        places = ", ".join("?" * len(names))
        rows = self._database.rows_of(
            f"SELECT name, name_id, indexed FROM attribute_name WHERE name IN ({places})",  # noqa: S608  # places only
            sorted(names),
        )
        return {name: _Name(name_id, bool(indexed)) for name, name_id, indexed in rows}

    def _begin_index(self, name: str) -> None:
        """Index a name for all products that have it: an index is of use only when it lacks nothing."""
        self._database.execute_many("UPDATE attribute_name SET indexed = 1 WHERE name = ?", [(name,)])
        kinds = ", ".join(str(int(kind)) for kind in RANGED)
        self._database.execute_many(
            "INSERT INTO attribute_number (name_id, kind, value, seq) "  # noqa: S608  # constants
            "SELECT v.name_id, v.kind, v.value, a.seq FROM attribute_name AS n "
            f"CROSS JOIN attribute_value AS v ON v.name_id = n.name_id AND v.kind IN ({kinds}) "
            "CROSS JOIN attribute_post AS a ON a.vid = v.vid WHERE n.name = ?",
            [(name,)],
        )

    def _vids(self, names: Mapping[str, _Name], having: Mapping[Entry, Having]) -> Mapping[Entry, int]:
        """The numbers of values: those that are known gain what these products add, the others are added."""
        keys = {entry: (names[entry.name].name_id, int(entry.kind), entry.value) for entry in having}
        known = self._known_vids(keys.values())
        vids = {entry: known[key] for entry, key in keys.items() if key in known}
        self._database.execute_many(
            "UPDATE attribute_value SET count = count + ?, first_seq = min(first_seq, ?), last_seq = max(last_seq, ?) "
            "WHERE name_id = ? AND kind = ? AND value = ?",
            [(having[entry].count, having[entry].first_seq, having[entry].last_seq, *keys[entry]) for entry in vids],
        )
        new = [entry for entry in having if entry not in vids]
        added = dict(zip(new, self._new_vids(len(new)), strict=True))
        self._database.execute_many(
            "INSERT INTO attribute_value (name_id, kind, value, vid, count, first_seq, last_seq) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (*keys[entry], vid, having[entry].count, having[entry].first_seq, having[entry].last_seq)
                for entry, vid in added.items()
            ],
        )
        return {**vids, **added}

    def _known_vids(self, keys: Iterable[tuple[int, int, StoredValue]]) -> Mapping[tuple[int, int, StoredValue], int]:
        found: dict[tuple[int, int, StoredValue], int] = {}
        for some in _pieces(keys):
            rows = self._database.rows_of(
                f"WITH k (name_id, kind, value) AS (VALUES {', '.join(['(?, ?, ?)'] * len(some))}) "  # noqa: S608
                "SELECT v.name_id, v.kind, v.value, v.vid FROM k CROSS JOIN attribute_value AS v "
                "ON v.name_id = k.name_id AND v.kind = k.kind AND v.value = k.value",
                [part for key in some for part in key],
            )
            found.update({(name_id, kind, value): vid for name_id, kind, value, vid in rows})
        return found

    def _new_vids(self, number: int) -> range:
        if not number:
            return range(0)
        ((last,),) = self._database.rows_of(
            "UPDATE publication_clock SET last_vid = last_vid + ? RETURNING last_vid", (number,)
        )
        return range(last - number + 1, last + 1)


_UNKNOWN = _Name(0, indexed=False)


def _pieces(keys: Iterable[tuple[int, int, StoredValue]]) -> Iterator[list[tuple[int, int, StoredValue]]]:
    iterator = iter(keys)
    while piece := list(islice(iterator, _AT_ONCE)):
        yield piece
