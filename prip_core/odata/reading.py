"""Reading OData products back: what an export or another delivery point's answer says of a product."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import shapely

from prip_core.errors import ProductRejected
from prip_core.footprint import footprint_of_line
from prip_core.model import (
    Attribute,
    AttributeValue,
    Checksum,
    Finding,
    Footprint,
    Position,
    ProductionType,
    ProductType,
    TimeRange,
)
from prip_core.odata.edm import member_name
from prip_core.odata.payload import FINDINGS, ORIGIN_ESTIMATED
from prip_core.products import NewProduct, PublishedProduct
from prip_core.rejections import read_finding
from prip_core.times import NEVER, parse_utc

KindOf = Callable[[str, str | None], ProductType | None]
"""From a product's name and its ``productType`` attribute to its type; ``None``: nobody here knows it."""


_PLAIN: Mapping[object, type] = {"String": str, "Integer": int, "Boolean": bool}
"""Value types whose JSON values are what Python has of them."""

_INT64 = range(-(1 << 63), 1 << 63)
_LONGEST_NAME = 255
_MEDIA_TYPE = re.compile(r"[!-~]+/[ -~]+")  # it becomes a header of a download


class _Deletion(TypedDict):
    deletion_date: datetime | None
    deletion_cause: str | None


class Unreadable(ValueError):
    """The document is no product that this program can keep; the text says which member is wrong, and how."""


def read_product(document: object, kind_of: KindOf) -> PublishedProduct:
    """Read one product with its expanded ``Attributes``.

    :param document: decoded JSON.
    :raises Unreadable: a member is missing or wrong.
    """
    if not isinstance(document, dict):
        raise Unreadable("this is no JSON object")
    name = _file_name(document)
    attributes = _attributes(document)
    kind = kind_of(name, _product_type(attributes))
    if kind is None:
        raise Unreadable(f"{name}: its type belongs to no mission of this delivery point")
    published = _date(document, "PublicationDate")
    return PublishedProduct(
        product=_product(document, kind, attributes, published),
        publication_date=published,
        modification_date=max(published, _date(document, "ModificationDate", published)),
        online=document.get("Online") is not False,
        pictures=_pictures(document),
        **_deletion(document),
    )


def _product(
    document: Mapping[str, Any], kind: ProductType, attributes: tuple[Attribute, ...], published: datetime
) -> NewProduct:
    return NewProduct(
        id=_uuid(document),
        name=_file_name(document),
        product_type=kind.code,
        mission=kind.mission,
        content_type=_content_type(document, kind),
        content_length=_length(document),
        content=_content(document),
        origin_date=_date(document, "OriginDate", published),
        origin_estimated=not document.get("OriginDate") or document.get(ORIGIN_ESTIMATED) is True,
        eviction_date=_date(document, "EvictionDate", NEVER),
        production_type=_production_type(document.get("ProductionType")),
        checksums=_checksums(document, published),
        footprint=_footprint(document),
        attributes=attributes,
        indexed=kind.indexed,
        storage="",
        key="",
        parent=_parent(kind, attributes),
        housekeeping=kind.housekeeping,
        findings=_findings(document),
    )


def _findings(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What the quality rules said; an export says so."""
    return tuple(_finding(each) for each in _list(document, FINDINGS)) if document.get(FINDINGS) else ()


def _finding(value: object) -> Finding:
    try:
        finding = read_finding(value) if isinstance(value, dict) else None
    except (KeyError, ValueError):
        finding = None
    if finding is None or "\0" in f"{finding.rule}{finding.message}{finding.member}":
        raise Unreadable(f"{FINDINGS}: expected rule, severity, message and member, found {value!r}")
    return finding


def _parent(kind: ProductType, attributes: Sequence[Attribute]) -> str | None:
    stated = (each.value for each in attributes if each.name == kind.parent_attribute)
    return next((value for value in stated if isinstance(value, str)), None)


def _pictures(document: Mapping[str, Any]) -> tuple[str, ...]:
    """File names of expanded ``Quicklooks``, if there are any."""
    found = _list(document, "Quicklooks") if document.get("Quicklooks") else ()
    return tuple(_picture(each) for each in found)


def _picture(value: object) -> str:
    name = value.get("Image") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name or name.startswith(".") or "/" in name or not name.isprintable():
        raise Unreadable(f"Quicklooks: expected Image, a file name without folder, found {value!r}")
    return name


def _deletion(document: Mapping[str, Any]) -> _Deletion:
    """When and why it left the list; an export says so."""
    date, cause = document.get("DeletionDate"), document.get("DeletionCause")
    return _Deletion(
        deletion_date=_moment(date, "DeletionDate") if date else None,
        deletion_cause=_text(document, "DeletionCause") if cause else None,
    )


def _file_name(document: Mapping[str, Any]) -> str:
    name = _text(document, "Name")
    if "/" in name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise Unreadable(f"Name: expected the name of a file, found {name[:_LONGEST_NAME]!r}")
    return name


def _content_type(document: Mapping[str, Any], kind: ProductType) -> str:
    written = document.get("ContentType")
    if written and not _MEDIA_TYPE.fullmatch(str(written)):
        raise Unreadable(f"ContentType: expected a media type, found {written!r}")
    return str(written) if written else kind.content_type


def _text(document: Mapping[str, Any], member: str) -> str:
    value = document.get(member)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{member}: expected text, found {value!r}")
    if "\0" in value:
        raise Unreadable(f"{member}: a text holds no NUL, found {value[:_LONGEST_NAME]!r}")
    return value


def _uuid(document: Mapping[str, Any]) -> UUID:
    try:
        return UUID(_text(document, "Id"))
    except ValueError as error:
        raise Unreadable(f"Id: {document.get('Id')!r} is no UUID") from error


def _length(document: Mapping[str, Any]) -> int:
    value = document.get("ContentLength")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0 or value not in _INT64:
        raise Unreadable(f"ContentLength: expected a number of bytes, found {value!r}")
    return value


def _date(document: Mapping[str, Any], member: str, default: datetime | None = None) -> datetime:
    """A date; the default where it is missing, null or empty (some delivery points write no date as ``""``)."""
    value = document.get(member)
    if default is not None and not value:
        return default
    return _moment(value, member)


def _moment(value: object, member: str) -> datetime:
    try:
        return parse_utc(value if isinstance(value, str) else "")
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{member}: expected a date and time, found {value!r}") from error


def _content(document: Mapping[str, Any]) -> TimeRange:
    content = document.get("ContentDate")
    if not isinstance(content, dict):
        raise Unreadable(f"ContentDate: expected Start and End, found {content!r}")
    start, end = _moment(content.get("Start"), "ContentDate/Start"), _moment(content.get("End"), "ContentDate/End")
    if end < start:
        raise Unreadable("ContentDate: it ends before it starts")
    return TimeRange(start=start, end=end)


def _production_type(value: object) -> ProductionType:
    """No value means the ordinary case."""
    if not value:
        return ProductionType.SYSTEMATIC
    try:
        return ProductionType.of(member_name(str(value)))
    except ValueError as error:
        raise Unreadable(f"ProductionType: {error}") from error


def _checksums(document: Mapping[str, Any], published: datetime) -> tuple[Checksum, ...]:
    found = [_checksum(each, published) for each in _list(document, "Checksum")]
    algorithms = [checksum.algorithm for checksum in found]
    if "MD5" not in algorithms:
        raise Unreadable("Checksum: there is no MD5 among them")
    if len(set(algorithms)) < len(algorithms):
        raise Unreadable("Checksum: an algorithm stands twice")
    return tuple(found)


def _checksum(value: object, published: datetime) -> Checksum:
    if not isinstance(value, dict):
        raise Unreadable(f"Checksum: expected Algorithm and Value, found {value!r}")
    return Checksum(
        algorithm=_text(value, "Algorithm").upper(),
        value=_text(value, "Value").lower(),
        date=_date(value, "ChecksumDate", published),
    )


def _list(document: Mapping[str, Any], member: str) -> Sequence[object]:
    value = document.get(member)
    if not isinstance(value, list):
        raise Unreadable(f"{member}: expected a list, found {value!r}")
    return value


def _attributes(document: Mapping[str, Any]) -> tuple[Attribute, ...]:
    if "Attributes" not in document:
        raise Unreadable("Attributes: missing; ask for products with $expand=Attributes")
    found = tuple(_attribute(each) for each in _list(document, "Attributes"))
    names = [attribute.name for attribute in found]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise Unreadable(f"Attributes: {', '.join(twice)} stands twice")
    return found


def _attribute(value: object) -> Attribute:
    if not isinstance(value, dict):
        raise Unreadable(f"Attributes: expected Name, ValueType and Value, found {value!r}")
    content: Any = value.get("Value")
    name, plain = value.get("Name"), type(content) is _PLAIN.get(value.get("ValueType"))
    if not (plain and type(name) is str and name):  # few of them, and an import reads millions
        name, kind = _text(value, "Name"), _text(value, "ValueType").removeprefix("Edm.")
        content = _attribute_value(name, kind, content)
    if "\0" in name or (type(content) is str and "\0" in content):
        raise Unreadable(f"Attributes, {name!r}: a text holds no NUL")
    if type(content) is int and content not in _INT64:
        raise Unreadable(f"Attributes, {name}: {content} is beyond 64 bits")
    return Attribute(name=name, value=content)


def _attribute_value(name: str, kind: str, value: object) -> AttributeValue:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "String" if isinstance(value, str):
            return value
        case "Integer" | "Int64" if isinstance(value, int) and number:
            return value
        case "Double" if isinstance(value, int | float) and number and math.isfinite(value):
            return float(value)
        case "Boolean" if isinstance(value, bool):
            return value
        case "DateTimeOffset":
            return _moment(value, f"Attributes, {name}")
    raise Unreadable(f"Attributes, {name}: {value!r} is no value of type {kind}")


def _product_type(attributes: Sequence[Attribute]) -> str | None:
    found = next((attribute.value for attribute in attributes if attribute.name == "productType"), None)
    return found if isinstance(found, str) else None


def _footprint(document: Mapping[str, Any]) -> Footprint | None:
    """From GeoFootprint, else from Footprint, which may be GeoJSON, too, or WKT with an SRID before it."""
    geojson, other = document.get("GeoFootprint"), document.get("Footprint")
    if not geojson and isinstance(other, dict):
        geojson = other
    try:
        if geojson:
            return _from_geojson(geojson)
        if isinstance(other, str) and other:
            return _from_geojson(shapely.geometry.mapping(shapely.from_wkt(_bare_wkt(other))))
    except (shapely.errors.ShapelyError, ProductRejected, KeyError, TypeError, ValueError, IndexError) as error:
        raise Unreadable(f"Footprint: cannot be read: {error}") from error
    return None


def _bare_wkt(text: str) -> str:
    return text.removeprefix("geography").strip("'").rpartition(";")[2]


def _from_geojson(geometry: Mapping[str, Any]) -> Footprint:
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "Polygon":
            return Footprint(polygons=(_ring(coordinates[0]),))
        case "MultiPolygon" if coordinates:
            return Footprint(polygons=tuple(_ring(polygon[0]) for polygon in coordinates))
        case "LineString":
            return footprint_of_line(_positions(coordinates))
    raise ValueError(f"{geometry['type']} is no footprint")


def _ring(coordinates: Sequence[Sequence[float]]) -> tuple[Position, ...]:
    """A ring as it was published: it may touch the antimeridian or a pole, which a split left it with."""
    ring = _positions(coordinates)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring has four positions or more, the last of them the first")
    return ring


def _positions(coordinates: Sequence[Sequence[float]]) -> tuple[Position, ...]:
    positions = tuple((float(each[0]), float(each[1])) for each in coordinates)
    if not all(abs(longitude) <= 180 and abs(latitude) <= 90 for longitude, latitude in positions):
        raise ValueError("a position lies outside the Earth's range of degrees")
    return positions
