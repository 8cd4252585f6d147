"""A product as rows: what a publication and a restore write, for one product or thousands at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from peewee import Model

from prip_core.catalogue.attributes import AttributeRows, entries_of
from prip_core.catalogue.database import Database
from prip_core.catalogue.documents import Documents, Packing
from prip_core.catalogue.search_rows import SearchRow
from prip_core.catalogue.tables import Document, Product, StoredChecksum, StoredFinding
from prip_core.footprint import footprint_shape
from prip_core.model import AttributeValue
from prip_core.odata.payload import render_attributes, render_fixed
from prip_core.products import NewProduct
from prip_core.times import from_milliseconds, to_milliseconds


class ProductState(StrEnum):
    """Where a product is in its life. A withdrawn or evicted product keeps its row and loses its bytes."""

    ONLINE = "ONLINE"
    EVICTING = "EVICTING"
    EVICTED = "EVICTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedProduct:
    """A product with its place in the order of publication; dates in milliseconds."""

    product: NewProduct
    seq: int
    change_seq: int
    publication_date: int
    modification_date: int
    online: bool


class ProductWriter:
    """Writes products; remembers what the database says once and for all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._documents = Documents(database)

    def insert(self, dated: Sequence[DatedProduct]) -> None:
        """Write products with all that belongs to them, in order of seq; inside a writing transaction only."""
        packing = self._documents.packing()
        self._insert(Product, [_product_row(each) for each in dated])
        self._insert(Document, [_document_row(each, packing) for each in dated])
        self._insert(StoredChecksum, [row for each in dated for row in self._checksum_rows(each)])
        self._insert(StoredFinding, [row for each in dated for row in _finding_rows(each)])
        self._database.search.keep([_search_row(each) for each in dated])

    def _insert(self, table: type[Model], rows: Sequence[tuple[Any, ...]]) -> None:
        """:param rows: values in the order in which the table declares its columns."""
        if not rows:
            return
        self._database.insert(table._meta.table_name, [field.column_name for field in table._meta.sorted_fields], rows)

    def _checksum_rows(self, dated: DatedProduct) -> Sequence[tuple[Any, ...]]:
        return [
            (dated.seq, checksum.algorithm, self._database.digest(checksum.value), to_milliseconds(checksum.date))
            for checksum in dated.product.checksums
        ]


def md5_of(product: NewProduct) -> str | None:
    """The MD5 of the delivered file, lower-case hex; ``None`` when it is not known."""
    return next((checksum.value.lower() for checksum in product.checksums if checksum.algorithm.upper() == "MD5"), None)


def _product_row(dated: DatedProduct) -> tuple[Any, ...]:
    product = dated.product
    attributes = {attribute.name: attribute.value for attribute in product.attributes}
    values = {
        "seq": dated.seq,
        "change_seq": dated.change_seq,
        "id": product.id.bytes,
        "name": product.name,
        "online": int(dated.online),
        "publication_date": dated.publication_date,
        "modification_date": dated.modification_date,
        "eviction_date": to_milliseconds(product.eviction_date),
        "origin_date": to_milliseconds(product.origin_date),
        "content_start": to_milliseconds(product.content.start),
        "content_end": to_milliseconds(product.content.end),
        "content_length": product.content_length,
        "production_type": product.production_type.number,
        "content_type": product.content_type,
        "product_type": product.product_type,
        "mission": product.mission,
        "platform_short_name": _of_type(str, attributes, "platformShortName"),
        "platform_serial_identifier": _of_type(str, attributes, "platformSerialIdentifier"),
        "orbit_number": _of_type(int, attributes, "orbitNumber"),
        "relative_orbit_number": _of_type(int, attributes, "relativeOrbitNumber"),
        "origin_estimated": int(product.origin_estimated),
        "housekeeping": int(product.housekeeping),
        "state": (ProductState.ONLINE if dated.online else ProductState.EVICTED).value,
        "storage": product.storage,
        "key": product.key,
        "md5": md5_of(product),
        "parent": product.parent,
        # One that was never listed here left the list when it last changed where it comes from.
        "deletion_date": None if dated.online else dated.modification_date,
        "deletion_cause": None,
    }
    return tuple(values[field.column_name] for field in Product._meta.sorted_fields)


def _of_type(kind: type[Any], attributes: Mapping[str, AttributeValue], name: str) -> AttributeValue | None:
    value = attributes.get(name)
    return value if isinstance(value, kind) else None


def _document_row(dated: DatedProduct, packing: Packing) -> tuple[Any, ...]:
    product = dated.product
    fixed = render_fixed(product, from_milliseconds(dated.publication_date))
    content = packing.compression.pack(fixed, render_attributes(product.attributes) if product.attributes else None)
    count = len(product.attributes)
    return dated.seq, packing.dictionary, content, count, _list_text(product.parts), _list_text(product.quicklooks)


def _search_row(dated: DatedProduct) -> SearchRow:
    product = dated.product
    attributes = AttributeRows(dated.seq, entries_of(product.attributes), frozenset(product.indexed))
    return SearchRow(product.name, footprint_shape(product.footprint) if product.footprint else None, attributes)


def _list_text(names: Sequence[str]) -> str | None:
    return orjson.dumps(names).decode() if names else None


def _finding_rows(dated: DatedProduct) -> Sequence[tuple[Any, ...]]:
    return [
        (dated.seq, position, finding.rule, finding.severity.value, finding.message, finding.member)
        for position, finding in enumerate(dated.product.findings)
    ]
