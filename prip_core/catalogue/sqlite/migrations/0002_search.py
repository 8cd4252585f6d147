"""Searching at full size: compressed documents, trigrams of names, boxes and shapes, ranges and spans of attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import shapely

from prip_core.catalogue.checksum_rows import packed_digest
from prip_core.catalogue.common_text import common_text
from prip_core.catalogue.documents import Compression
from prip_core.catalogue.footprint_rows import BOXES, boxes_of
from prip_core.footprint import footprint_shape
from prip_core.model import Footprint

_BATCH = 5000
_NUMERIC = "(1, 2, 4)"  # Integer, Double, DateTimeOffset

TABLES = (
    # When a product left the list, and why; both null while it is listed.
    "ALTER TABLE product ADD COLUMN deletion_date INTEGER",
    "ALTER TABLE product ADD COLUMN deletion_cause TEXT",
    # Delta links: what changed since, in the order of the changes.
    "CREATE INDEX product_change_seq ON product (change_seq)",
    # The list of deleted products by the date of their deletion.
    "CREATE INDEX product_deletion_date ON product (deletion_date) WHERE deletion_date IS NOT NULL",
    # What documents were compressed with; a row is never changed.
    "CREATE TABLE document_dictionary (id INTEGER PRIMARY KEY, content BLOB NOT NULL)",
    "ALTER TABLE document RENAME TO document_0001",
    # Both pieces of the answer's text in one compressed blob; `attributes` is the number of them.
    """
    CREATE TABLE document (
        seq INTEGER PRIMARY KEY REFERENCES product (seq),
        dictionary INTEGER NOT NULL REFERENCES document_dictionary (id),
        content BLOB NOT NULL,
        attributes INTEGER NOT NULL,
        parts TEXT,
        quicklooks TEXT
    )
    """,
    # Names by their trigrams, seq as rowid: no positions, no lengths; what it finds is checked against the name.
    """
    CREATE VIRTUAL TABLE name_trigram USING fts5 (
        name, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'
    )
    """,
    # Shapes as WKB, and their boxes; the box has twice the seq as its id, and one more for a second box.
    "CREATE TABLE footprint (seq INTEGER PRIMARY KEY REFERENCES product (seq), shape BLOB NOT NULL)",
    "CREATE VIRTUAL TABLE footprint_box USING rtree (id, west, east, south, north)",
    # `indexed`: all numbers and dates of this name stand in attribute_number.
    "ALTER TABLE attribute_name ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0",
    # The number of the last attribute value, handed out under the write lock.
    "ALTER TABLE publication_clock ADD COLUMN last_vid INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE attribute_value RENAME TO attribute_value_0001",
    # Clustered by what is looked up. `count`, `first_seq` and `last_seq` say how many products have it, and where.
    """
    CREATE TABLE attribute_value (
        name_id INTEGER NOT NULL REFERENCES attribute_name (name_id),
        kind INTEGER NOT NULL,
        value NOT NULL,
        vid INTEGER NOT NULL,
        count INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        PRIMARY KEY (name_id, kind, value)
    ) WITHOUT ROWID
    """,
    "ALTER TABLE attribute_number RENAME TO attribute_number_0001",
    """
    CREATE TABLE attribute_number (
        name_id INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        value NUMERIC NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (name_id, kind, value, seq)
    ) WITHOUT ROWID
    """,
    # The same in publication order: a range that many products lie in is met by walking.
    "CREATE INDEX attribute_number_seq ON attribute_number (name_id, seq)",
)
CONVERSIONS = (
    "UPDATE product SET deletion_date = modification_date WHERE online = 0",
    "INSERT INTO name_trigram (rowid, name) SELECT seq, name FROM product ORDER BY seq",
    """
    INSERT INTO attribute_value (name_id, kind, value, vid, count, first_seq, last_seq)
    SELECT v.name_id, v.kind, v.value, v.vid, v.count, e.first_seq, e.last_seq
    FROM (SELECT vid, min(seq) AS first_seq, max(seq) AS last_seq FROM attribute_post GROUP BY vid) AS e
    CROSS JOIN attribute_value_0001 AS v ON v.vid = e.vid
    """,
    "UPDATE publication_clock SET last_vid = (SELECT coalesce(max(vid), 0) FROM attribute_value_0001)",
    """
    UPDATE attribute_name SET indexed = 1
    WHERE name_id IN (SELECT name_id FROM attribute_number_0001)
    OR name_id IN (SELECT name_id FROM attribute_value WHERE kind IN (2, 4))
    """,
    f"""
    INSERT INTO attribute_number (name_id, kind, value, seq)
    SELECT v.name_id, v.kind, v.value, a.seq
    FROM attribute_name AS n
    CROSS JOIN attribute_value AS v ON v.name_id = n.name_id AND v.kind IN {_NUMERIC}
    CROSS JOIN attribute_post AS a ON a.vid = v.vid
    WHERE n.indexed = 1
    """,  # noqa: S608  # a constant
    "DROP TABLE document_0001",
    "DROP TABLE attribute_value_0001",
    "DROP TABLE attribute_number_0001",
    # A checksum is looked up by its first bytes: as good as all of them, and smaller.
    "CREATE INDEX checksum_value ON checksum (substr(value, 1, 8))",
    # It stands among the checksums.
    "ALTER TABLE product DROP COLUMN md5",
)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make the tables and fill them from what is there, in the runner's one transaction: all of it or nothing."""
    for statement in TABLES:
        database.execute_sql(statement)
    dictionary = common_text()
    database.execute_sql("INSERT INTO document_dictionary (id, content) VALUES (1, ?)", (dictionary,))
    compression = Compression(dictionary)
    connection = database.connection()
    for batch in _batches(database, "SELECT seq, fixed, attributes, parts, quicklooks FROM document_0001"):
        connection.executemany(
            "INSERT INTO document (seq, dictionary, content, attributes, parts, quicklooks) VALUES (?, 1, ?, ?, ?, ?)",
            [_document(compression, row) for row in batch],
        )
        shapes = {seq: shape for seq, fixed, *_ in batch if (shape := _shape(fixed)) is not None}
        _keep_shapes(connection, shapes)
    for batch in _batches(database, "SELECT seq, algorithm, value FROM checksum"):
        connection.executemany(
            "UPDATE checksum SET value = ? WHERE seq = ? AND algorithm = ?",
            [(packed_digest(value), seq, algorithm) for seq, algorithm, value in batch],
        )
    for statement in CONVERSIONS:
        database.execute_sql(statement)


def _batches(database: Any, question: str) -> Iterator[Sequence[Any]]:
    """Rows of a table, a range of seq at a time."""
    ((last,),) = database.execute_sql("SELECT coalesce(max(seq), 0) FROM product").fetchall()
    for first in range(1, last + 1, _BATCH):
        yield database.execute_sql(f"{question} WHERE seq BETWEEN ? AND ?", (first, first + _BATCH - 1)).fetchall()


def _document(compression: Compression, row: Sequence[Any]) -> Sequence[Any]:
    seq, fixed, attributes, parts, quicklooks = row
    count = len(orjson.loads(attributes)) if attributes else 0
    return seq, compression.pack(fixed, attributes), count, parts, quicklooks


def _shape(fixed: str) -> shapely.Geometry | None:
    geometry = orjson.loads(f"{{{fixed}}}")["GeoFootprint"]
    if geometry is None:
        return None
    if geometry["type"] == "LineString":
        return footprint_shape(Footprint(line=tuple(map(tuple, geometry["coordinates"]))))
    return shapely.from_geojson(orjson.dumps(geometry))


def _keep_shapes(connection: Any, shapes: dict[int, shapely.Geometry]) -> None:
    connection.executemany(
        "INSERT INTO footprint (seq, shape) VALUES (?, ?)",
        [(seq, shapely.to_wkb(shape, byte_order=1)) for seq, shape in shapes.items()],
    )
    connection.executemany(
        "INSERT INTO footprint_box (id, west, east, south, north) VALUES (?, ?, ?, ?, ?)",
        [(seq * BOXES + part, *box) for seq, shape in shapes.items() for part, box in enumerate(boxes_of(shape))],
    )
