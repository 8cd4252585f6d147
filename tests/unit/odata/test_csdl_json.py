"""The metadata document as JSON says what it says as XML."""

import json
from typing import Any

from lxml import etree

from prip_core.odata.csdl import metadata_xml
from prip_core.odata.csdl_json import metadata_json

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(metadata_json())
    return document


def _of_xml() -> dict[str, dict[str, tuple[str, bool]]]:
    """The properties of each structured type: type and whether it may be null."""
    found = {}
    for element in etree.fromstring(metadata_xml()).iter(f"{EDM}EntityType", f"{EDM}ComplexType"):
        found[element.get("Name", "")] = {
            each.get("Name", ""): (each.get("Type", ""), each.get("Nullable") != "false")
            for each in element.findall(f"{EDM}Property")
        }
    return found


def _of_json() -> dict[str, dict[str, tuple[str, bool]]]:
    found = {}
    for name, element in _document()["OData.CSC"].items():
        if isinstance(element, dict) and element["$Kind"] in {"EntityType", "ComplexType"}:
            found[name] = {
                member: (_type(declared), declared.get("$Nullable", False))
                for member, declared in element.items()
                if not member.startswith("$") and declared.get("$Kind") is None
            }
    return found


def _type(declared: dict[str, Any]) -> str:
    name = declared.get("$Type", "Edm.String")
    return f"Collection({name})" if declared.get("$Collection") else name


def test_types_and_properties_are_those_of_the_xml() -> None:
    assert _of_json() == _of_xml()


def test_the_frame() -> None:
    document = _document()
    assert (document["$Version"], document["$EntityContainer"]) == ("4.01", "OData.CSC.Container")
    assert document["OData.CSC"]["Container"] == {
        "$Kind": "EntityContainer",
        "Products": {"$Collection": True, "$Type": "OData.CSC.Product"},
        "DeletedProducts": {"$Collection": True, "$Type": "OData.CSC.DeletedProduct"},
    }


def test_a_product() -> None:
    product = _document()["OData.CSC"]["Product"]
    assert (product["$Key"], product["$HasStream"]) == (["Id"], True)
    assert product["OriginDate"] == {"$Type": "Edm.DateTimeOffset", "$Precision": 3}
    assert product["Attributes"] == {
        "$Kind": "NavigationProperty",
        "$Collection": True,
        "$Type": "OData.CSC.Attribute",
        "$ContainsTarget": True,
    }


def test_bases_enumerations_and_operations() -> None:
    schema = _document()["OData.CSC"]
    assert schema["Attribute"]["$Abstract"] is True
    assert schema["StringAttribute"]["$BaseType"] == "OData.CSC.Attribute"
    assert schema["ProductionType"]["on_demand_default"] == 1
    assert schema["Intersects"] == [
        {
            "$Kind": "Function",
            "$Parameter": [{"$Name": "area", "$Type": "Edm.Geography"}],
            "$ReturnType": {"$Type": "Edm.Boolean"},
        }
    ]
    (action,) = schema["FilterList"]
    assert (action["$Kind"], action["$IsBound"], action["$EntitySetPath"]) == ("Action", True, "Products")
    assert action["$ReturnType"] == {"$Collection": True, "$Type": "OData.CSC.Product"}
