import json

from lxml import etree

from prip_core.odata import edm
from prip_core.odata.csdl import metadata_xml, service_text

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"


def _schema() -> etree._Element:
    root = etree.fromstring(metadata_xml())
    assert (root.tag, root.get("Version")) == (f"{EDMX}Edmx", "4.0")
    (schema,) = root.findall(f"{EDMX}DataServices/{EDM}Schema")
    return schema


def _members(schema: etree._Element, kind: str, name: str) -> list[tuple[str, str, str | None]]:
    (element,) = (each for each in schema.findall(f"{EDM}{kind}") if each.get("Name") == name)
    return [
        (each.get("Name", ""), each.get("Type", ""), each.get("Nullable")) for each in element.findall(f"{EDM}Property")
    ]


def test_product_has_exactly_the_members_that_are_served() -> None:
    assert _members(_schema(), "EntityType", "Product") == [
        ("Id", "Edm.Guid", "false"),
        ("Name", "Edm.String", "false"),
        ("ContentType", "Edm.String", "false"),
        ("ContentLength", "Edm.Int64", "false"),
        ("OriginDate", "Edm.DateTimeOffset", "false"),
        ("PublicationDate", "Edm.DateTimeOffset", "false"),
        ("ModificationDate", "Edm.DateTimeOffset", None),
        ("Online", "Edm.Boolean", "false"),
        ("EvictionDate", "Edm.DateTimeOffset", "false"),
        ("Checksum", "Collection(OData.CSC.Checksum)", "false"),
        ("ProductionType", "OData.CSC.ProductionType", None),
        ("ContentDate", "OData.CSC.TimeRange", "false"),
        ("Footprint", "Edm.Geography", None),
        ("GeoFootprint", "Edm.Geography", None),
    ]


def test_product_is_keyed_streamed_and_contains_its_attributes() -> None:
    (product,) = (each for each in _schema().findall(f"{EDM}EntityType") if each.get("Name") == "Product")
    assert product.get("HasStream") == "true"
    assert [each.get("Name") for each in product.findall(f"{EDM}Key/{EDM}PropertyRef")] == ["Id"]
    assert [dict(each.attrib) for each in product.findall(f"{EDM}NavigationProperty")] == [
        {"Name": name, "Type": f"Collection(OData.CSC.{target})", "ContainsTarget": "true"}
        for name, target in (
            ("Attributes", "Attribute"),
            ("Quicklooks", "Quicklook"),
            ("Assets", "Asset"),
            ("Locations", "Location"),
        )
    ]


def test_deleted_products_say_since_when_and_why() -> None:
    members = _members(_schema(), "EntityType", "DeletedProduct")
    assert ("DeletionDate", "Edm.DateTimeOffset", None) in members
    assert ("DeletionCause", "Edm.String", None) in members
    assert {"Online", "EvictionDate"}.isdisjoint(name for name, _, _ in members)


def test_the_functions_of_filters_and_the_action_are_declared() -> None:
    schema = _schema()
    functions = schema.findall(f"{EDM}Function")
    assert [each.get("Name") for each in functions] == ["Intersects", "Within", "Disjoints"]
    for function in functions:
        assert [(each.get("Name"), each.get("Type")) for each in function.findall(f"{EDM}Parameter")] == [
            ("area", "Edm.Geography")
        ]
        assert [each.get("Type") for each in function.findall(f"{EDM}ReturnType")] == ["Edm.Boolean"]
    (action,) = schema.findall(f"{EDM}Action")
    assert dict(action.attrib) == {"Name": "FilterList", "IsBound": "true", "EntitySetPath": "Products"}
    assert [(each.get("Name"), each.get("Type")) for each in action.findall(f"{EDM}Parameter")] == [
        ("Products", "Collection(OData.CSC.Product)"),
        ("FilterProducts", "Collection(OData.CSC.Property)"),
    ]
    assert [each.get("Type") for each in action.findall(f"{EDM}ReturnType")] == ["Collection(OData.CSC.Product)"]


def test_attribute_types_derive_from_the_abstract_one() -> None:
    schema = _schema()
    derived = {
        each.get("Name"): _members(schema, "EntityType", each.get("Name", ""))
        for each in schema.findall(f"{EDM}EntityType")
        if each.get("BaseType") == "OData.CSC.Attribute"
    }
    assert derived == {
        "StringAttribute": [("Value", "Edm.String", None)],
        "IntegerAttribute": [("Value", "Edm.Int64", None)],
        "DoubleAttribute": [("Value", "Edm.Double", None)],
        "BooleanAttribute": [("Value", "Edm.Boolean", None)],
        "DateTimeOffsetAttribute": [("Value", "Edm.DateTimeOffset", None)],
    }
    (abstract,) = (each for each in schema.findall(f"{EDM}EntityType") if each.get("Abstract") == "true")
    assert abstract.get("Name") == "Attribute"


def test_complex_and_enum_types() -> None:
    schema = _schema()
    assert [name for name, _, _ in _members(schema, "ComplexType", "Checksum")] == [
        "Algorithm",
        "Value",
        "ChecksumDate",
    ]
    assert _members(schema, "ComplexType", "TimeRange") == [
        ("Start", "Edm.DateTimeOffset", "false"),
        ("End", "Edm.DateTimeOffset", "false"),
    ]
    (enum_type,) = schema.findall(f"{EDM}EnumType")
    assert enum_type.get("UnderlyingType") == "Edm.Int32"
    assert [(each.get("Name"), each.get("Value")) for each in enum_type] == [
        ("systematic_production", "0"),
        ("on_demand_default", "1"),
        ("on_demand_non_default", "2"),
    ]


def test_every_named_type_is_declared() -> None:
    schema = _schema()
    assert schema.get("Namespace") == "OData.CSC"
    declared = {f"OData.CSC.{each.get('Name')}" for each in schema}
    named = {
        value.removeprefix("Collection(").removesuffix(")")
        for element in schema.iter()
        for attribute in ("Type", "BaseType", "EntityType")
        if (value := element.get(attribute)) is not None
    }
    assert {name for name in named if not name.startswith("Edm.")} <= declared


def test_the_container_offers_the_entity_sets() -> None:
    (container,) = _schema().findall(f"{EDM}EntityContainer")
    assert container.get("Name") == "Container"
    assert [dict(each.attrib) for each in container] == [
        {"Name": "Products", "EntityType": "OData.CSC.Product"},
        {"Name": "DeletedProducts", "EntityType": "OData.CSC.DeletedProduct"},
    ]


def test_service_document() -> None:
    assert json.loads(service_text()) == {
        "@odata.context": "$metadata",
        "value": [{"name": each.name, "kind": "EntitySet", "url": each.name} for each in edm.ENTITY_SETS],
    }
    assert service_text().startswith(b'{"@odata.context":"$metadata","value":[{"name":"Products","kind":"EntitySet"')
