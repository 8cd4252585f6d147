"""What a client reads before it asks: the metadata document (CSDL XML 4.0) and the service document."""

from __future__ import annotations

import functools
from typing import Any

import orjson
from lxml import etree

from prip_core.odata import edm

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_DEFAULT_NAMESPACE: Any = {None: _EDM}


@functools.cache
def metadata_xml() -> bytes:
    """The metadata document, UTF-8, generated from the table in :mod:`prip_core.odata.edm`."""
    root = etree.Element(f"{{{_EDMX}}}Edmx", {"Version": "4.0"}, nsmap={"edmx": _EDMX})
    services = etree.SubElement(root, f"{{{_EDMX}}}DataServices")
    schema = etree.SubElement(services, f"{{{_EDM}}}Schema", {"Namespace": edm.NAMESPACE}, nsmap=_DEFAULT_NAMESPACE)
    for enum_type in edm.ENUM_TYPES:
        _add_enum_type(schema, enum_type)
    for complex_type in edm.COMPLEX_TYPES:
        _add_properties(_child(schema, "ComplexType", Name=complex_type.name), complex_type.properties)
    for entity_type in edm.ENTITY_TYPES:
        _add_entity_type(schema, entity_type)
    for function in edm.FUNCTIONS:
        _add_operation(_child(schema, "Function", Name=function.name), function)
    _add_operation(_child(schema, "Action", Name=edm.FILTER_LIST.name), edm.FILTER_LIST)
    container = _child(schema, "EntityContainer", Name=edm.CONTAINER)
    for entity_set in edm.ENTITY_SETS:
        _child(container, "EntitySet", Name=entity_set.name, EntityType=edm.type_name(entity_set.type))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@functools.cache
def service_text() -> bytes:
    """The service document, JSON in UTF-8: the entity sets by name."""
    sets = [{"name": each.name, "kind": "EntitySet", "url": each.name} for each in edm.ENTITY_SETS]
    return orjson.dumps({"@odata.context": "$metadata", "value": sets})


def _add_enum_type(schema: etree._Element, enum_type: edm.EnumType) -> None:
    element = _child(schema, "EnumType", Name=enum_type.name, UnderlyingType=enum_type.underlying)
    for name, number in enum_type.members:
        _child(element, "Member", Name=name, Value=str(number))


def _add_entity_type(schema: etree._Element, entity_type: edm.EntityType) -> None:
    element = _child(schema, "EntityType", Name=entity_type.name)
    if entity_type.base is not None:
        element.set("BaseType", edm.type_name(entity_type.base))
    if entity_type.abstract:
        element.set("Abstract", "true")
    if entity_type.stream:
        element.set("HasStream", "true")
    if entity_type.key is not None:
        _child(_child(element, "Key"), "PropertyRef", Name=entity_type.key)
    _add_properties(element, entity_type.properties)
    for navigation in entity_type.navigations:
        target = f"Collection({edm.type_name(navigation.target)})"
        _child(element, "NavigationProperty", Name=navigation.name, Type=target, ContainsTarget="true")


def _add_operation(element: etree._Element, operation: edm.Operation) -> None:
    if operation.bound:
        element.set("IsBound", "true")
        element.set("EntitySetPath", operation.parameters[0].name)
    for parameter in operation.parameters:
        _child(element, "Parameter", Name=parameter.name, Type=_type_name(parameter), Nullable="false")
    _child(element, "ReturnType", Type=_type_name(operation.returns), Nullable="false")


def _add_properties(parent: etree._Element, properties: tuple[edm.Property, ...]) -> None:
    for each in properties:
        element = _child(parent, "Property", Name=each.name, Type=_type_name(each))
        if not each.nullable:
            element.set("Nullable", "false")
        if each.type is edm.Primitive.DATE:
            element.set("Precision", "3")


def _type_name(declared: edm.Property | edm.Parameter) -> str:
    name = edm.type_name(declared.type)
    return f"Collection({name})" if declared.collection else name


def _child(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_EDM}}}{tag}", attributes)
