"""The metadata document as JSON (OData CSDL JSON 4.01), from the same table as its XML."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from prip_core.odata import edm

_Element: TypeAlias = Mapping[str, Any]


@functools.cache
def metadata_json() -> bytes:
    """The metadata document, JSON in UTF-8."""
    operations = (*((each, "Function") for each in edm.FUNCTIONS), (edm.FILTER_LIST, "Action"))
    schema: dict[str, Any] = {
        **{each.name: _enum_type(each) for each in edm.ENUM_TYPES},
        **{each.name: {"$Kind": "ComplexType", **_properties(each.properties)} for each in edm.COMPLEX_TYPES},
        **{each.name: _entity_type(each) for each in edm.ENTITY_TYPES},
        **{operation.name: [_operation(operation, kind)] for operation, kind in operations},
        edm.CONTAINER: {
            "$Kind": "EntityContainer",
            **{each.name: {"$Collection": True, "$Type": edm.type_name(each.type)} for each in edm.ENTITY_SETS},
        },
    }
    container = edm.qualified(edm.CONTAINER)
    return orjson.dumps({"$Version": "4.01", "$EntityContainer": container, edm.NAMESPACE: schema})


def _enum_type(enum_type: edm.EnumType) -> _Element:
    return {"$Kind": "EnumType", "$UnderlyingType": enum_type.underlying, **dict(enum_type.members)}


def _entity_type(entity_type: edm.EntityType) -> _Element:
    facets = {
        "$BaseType": entity_type.base and edm.type_name(entity_type.base),
        "$Abstract": entity_type.abstract,
        "$HasStream": entity_type.stream,
        "$Key": entity_type.key and [entity_type.key],
    }
    return {
        "$Kind": "EntityType",
        **{name: value for name, value in facets.items() if value},
        **_properties(entity_type.properties),
        **{each.name: _navigation(each) for each in entity_type.navigations},
    }


def _navigation(navigation: edm.Navigation) -> _Element:
    return {
        "$Kind": "NavigationProperty",
        "$Collection": True,
        "$Type": edm.type_name(navigation.target),
        "$ContainsTarget": True,
    }


def _properties(properties: tuple[edm.Property, ...]) -> _Element:
    return {each.name: _property(each) for each in properties}


def _property(declared: edm.Property) -> _Element:
    facets = {"$Nullable": declared.nullable, "$Precision": 3 if declared.type is edm.Primitive.DATE else 0}
    return {**_type(declared), **{name: value for name, value in facets.items() if value}}


def _operation(operation: edm.Operation, kind: str) -> _Element:
    bound = {"$IsBound": True, "$EntitySetPath": operation.parameters[0].name} if operation.bound else {}
    parameters = [{"$Name": each.name, **_type(each)} for each in operation.parameters]
    return {"$Kind": kind, **bound, "$Parameter": parameters, "$ReturnType": _type(operation.returns)}


def _type(declared: edm.Property | edm.Parameter) -> _Element:
    """``Edm.String`` is what is meant where no type stands."""
    collection = {"$Collection": True} if declared.collection else {}
    return collection if declared.type is edm.Primitive.TEXT else {**collection, "$Type": edm.type_name(declared.type)}
