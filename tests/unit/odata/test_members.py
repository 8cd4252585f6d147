"""Parts of an entity by their path."""

import json
from typing import Any

import pytest

from prip_core.errors import BadQuery
from prip_core.odata.members import Member, NoSuchMember, Raw, member_at, member_text

OWNER = "Products(1)"
PRODUCT: dict[str, Any] = {
    "@odata.mediaContentType": "image/jpeg",
    "Id": "1",
    "Name": "S2A_x.tar",
    "ContentLength": 2**40,
    "PublicationDate": "2026-03-01T12:00:00.250Z",
    "Online": True,
    "Checksum": [{"Algorithm": "MD5", "Value": "d0"}],
    "ContentDate": {"Start": "2026-03-01T09:00:00.000Z", "End": "2026-03-01T10:00:00.000Z"},
    "Footprint": None,
    "GeoFootprint": {"type": "Point", "coordinates": [1, 2]},
    "Attributes": [
        {"@odata.type": "#OData.CSC.StringAttribute", "Name": "it's", "ValueType": "String", "Value": "x"},
        {"@odata.type": "#OData.CSC.DoubleAttribute", "Name": "cloudCover", "ValueType": "Double", "Value": 0.5},
    ],
    "Quicklooks": [{"@odata.mediaContentType": "image/jpeg", "Image": "a.jpg"}],
}


def at(path: str) -> Member | Raw:
    return member_at(PRODUCT, OWNER, path.split("/"))


@pytest.mark.parametrize(
    ("path", "context", "value"),
    [
        ("Name", "Products(1)/Name", "S2A_x.tar"),
        ("CreationDate", "Products(1)/PublicationDate", "2026-03-01T12:00:00.250Z"),
        ("Checksums", "Products(1)/Checksum", PRODUCT["Checksum"]),
        ("ContentDate", "Products(1)/ContentDate", PRODUCT["ContentDate"]),
        ("ContentDate/Start", "Products(1)/ContentDate/Start", "2026-03-01T09:00:00.000Z"),
        ("Footprint", "Products(1)/Footprint", None),
        ("GeoFootprint", "Products(1)/GeoFootprint", PRODUCT["GeoFootprint"]),
        ("Attributes", "Products(1)/Attributes", PRODUCT["Attributes"]),
        ("Attributes('it''s')", "Products(1)/Attributes/$entity", PRODUCT["Attributes"][0]),
        ("Attributes(cloudCover)", "Products(1)/Attributes/$entity", PRODUCT["Attributes"][1]),
        ("Attributes(Name='cloudCover')/Value", "Products(1)/Attributes(Name='cloudCover')/Value", 0.5),
        ("Quicklooks('a.jpg')/Image", "Products(1)/Quicklooks('a.jpg')/Image", "a.jpg"),
        ("Quicklooks", "Quicklooks", PRODUCT["Quicklooks"]),
        ("Quicklooks('a.jpg')", "Quicklooks/$entity", PRODUCT["Quicklooks"][0]),
    ],
)
def test_where_a_path_leads(path: str, context: str, value: object) -> None:
    assert at(path) == Member(context=context, value=value)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Name/$value", "S2A_x.tar"),
        ("ContentLength/$value", "1099511627776"),
        ("Online/$value", "true"),
        ("ContentDate/End/$value", "2026-03-01T10:00:00.000Z"),
        ("Attributes('cloudCover')/Value/$value", "0.5"),
        ("Attributes/$count", "2"),
        ("Checksum/$count", "1"),
    ],
)
def test_bare_text(path: str, text: str) -> None:
    assert at(path) == Raw(text=text)


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "",
        "name",
        "$value",
        "$count",
        "@odata.mediaContentType",
        "Name/Length",
        "Name/$value/x",
        "ContentDate/Middle",
        "GeoFootprint/type",
        "Footprint/$value",
        "Checksum('MD5')",
        "Name('x')",
        "Attributes/Value",
        "Attributes('none')",
        "Quicklooks('b.jpg')",
        "Locations",
    ],
)
def test_paths_that_lead_nowhere(path: str) -> None:
    with pytest.raises(NoSuchMember, match=r"Products\(1\)"):
        at(path)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("ContentDate/$value", r"ContentDate is no single value"),
        ("Attributes/$value", r"Attributes is no single value"),
        ("Name/$count", r"Name is no collection"),
    ],
)
def test_what_has_no_text(path: str, sentence: str) -> None:
    with pytest.raises(BadQuery, match=sentence):
        at(path)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("Name", {"@odata.context": "$metadata#Products(1)/Name", "value": "S2A_x.tar"}),
        ("ContentDate", {"@odata.context": "$metadata#Products(1)/ContentDate", **PRODUCT["ContentDate"]}),
        (
            "GeoFootprint",
            {"@odata.context": "$metadata#Products(1)/GeoFootprint", "value": PRODUCT["GeoFootprint"]},
        ),
        ("Quicklooks", {"@odata.context": "$metadata#Quicklooks", "value": PRODUCT["Quicklooks"]}),
    ],
)
def test_answers_about_a_part(path: str, answer: dict[str, Any]) -> None:
    found = at(path)
    assert isinstance(found, Member)
    assert json.loads(member_text(found)) == answer
