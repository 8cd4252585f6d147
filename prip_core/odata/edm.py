"""The one table of what the service offers: entity sets, types and properties, and the column behind each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from prip_core.errors import BadQuery
from prip_core.model import ProductionType

NAMESPACE = "OData.CSC"
CONTAINER = "Container"


class Primitive(StrEnum):
    """The primitive types in use, by their name in the metadata document."""

    BOOLEAN = "Edm.Boolean"
    DATE = "Edm.DateTimeOffset"
    DOUBLE = "Edm.Double"
    GEOGRAPHY = "Edm.Geography"
    GUID = "Edm.Guid"
    INT64 = "Edm.Int64"
    TEXT = "Edm.String"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType:
    """A type with named numbers.

    :param members: name and number of each, in the order of the numbers.
    """

    name: str
    underlying: str
    members: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A declared property.

    :param name: as clients write it; with the way to it (``ContentDate/Start``) where it is part of another one.
    :param collection: there may be any number of values.
    :param column: the catalogue's name for it: it can be filtered and ordered by. ``None``: it cannot.
    """

    name: str
    type: Primitive | EnumType | ComplexType
    nullable: bool = False
    collection: bool = False
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplexType:
    """A structured value without an identity of its own."""

    name: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Navigation:
    """A property that leads to other entities, which are contained in this one; served by ``$expand``."""

    name: str
    target: EntityType


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """A structured value with an identity.

    :param key: the property that identifies it; ``None`` where the base type says so.
    :param stream: it has bytes behind ``$value``.
    """

    name: str
    properties: tuple[Property, ...]
    key: str | None = None
    base: EntityType | None = None
    abstract: bool = False
    stream: bool = False
    navigations: tuple[Navigation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySet:
    """A collection that clients may ask for by name."""

    name: str
    type: EntityType


PRODUCTION_TYPE = EnumType(
    name="ProductionType",
    underlying="Edm.Int32",
    members=tuple((member.label, member.number) for member in ProductionType),
)


def member_name(text: str) -> str:
    """A name of an enumeration's member as it is written today; older interfaces have blanks, hyphens and colons."""
    return re.sub(r"[- :]", "_", text)


CHECKSUM = ComplexType(
    name="Checksum",
    properties=(
        Property(name="Algorithm", type=Primitive.TEXT),
        Property(name="Value", type=Primitive.TEXT),
        Property(name="ChecksumDate", type=Primitive.DATE, nullable=True),
    ),
)

TIME_RANGE = ComplexType(
    name="TimeRange",
    properties=(Property(name="Start", type=Primitive.DATE), Property(name="End", type=Primitive.DATE)),
)

ATTRIBUTE = EntityType(
    name="Attribute",
    key="Name",
    abstract=True,
    properties=(Property(name="Name", type=Primitive.TEXT), Property(name="ValueType", type=Primitive.TEXT)),
)

VALUE_TYPES: Mapping[str, Primitive] = MappingProxyType(
    {
        "String": Primitive.TEXT,
        "Integer": Primitive.INT64,
        "Double": Primitive.DOUBLE,
        "Boolean": Primitive.BOOLEAN,
        "DateTimeOffset": Primitive.DATE,
    }
)
"""``ValueType`` of an attribute → the type of its ``Value``, in the order in which attributes are served."""

ATTRIBUTES = tuple(
    EntityType(
        name=f"{value_type}Attribute",
        base=ATTRIBUTE,
        properties=(Property(name="Value", type=primitive, nullable=True),),
    )
    for value_type, primitive in VALUE_TYPES.items()
)

PRODUCT = EntityType(
    name="Product",
    key="Id",
    stream=True,
    properties=(
        Property(name="Id", type=Primitive.GUID, column="id"),
        Property(name="Name", type=Primitive.TEXT, column="name"),
        Property(name="ContentType", type=Primitive.TEXT, column="content_type"),
        Property(name="ContentLength", type=Primitive.INT64, column="content_length"),
        Property(name="OriginDate", type=Primitive.DATE, column="origin_date"),
        Property(name="PublicationDate", type=Primitive.DATE, column="publication_date"),
        Property(name="ModificationDate", type=Primitive.DATE, nullable=True, column="modification_date"),
        Property(name="Online", type=Primitive.BOOLEAN, column="online"),
        Property(name="EvictionDate", type=Primitive.DATE, column="eviction_date"),
        Property(name="Checksum", type=CHECKSUM, collection=True),
        Property(name="ProductionType", type=PRODUCTION_TYPE, nullable=True, column="production_type"),
        Property(name="ContentDate", type=TIME_RANGE, column="content"),
        Property(name="Footprint", type=Primitive.GEOGRAPHY, nullable=True),
        Property(name="GeoFootprint", type=Primitive.GEOGRAPHY, nullable=True),
    ),
    navigations=(Navigation(name="Attributes", target=ATTRIBUTE),),
)

ENUM_TYPES = (PRODUCTION_TYPE,)
COMPLEX_TYPES = (CHECKSUM, TIME_RANGE)
ENTITY_TYPES = (PRODUCT, ATTRIBUTE, *ATTRIBUTES)
ENTITY_SETS = (EntitySet(name="Products", type=PRODUCT),)

ALIASES: Mapping[str, str] = MappingProxyType(
    {"CreationDate": "PublicationDate", "IngestionDate": "PublicationDate", "Checksums": "Checksum"}
)
"""Names of older interface versions that queries may still use → the name that answers use."""


def _paths(entity: EntityType) -> Iterator[Property]:
    """Every property with a column; the parts of a structured one have a column each (``content_start``)."""
    for declared in entity.properties:
        if declared.column is None:
            continue
        if not isinstance(declared.type, ComplexType):
            yield declared
            continue
        for part in declared.type.properties:
            column = f"{declared.column}_{part.name.lower()}"
            yield replace(part, name=f"{declared.name}/{part.name}", column=column)


PATHS: Mapping[str, Property] = MappingProxyType({path.name: path for path in _paths(PRODUCT)})
"""What products can be filtered and ordered by: the path as clients write it → the property."""


def property_at(path: str) -> Property:
    """The property that a ``$filter`` or ``$orderby`` names.

    :raises BadQuery: there is none of this name, or it cannot be filtered and ordered by.
    """
    found = PATHS.get(ALIASES.get(path, path))
    if found is not None:
        return found
    known = ", ".join(PATHS)
    if any(path == declared.name for declared in PRODUCT.properties):
        raise BadQuery(f"{path} cannot be filtered or ordered by; what can: {known}")
    raise BadQuery(f"a product has no property {path!r:.80}; what can be filtered and ordered by: {known}")
