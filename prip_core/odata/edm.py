"""The one table of what the service offers: entity sets, types and properties, and the column behind each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from prip_core.model import ProductionType

NAMESPACE = "OData.CSC"
CONTAINER = "Container"


class Primitive(StrEnum):
    """The primitive types in use, by their name in the metadata document."""

    BOOLEAN = "Edm.Boolean"
    DATE = "Edm.DateTimeOffset"
    DAY = "Edm.Date"
    DOUBLE = "Edm.Double"
    DURATION = "Edm.Duration"
    GEOGRAPHY = "Edm.Geography"
    GUID = "Edm.Guid"
    INT64 = "Edm.Int64"
    TEXT = "Edm.String"
    TIME_OF_DAY = "Edm.TimeOfDay"


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
class Parameter:
    """What an operation is given, or gives back; the name of the latter is empty."""

    name: str = ""
    type: Primitive | ComplexType | EntityType
    collection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A function that filters may call, or an action.

    :param parameters: that of an action bound to a collection of entities is the first one.
    :param bound: it is called on what its first parameter says.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Parameter
    bound: bool = False


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


def qualified(name: str) -> str:
    """A name that is declared here, with its namespace."""
    return f"{NAMESPACE}.{name}"


def type_name(type_: Primitive | EnumType | ComplexType | EntityType) -> str:
    """A type as metadata documents name it."""
    return type_.value if isinstance(type_, Primitive) else qualified(type_.name)


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

PROPERTY = ComplexType(
    name="Property",
    properties=(Property(name="Name", type=Primitive.TEXT), Property(name="Value", type=Primitive.TEXT, nullable=True)),
)
"""What ``FilterList`` is given: a member's name with its value, or a product's name alone."""

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

QUICKLOOK = EntityType(
    name="Quicklook", key="Image", stream=True, properties=(Property(name="Image", type=Primitive.TEXT),)
)

ASSET = EntityType(
    name="Asset",
    key="Id",
    properties=(
        Property(name="Type", type=Primitive.TEXT),
        Property(name="Id", type=Primitive.GUID),
        Property(name="DownloadLink", type=Primitive.TEXT),
    ),
)
"""A quicklook as clients of the Copernicus Data Space look for it."""

LOCATION = EntityType(
    name="Location",
    key="FormatType",
    properties=(Property(name="FormatType", type=Primitive.TEXT), Property(name="DownloadLink", type=Primitive.TEXT)),
)
"""Another place of a product. Those clients ask for it; a delivery point has none."""

_ID = Property(name="Id", type=Primitive.GUID, column="id")
_NAME = Property(name="Name", type=Primitive.TEXT, column="name")
_CONTENT_TYPE = Property(name="ContentType", type=Primitive.TEXT, column="content_type")
_CONTENT_LENGTH = Property(name="ContentLength", type=Primitive.INT64, column="content_length")
_ORIGIN_DATE = Property(name="OriginDate", type=Primitive.DATE, column="origin_date")
_PUBLICATION_DATE = Property(name="PublicationDate", type=Primitive.DATE, column="publication_date")
_CHECKSUM = Property(name="Checksum", type=CHECKSUM, collection=True)
_PRODUCTION_TYPE = Property(name="ProductionType", type=PRODUCTION_TYPE, nullable=True, column="production_type")
_CONTENT_DATE = Property(name="ContentDate", type=TIME_RANGE, column="content")
_FOOTPRINT = Property(name="Footprint", type=Primitive.GEOGRAPHY, nullable=True)
_GEO_FOOTPRINT = Property(name="GeoFootprint", type=Primitive.GEOGRAPHY, nullable=True)
_ATTRIBUTES = Navigation(name="Attributes", target=ATTRIBUTE)

PRODUCT = EntityType(
    name="Product",
    key="Id",
    stream=True,
    properties=(
        _ID,
        _NAME,
        _CONTENT_TYPE,
        _CONTENT_LENGTH,
        _ORIGIN_DATE,
        _PUBLICATION_DATE,
        Property(name="ModificationDate", type=Primitive.DATE, nullable=True, column="modification_date"),
        Property(name="Online", type=Primitive.BOOLEAN, column="online"),
        Property(name="EvictionDate", type=Primitive.DATE, column="eviction_date"),
        _CHECKSUM,
        _PRODUCTION_TYPE,
        _CONTENT_DATE,
        _FOOTPRINT,
        _GEO_FOOTPRINT,
    ),
    navigations=(
        _ATTRIBUTES,
        Navigation(name="Quicklooks", target=QUICKLOOK),
        Navigation(name="Assets", target=ASSET),
        Navigation(name="Locations", target=LOCATION),
    ),
)

DELETED_PRODUCT = EntityType(
    name="DeletedProduct",
    key="Id",
    properties=(
        _ID,
        _NAME,
        _CONTENT_TYPE,
        _CONTENT_LENGTH,
        _ORIGIN_DATE,
        _PUBLICATION_DATE,
        _CHECKSUM,
        _PRODUCTION_TYPE,
        _CONTENT_DATE,
        _FOOTPRINT,
        _GEO_FOOTPRINT,
        Property(name="DeletionDate", type=Primitive.DATE, nullable=True, column="deletion_date"),
        Property(name="DeletionCause", type=Primitive.TEXT, nullable=True, column="deletion_cause"),
    ),
    navigations=(_ATTRIBUTES,),
)
"""A product that is not online any more: what it was, and since when and why it is gone."""

_AREA = Parameter(name="area", type=Primitive.GEOGRAPHY)
_TRUTH = Parameter(type=Primitive.BOOLEAN)
_PRODUCTS = Parameter(name="Products", type=PRODUCT, collection=True)

FUNCTIONS = tuple(
    Operation(name=name, parameters=(_AREA,), returns=_TRUTH) for name in ("Intersects", "Within", "Disjoints")
)
"""How a product's footprint lies to an area."""

FILTER_LIST = Operation(
    name="FilterList",
    bound=True,
    parameters=(_PRODUCTS, Parameter(name="FilterProducts", type=PROPERTY, collection=True)),
    returns=_PRODUCTS,
)

ENUM_TYPES = (PRODUCTION_TYPE,)
COMPLEX_TYPES = (CHECKSUM, TIME_RANGE, PROPERTY)
ENTITY_TYPES = (PRODUCT, ATTRIBUTE, *ATTRIBUTES, QUICKLOOK, ASSET, LOCATION, DELETED_PRODUCT)
ENTITY_SETS = (EntitySet(name="Products", type=PRODUCT), EntitySet(name="DeletedProducts", type=DELETED_PRODUCT))

ALIASES: Mapping[str, str] = MappingProxyType(
    {"CreationDate": "PublicationDate", "IngestionDate": "PublicationDate", "Checksums": "Checksum"}
)
"""Names of older interface versions that queries may still use → the name that answers use."""


def entity_type(name: str) -> EntityType:
    """The entity type of a name that is declared here."""
    return next(entity for entity in ENTITY_TYPES if entity.name == name)


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


_PATHS: Mapping[str, Mapping[str, Property]] = MappingProxyType(
    {
        entity_set.type.name: MappingProxyType({path.name: path for path in _paths(entity_set.type)})
        for entity_set in ENTITY_SETS
    }
)


def paths_of(entity: EntityType) -> Mapping[str, Property]:
    """What entities of a set can be filtered and ordered by: the path as clients write it → the property."""
    return _PATHS[entity.name]


PATHS = paths_of(PRODUCT)
"""What products can be filtered and ordered by."""
