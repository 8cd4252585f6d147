"""A product as rows: what a publication and a restore write, for one product or thousands at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from peewee import Model

from prip_core.catalogue.attributes import AttributeRows
from prip_core.catalogue.database import Database
from prip_core.catalogue.documents import Documents, Packing
from prip_core.catalogue.rendering import RenderedProduct
from prip_core.catalogue.search_rows import SearchRow
from prip_core.catalogue.tables import Product, StoredChecksum, StoredFinding


class NumberedProduct(NamedTuple):
    """A product with its place in the order of publication."""

    seq: int
    change_seq: int
    product: RenderedProduct


class ProductWriter:
    """Writes products; remembers what the database says once and for all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._documents = Documents(database)

    def packing(self) -> Packing:
        """How products are to be rendered for this database."""
        return self._documents.packing()

    def insert(self, products: Sequence[NumberedProduct]) -> None:
        """Write products with all that belongs to them, in order of seq; inside a writing transaction only.

        :raises Contradiction: the database refuses one of them.
        """
        digest = self._database.digest
        self._insert(Product, [(seq, change_seq, *each.facts) for seq, change_seq, each in products])
        self._insert(
            StoredChecksum,
            [(seq, name, digest(value), date) for seq, _, each in products for name, value, date in each.checksums],
        )
        self._insert(StoredFinding, [(seq, *finding) for seq, _, each in products for finding in each.findings])
        searched = [_numbered(seq, each.search) for seq, _, each in products]
        self._database.search.keep(searched, [each.document for _, _, each in products])
        self._documents.learn(products[-1].seq)

    def _insert(self, table: type[Model], rows: Sequence[tuple[Any, ...]]) -> None:
        """:param rows: values in the order in which the table declares its columns."""
        if not rows:
            return
        self._database.insert(table._meta.table_name, [field.column_name for field in table._meta.sorted_fields], rows)


def _numbered(seq: int, search: SearchRow) -> SearchRow:
    name, shape, (_, entries, indexed) = search
    return SearchRow(name, shape, AttributeRows(seq, entries, indexed))
