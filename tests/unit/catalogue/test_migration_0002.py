"""A database of the first schema becomes what a new one would be, with the same products in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee
import pytest
from playhouse.migrations import Runner

from prip_core.catalogue import Catalogue, open_catalogue, schema, upgrade
from prip_core.catalogue.attributes import RANGED, entries_of
from prip_core.catalogue.sqlite.database import SqliteDatabase
from prip_core.model import Attribute, Checksum, Footprint
from prip_core.odata.options import Query
from prip_core.odata.payload import render_attributes, render_fixed
from prip_core.products import NewProduct, PublishedProduct
from prip_core.testing.clock import FixedClock
from prip_core.times import to_milliseconds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SQUARE = ((10.0, 1.0), (11.0, 1.0), (11.0, 2.0), (10.0, 2.0), (10.0, 1.0))
WEST = tuple((x - 191.0, y) for x, y in SQUARE)
FOOTPRINTS = (
    None,
    Footprint(polygons=(SQUARE,)),
    Footprint(polygons=(tuple((x + 169.0, y) for x, y in SQUARE), WEST)),
    Footprint(line=((-1.0, 2.0), (3.0, 4.0))),
)
TABLES = (
    "product", "document", "checksum", "finding", "attribute_post", "attribute_number", "footprint", "footprint_box",
    "publication_clock",
)  # fmt: skip


@pytest.fixture
def products(new_product: Callable[..., NewProduct]) -> Sequence[PublishedProduct]:
    def product(number: int) -> NewProduct:
        return new_product(
            footprint=FOOTPRINTS[number % len(FOOTPRINTS)],
            attributes=() if number == 7 else (*new_product().attributes, Attribute(name="n", value=number // 3)),
            checksums=(
                Checksum(algorithm="MD5", value=f"{number:032x}", date=NOW),
                Checksum(algorithm="OWN", value=f"Not hex {number}", date=NOW),
            ),
            quicklooks=("x/y.jpg",) if number % 2 else (),
            parts=("part",) if number % 3 else (),
        )

    return [
        PublishedProduct(product=product(number), publication_date=NOW, modification_date=NOW, online=number > 3)
        for number in range(23)
    ]


def write_first_schema(path: Path, products: Sequence[PublishedProduct]) -> None:
    """A database as the first migration and the program of its time left it."""
    database = peewee.SqliteDatabase(path)
    Runner(database, str(SqliteDatabase.MIGRATIONS), table_name=schema._HISTORY).up("0001_first_tables")
    database.close()
    connection = sqlite3.connect(path)
    with connection:
        for seq, published in enumerate(products, start=1):
            write_product(connection, seq, published)
        connection.execute(
            "UPDATE publication_clock SET last_seq = ?, last_change_seq = ?, last_date = ?, products = ?, online = ?",
            (seq, seq, to_milliseconds(NOW), seq, sum(each.online for each in products)),
        )
    connection.close()


def insert(connection: sqlite3.Connection, table: str, *values: Any) -> None:
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


def write_product(connection: sqlite3.Connection, seq: int, published: PublishedProduct) -> None:
    product = published.product
    now, never = to_milliseconds(NOW), to_milliseconds(product.eviction_date)
    dates = (now, now, never, to_milliseconds(product.origin_date))
    content = (to_milliseconds(product.content.start), to_milliseconds(product.content.end))
    named = {attribute.name: attribute.value for attribute in product.attributes}
    insert(
        connection, "product", seq, seq, product.id.bytes, product.name, int(published.online), *dates, *content,
        product.content_length, 0, product.content_type, product.product_type, product.mission,
        named.get("platformShortName"), named.get("platformSerialIdentifier"), named.get("orbitNumber"), None, 0, 0,
        "ONLINE" if published.online else "EVICTED", product.storage, product.key, product.checksums[0].value, None,
    )  # fmt: skip
    attributes = render_attributes(product.attributes) if product.attributes else None
    lists = ('["part"]' if product.parts else None, '["x/y.jpg"]' if product.quicklooks else None)
    insert(connection, "document", seq, render_fixed(product, NOW), attributes, *lists)
    for checksum in product.checksums:
        insert(connection, "checksum", seq, checksum.algorithm, checksum.value, now)
    for entry in entries_of(product.attributes):
        connection.execute("INSERT OR IGNORE INTO attribute_name (name) VALUES (?)", (entry.name,))
        ((name_id,),) = connection.execute("SELECT name_id FROM attribute_name WHERE name = ?", (entry.name,))
        ((vid,),) = connection.execute(
            "INSERT INTO attribute_value (name_id, kind, value, count) VALUES (?, ?, ?, 1) "
            "ON CONFLICT DO UPDATE SET count = count + 1 RETURNING vid",
            (name_id, entry.kind, entry.value),
        )
        insert(connection, "attribute_post", vid, seq)
        if entry.name in product.indexed and entry.kind in RANGED:
            insert(connection, "attribute_number", name_id, entry.value, seq)


def content(path: Path, table: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
    finally:
        connection.close()


def search(path: Path, question: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def opened(path: Path) -> Catalogue:
    return open_catalogue(f"sqlite:///{path}", FixedClock(NOW))


def test_an_old_database_becomes_what_a_new_one_would_be(
    products: Sequence[PublishedProduct], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    write_first_schema(old, products)
    assert upgrade(f"sqlite:///{old}")[0] == "0002_search"
    upgrade(f"sqlite:///{new}")
    opened(new).publication.restore(products)
    for table in TABLES:
        names = [column[1] for column in search(new, f"PRAGMA table_info({table})")]
        assert names == [column[1] for column in search(old, f"PRAGMA table_info({table})")]
        if table != "attribute_post":
            numbers = {"attribute_number": "name_id"}.get(table, "")
            assert without(numbers, names, content(old, table)) == without(numbers, names, content(new, table)), table
    spans = (
        "SELECT name, kind, value, count, first_seq, last_seq FROM attribute_value JOIN attribute_name USING (name_id)"
    )
    assert sorted(search(old, spans), key=repr) == sorted(search(new, spans), key=repr)
    asked = Query(top=100, expand=frozenset({"Attributes", "Quicklooks"}))
    assert opened(old).products.page(asked, list_evicted=True) == opened(new).products.page(asked, list_evicted=True)


def without(column: str, names: list[str], rows: list[Any]) -> list[Any]:
    """Rows without the numbers that depend on the order in which values were met."""
    return sorted(
        (tuple(value for name, value in zip(names, row, strict=True) if name != column) for row in rows), key=repr
    )


def test_it_goes_on_as_a_new_one_would(
    products: Sequence[PublishedProduct], tmp_path: Path, new_product: Callable[..., NewProduct]
) -> None:
    """Values that are new get numbers that no other has."""
    path = tmp_path / "old.db"
    write_first_schema(path, products)
    upgrade(f"sqlite:///{path}")
    more = new_product(attributes=(Attribute(name="new", value="x"), Attribute(name="n", value=0)))
    opened(path).publication.restore(
        [PublishedProduct(product=more, publication_date=NOW, modification_date=NOW, online=True)]
    )
    ((values, numbers),) = search(path, "SELECT count(*), count(DISTINCT vid) FROM attribute_value")
    assert values == numbers
    assert search(
        path,
        "SELECT v.count, v.last_seq FROM attribute_value AS v JOIN attribute_name USING (name_id) "
        "WHERE name = 'n' AND value = 0",
    ) == [(4, 24)]
    name = f'"{more.name[5:8]}" AND "{more.name[-7:-4]}"'
    assert (24,) in search(path, f"SELECT rowid FROM name_trigram WHERE name_trigram MATCH '{name}'")
    assert (1,) in search(path, "SELECT rowid FROM name_trigram WHERE name_trigram MATCH '\"OPE\"'")


def test_an_interrupted_migration_leaves_nothing_behind(
    products: Sequence[PublishedProduct], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    write_first_schema(path, products)
    before = content(path, "sqlite_master")
    with monkeypatch.context() as patch:
        patch.setattr("prip_core.catalogue.footprint_rows.boxes_of", lambda shape: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            upgrade(f"sqlite:///{path}")
    assert content(path, "sqlite_master") == before
    assert upgrade(f"sqlite:///{path}")[0] == "0002_search"
