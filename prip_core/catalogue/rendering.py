"""Products made ready for the catalogue: all that can be done without the database, here or in another process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from prip_core.catalogue.attributes import AttributeRows, Entry, entries_of
from prip_core.catalogue.documents import Packing
from prip_core.catalogue.search_rows import SearchRow
from prip_core.catalogue.states import EVICTED, ProductState
from prip_core.catalogue.tables import Product
from prip_core.footprint import footprint_shape
from prip_core.model import Attribute
from prip_core.odata.payload import render_attributes, render_fixed
from prip_core.products import NewProduct, PublishedProduct
from prip_core.times import to_milliseconds

_NUMBERS = ("seq", "change_seq")
_in_order = itemgetter(*(field.column_name for field in Product._meta.sorted_fields[len(_NUMBERS) :]))

assert tuple(field.column_name for field in Product._meta.sorted_fields[: len(_NUMBERS)]) == _NUMBERS


class RenderedProduct(NamedTuple):
    """What is written of a product, its numbers apart, which only the database knows; dates in milliseconds.

    :param facts: the columns of ``product`` behind its numbers.
    :param document: the values of ``DOCUMENT``.
    :param checksums: algorithm, value, date.
    :param findings: the columns of ``finding`` behind ``seq``.
    :param search: what it is found by, with a ``seq`` that is none.
    """

    id: bytes
    name: str
    online: bool
    publication_date: int
    modification_date: int
    facts: tuple[Any, ...]
    document: tuple[Any, ...]
    checksums: tuple[tuple[str, str, int], ...]
    findings: tuple[tuple[Any, ...], ...]
    search: SearchRow


def render(published: PublishedProduct, packing: Packing) -> RenderedProduct:
    """A product ready to be written.

    :param packing: as the database that it is for packs new documents.
    """
    product = published.product
    return RenderedProduct(
        id=product.id.bytes,
        name=product.name,
        online=published.online,
        publication_date=to_milliseconds(published.publication_date),
        modification_date=to_milliseconds(published.modification_date),
        facts=_facts(published),
        document=_document(published, packing),
        checksums=tuple((each.algorithm, each.value, to_milliseconds(each.date)) for each in product.checksums),
        findings=tuple(
            (position, finding.rule, finding.severity.value, finding.message, finding.member)
            for position, finding in enumerate(product.findings)
        ),
        search=_search(product),
    )


def share_entries(products: Sequence[RenderedProduct]) -> Sequence[RenderedProduct]:
    """The same products, equal attributes of which are one object: smaller and faster on the way to another process."""
    known: dict[Entry, Entry] = {}
    return [
        _with_entries(each, frozenset(known.setdefault(entry, entry) for entry in each.search.attributes.entries))
        for each in products
    ]


def _with_entries(product: RenderedProduct, entries: frozenset[Entry]) -> RenderedProduct:
    attributes = product.search.attributes._replace(entries=entries)
    return product._replace(search=product.search._replace(attributes=attributes))


def md5_of(product: NewProduct) -> str | None:
    """The MD5 of the delivered file, lower-case hex; ``None`` when it is not known."""
    return next((checksum.value.lower() for checksum in product.checksums if checksum.algorithm.upper() == "MD5"), None)


ATTRIBUTE_COLUMNS: Mapping[str, tuple[str, type[Any]]] = {
    "platform_short_name": ("platformShortName", str),
    "platform_serial_identifier": ("platformSerialIdentifier", str),
    "orbit_number": ("orbitNumber", int),
    "relative_orbit_number": ("relativeOrbitNumber", int),
}
"""Columns of a product that repeat an attribute of this name and type."""


def attribute_columns(attributes: Iterable[Attribute]) -> Mapping[str, Any]:
    """The values of :data:`ATTRIBUTE_COLUMNS`, ``None`` where there is no such attribute."""
    known = {attribute.name: attribute.value for attribute in attributes}
    return {
        column: known[name] if isinstance(known.get(name), kind) else None
        for column, (name, kind) in ATTRIBUTE_COLUMNS.items()
    }


def _facts(published: PublishedProduct) -> tuple[Any, ...]:
    product = published.product
    modified = to_milliseconds(published.modification_date)
    facts: tuple[Any, ...] = _in_order(
        {
            "id": product.id.bytes,
            "name": product.name,
            "online": int(published.online),
            "publication_date": to_milliseconds(published.publication_date),
            "modification_date": modified,
            "eviction_date": to_milliseconds(product.eviction_date),
            "origin_date": to_milliseconds(product.origin_date),
            "content_start": to_milliseconds(product.content.start),
            "content_end": to_milliseconds(product.content.end),
            "content_length": product.content_length,
            "production_type": product.production_type.number,
            "content_type": product.content_type,
            "product_type": product.product_type,
            "mission": product.mission,
            **attribute_columns(product.attributes),
            "origin_estimated": int(product.origin_estimated),
            "housekeeping": int(product.housekeeping),
            "storage": product.storage,
            "key": product.key,
            "parent": product.parent,
            **_life(published, modified),
        }
    )
    return facts


def _life(published: PublishedProduct, modified: int) -> Mapping[str, str | int | None]:
    """State, and when and why it left the list."""
    if published.online:
        return {"state": ProductState.ONLINE.value, "deletion_date": None, "deletion_cause": None}
    withdrawn = published.deletion_cause not in (None, EVICTED)
    deleted = published.deletion_date
    return {
        "state": (ProductState.WITHDRAWN if withdrawn else ProductState.EVICTED).value,
        # One that was never listed here left the list when it last changed where it comes from.
        "deletion_date": modified if deleted is None else to_milliseconds(deleted),
        "deletion_cause": published.deletion_cause,
    }


def _document(published: PublishedProduct, packing: Packing) -> tuple[Any, ...]:
    product = published.product
    fixed = render_fixed(product, published.publication_date)
    content = packing.compression.pack(fixed, render_attributes(product.attributes) if product.attributes else None)
    lists = _list_text(product.parts), _list_text(product.quicklooks)
    return packing.dictionary, content, len(product.attributes), *lists


def _list_text(names: Sequence[str]) -> str | None:
    return orjson.dumps(names).decode() if names else None


def _search(product: NewProduct) -> SearchRow:
    attributes = AttributeRows(0, entries_of(product.attributes), frozenset(product.indexed))
    return SearchRow(product.name, footprint_shape(product.footprint) if product.footprint else None, attributes)
