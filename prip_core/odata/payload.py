"""Answers as text: a product is rendered once, when it is published; answers are put together from the pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import orjson

from prip_core.footprint import footprint_geojson, footprint_wkt
from prip_core.model import Attribute, AttributeValue, Checksum, Finding
from prip_core.odata import edm
from prip_core.products import NewProduct
from prip_core.rejections import finding_documents
from prip_core.times import format_utc, parse_utc

ORIGIN_ESTIMATED = "@prip.originEstimated"
"""The annotation, in exports, that OriginDate comes from a rule, not from the chain."""

FINDINGS = "@prip.findings"
"""The annotation, in exports, of what the quality rules said."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST_MEMBER = b'"Id":'
_ORDER = {value_type: index for index, value_type in enumerate(edm.VALUE_TYPES)}
_DECLARED = {
    value_type: f"#{edm.type_name(declared)}"
    for value_type, declared in zip(edm.VALUE_TYPES, edm.ATTRIBUTES, strict=True)
}


def render_fixed(product: NewProduct, publication_date: datetime) -> str:
    """What never changes of a product: its members up to GeoFootprint, without braces around them.

    ``Online``, ``EvictionDate`` and ``ModificationDate`` are missing: :func:`product_text` adds them.

    :param publication_date: UTC.
    """
    footprint = product.footprint
    members = {
        "@odata.mediaContentType": product.content_type,
        "Id": str(product.id),
        "Name": product.name,
        "ContentType": product.content_type,
        "ContentLength": product.content_length,
        "OriginDate": format_utc(product.origin_date),
        "PublicationDate": format_utc(publication_date),
        "Checksum": [_checksum(each) for each in sorted(product.checksums, key=_md5_first)],
        "ProductionType": product.production_type.label,
        "ContentDate": {"Start": format_utc(product.content.start), "End": format_utc(product.content.end)},
        "Footprint": footprint_wkt(footprint) if footprint else None,
        "GeoFootprint": footprint_geojson(footprint) if footprint else None,
    }
    return orjson.dumps(members).decode()[1:-1]


def render_attributes(attributes: Iterable[Attribute]) -> str:
    """The ``Attributes`` of a product, a JSON array: by type in the order of :data:`edm.VALUE_TYPES`, then by name."""
    typed = sorted(((value_type(each.value), each) for each in attributes), key=_by_type_and_name)
    return orjson.dumps([_attribute(kind, each) for kind, each in typed]).decode()


def with_attributes(rendered: bytes | None, more: Iterable[Attribute]) -> str:
    """The ``Attributes`` of a product that has gained some: the text that it would have had with all of them.

    :param rendered: as :func:`render_attributes` gave it, in UTF-8; ``None``: it had none.
    :param more: those that it has not.
    """
    entries = [
        *(orjson.loads(rendered) if rendered else ()),
        *(_attribute(value_type(each.value), each) for each in more),
    ]
    return orjson.dumps(sorted(entries, key=lambda entry: (_ORDER[entry["ValueType"]], entry["Name"]))).decode()


def with_origin_date(fixed: bytes, origin_date: datetime) -> str:
    """What else stands in an answer about a product, with another OriginDate.

    :param fixed: as :func:`render_fixed` gave it, in UTF-8.
    :param origin_date: UTC.
    """
    members = orjson.loads(b"{%b}" % fixed)
    return orjson.dumps({**members, "OriginDate": format_utc(origin_date)}).decode()[1:-1]


def rendered_attributes(rendered: bytes | None) -> Mapping[str, Attribute]:
    """The attributes of a product by name, as they were before :func:`render_attributes`."""
    return {entry["Name"]: _read(entry) for entry in (orjson.loads(rendered) if rendered else ())}


def value_type(value: AttributeValue) -> str:
    """The OData ``ValueType`` of an attribute's value: String, Integer, Double, Boolean or DateTimeOffset."""
    match value:
        case bool():
            return "Boolean"
        case str():
            return "String"
        case int():
            return "Integer"
        case float():
            return "Double"
        case datetime():
            return "DateTimeOffset"


def product_text(fixed: bytes, expanded: bytes = b"", *, online: bool, eviction_ms: int, modification_ms: int) -> bytes:
    """A product, JSON in UTF-8.

    :param fixed: as :func:`render_fixed` gave it, in UTF-8.
    :param expanded: as :func:`expanded_text` gave it.
    :param eviction_ms: milliseconds since 1970-01-01 UTC; so ``modification_ms``.
    """
    return b"".join((b"{", fixed, _changing(online, eviction_ms, modification_ms), expanded, b"}"))


@lru_cache(maxsize=8192)
def _changing(online: bool, eviction_ms: int, modification_ms: int) -> bytes:
    """The members that may change; those of the newest products are asked for again and again."""
    return (
        f',"Online":{"true" if online else "false"},"EvictionDate":"{_date_text(eviction_ms)}"'
        f',"ModificationDate":"{_date_text(modification_ms)}"'
    ).encode()


def deleted_text(fixed: bytes, expanded: bytes = b"", *, deletion_ms: int | None, deletion_cause: str | None) -> bytes:
    """A product that is gone, JSON in UTF-8; it has no media type, because it has no bytes.

    :param fixed: as :func:`render_fixed` gave it, in UTF-8.
    :param expanded: as :func:`expanded_text` gave it.
    :param deletion_ms: when it went, milliseconds since 1970-01-01 UTC; ``None``: it is not known.
    :param deletion_cause: why it went; ``None``: it is not known.
    """
    declared = fixed[fixed.index(_FIRST_MEMBER) :]
    return b"".join((b"{", declared, deletion_members(deletion_ms, deletion_cause), expanded, b"}"))


def deletion_members(deletion_ms: int | None, deletion_cause: str | None) -> bytes:
    """When and why a product went, as members to be joined with others; parameters are those of
    :func:`deleted_text`."""
    date = b"null" if deletion_ms is None else f'"{_date_text(deletion_ms)}"'.encode()
    return b',"DeletionDate":%b,"DeletionCause":%b' % (date, orjson.dumps(deletion_cause))


def untold_members(findings: Sequence[Finding], *, origin_estimated: bool) -> bytes:
    """What only an export says of a product, as members to be joined with others.

    :param findings: what the quality rules said of it.
    :param origin_estimated: its OriginDate comes from a rule, not from the chain.
    """
    estimated = b',"%b":true' % ORIGIN_ESTIMATED.encode() if origin_estimated else b""
    found = b',"%b":%b' % (FINDINGS.encode(), orjson.dumps(finding_documents(findings))) if findings else b""
    return estimated + found


def expanded_text(name: str, rendered: bytes) -> bytes:
    """A navigation as a member of its product, to be joined with others.

    :param rendered: the JSON array of its entities.
    """
    return b',"%b":%b' % (name.encode(), rendered)


def entity_text(product: bytes, entity_set: str = "Products") -> bytes:
    """The answer that holds one product, JSON in UTF-8.

    :param product: as :func:`product_text`, :func:`deleted_text` or :func:`select_members` gave it.
    """
    return b'{"@odata.context":"$metadata#%b/$entity",%b' % (entity_set.encode(), product[1:])


def collection_text(
    products: Iterable[bytes], entity_set: str = "Products", *, count: int | None, links: Mapping[str, str]
) -> bytes:
    """The answer that holds a page of products, JSON in UTF-8.

    :param products: each as :func:`product_text`, :func:`deleted_text` or :func:`select_members` gave it.
    :param entity_set: what the context names.
    :param count: of all products that match, or ``None`` where it was not asked for.
    :param links: addresses by the name of their annotation, ``nextLink`` or ``deltaLink``.
    """
    counted = "" if count is None else f'"@odata.count":{count},'
    head = f'{{"@odata.context":"$metadata#{entity_set}",{counted}"value":['.encode()
    tail = b"".join(b',"@odata.%b":%b' % (name.encode(), orjson.dumps(link)) for name, link in links.items())
    # One join of everything: a page of a thousand products has three megabytes.
    separated = chain.from_iterable((b",", product) for product in products)
    return b"".join((head, *islice(separated, 1, None), b"]", tail, b"}"))


def select_members(product: bytes, select: tuple[str, ...]) -> bytes:
    """A product with only these members; annotations and expanded attributes stay.

    :param product: as :func:`product_text` gave it.
    """
    kept = {*select, *(navigation.name for navigation in edm.PRODUCT.navigations)}
    members: dict[str, Any] = orjson.loads(product)
    return orjson.dumps({name: members[name] for name in members if name in kept or name.startswith("@")})


def error_text(code: str, message: str) -> str:
    """The body of an error answer."""
    return orjson.dumps({"error": {"code": code, "message": message}}).decode()


def _md5_first(checksum: Checksum) -> bool:
    return checksum.algorithm != "MD5"


def _checksum(checksum: Checksum) -> dict[str, str]:
    return {
        "Algorithm": checksum.algorithm,
        "Value": checksum.value,
        "ChecksumDate": format_utc(checksum.date),
    }


def _by_type_and_name(typed: tuple[str, Attribute]) -> tuple[int, str]:
    return _ORDER[typed[0]], typed[1].name


def _attribute(kind: str, attribute: Attribute) -> dict[str, Any]:
    return {
        "@odata.type": _DECLARED[kind],
        "Name": attribute.name,
        "ValueType": kind,
        "Value": _json_value(attribute.value),
    }


def _read(entry: Mapping[str, Any]) -> Attribute:
    value = entry["Value"]
    if entry["ValueType"] == "DateTimeOffset":
        value = parse_utc(value)
    elif entry["ValueType"] == "Double":
        value = float(value)  # it reads NaN, INF and -INF as well
    return Attribute(name=entry["Name"], value=value)


def _json_value(value: AttributeValue) -> str | int | float | bool:
    """Dates as text; doubles that JSON has no number for as OData spells them."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, float) and value - value != 0:
        return {"nan": "NaN", "inf": "INF", "-inf": "-INF"}[str(value)]
    return value


def _date_text(milliseconds: int) -> str:
    """Like :func:`prip_core.times.format_utc`, at less than half its cost: it runs twice for each product of a page."""
    return f"{(_EPOCH + timedelta(milliseconds=milliseconds)).isoformat('T', 'milliseconds')}Z"
