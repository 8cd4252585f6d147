"""What products are found by on SQLite: names by their trigrams, footprints by their boxes, attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from prip_core.catalogue.attributes import AttributeRows
from prip_core.catalogue.database import Database
from prip_core.catalogue.footprint_rows import BOXES, boxes_of
from prip_core.catalogue.search_rows import DOCUMENT, SearchRow
from prip_core.catalogue.sqlite.attributes import AttributeWriter


class SqliteSearch:
    """Writes what products are found by; remembers what the database says once and for all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._attributes = AttributeWriter(database)

    def keep(self, products: Sequence[SearchRow], documents: Sequence[tuple[Any, ...]]) -> None:
        """Write that of new products, in order of seq; once in a transaction, and inside a writing one only."""
        self._database.insert(
            "document",
            ("seq", *DOCUMENT),
            [(each.seq, *document) for each, document in zip(products, documents, strict=True)],
        )
        self._database.execute_many(
            "INSERT INTO name_trigram (rowid, name) VALUES (?, ?)", [(each.seq, each.name) for each in products]
        )
        self._keep_shapes([(each.seq, each.shape) for each in products if each.shape is not None])
        self._attributes.keep([each.attributes for each in products])

    def gain(self, gains: Sequence[AttributeRows], documents: Sequence[tuple[int, bytes, int]]) -> None:
        """Write what products that are there have gained, in order of seq; as :meth:`keep`, and not both at once."""
        self._database.execute_many(
            "UPDATE document SET dictionary = ?, content = ?, attributes = ? WHERE seq = ?",
            [(*document, each.seq) for each, document in zip(gains, documents, strict=True)],
        )
        self._attributes.keep(gains)

    def _keep_shapes(self, shapes: Sequence[tuple[int, shapely.Geometry]]) -> None:
        if not shapes:
            return
        self._database.execute_many(
            "INSERT INTO footprint (seq, shape) VALUES (?, ?)",
            [(seq, shapely.to_wkb(shape, byte_order=1)) for seq, shape in shapes],
        )
        self._database.execute_many(
            "INSERT INTO footprint_box (id, west, east, south, north) VALUES (?, ?, ?, ?, ?)",
            [(seq * BOXES + part, *box) for seq, shape in shapes for part, box in enumerate(boxes_of(shape))],
        )
