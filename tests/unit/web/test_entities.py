"""Parts of single products, and products that are gone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from prip_core.model import Attribute

ID = str(UUID(int=1))
ONE = f"/odata/v1/Products({ID})"


@pytest.fixture
def one(house: Any, client: FlaskClient) -> FlaskClient:
    house.publish(1, attributes=(Attribute(name="productType", value="MSI_L2A_TL"), Attribute(name="n", value=7)))
    return client


@pytest.mark.parametrize(
    "path, answer",
    [
        ("Name", {"@odata.context": f"$metadata#Products({ID})/Name", "value": "S2B_OPER_MSI_L2A_TL_0001.tar"}),
        ("Online", {"@odata.context": f"$metadata#Products({ID})/Online", "value": True}),
        (
            "ContentDate/Start",
            {"@odata.context": f"$metadata#Products({ID})/ContentDate/Start", "value": "2026-03-01T09:00:00.250Z"},
        ),
        (
            "Attributes('productType')",
            {
                "@odata.context": f"$metadata#Products({ID})/Attributes/$entity",
                "@odata.type": "#OData.CSC.StringAttribute",
                "Name": "productType",
                "ValueType": "String",
                "Value": "MSI_L2A_TL",
            },
        ),
        (
            "Attributes(%27n%27)/Value",
            {"@odata.context": f"$metadata#Products({ID})/Attributes('n')/Value", "value": 7},
        ),
        ("Quicklooks", {"@odata.context": "$metadata#Quicklooks", "value": []}),
        ("Assets", {"@odata.context": f"$metadata#Products({ID})/Assets", "value": []}),
        ("Locations?$format=json", {"@odata.context": f"$metadata#Products({ID})/Locations", "value": []}),
    ],
)
def test_parts_of_a_product(one: FlaskClient, ann: dict[str, str], path: str, answer: dict[str, Any]) -> None:
    got = one.get(f"{ONE}/{path}", headers=ann)
    assert got.status_code == 200
    assert got.headers["Content-Type"] == "application/json;odata.metadata=minimal"
    assert got.json == answer
    assert one.head(f"{ONE}/{path}", headers=ann).headers["Content-Length"] == str(len(got.data))


@pytest.mark.parametrize(
    "path, text",
    [
        ("Name/$value", "S2B_OPER_MSI_L2A_TL_0001.tar"),
        ("ContentLength/$value", "10"),
        ("Attributes('n')/Value/$value", "7"),
        ("Attributes/$count", "2"),
    ],
)
def test_parts_as_bare_text(one: FlaskClient, ann: dict[str, str], path: str, text: str) -> None:
    got = one.get(f"{ONE}/{path}", headers=ann)
    assert (got.status_code, got.mimetype, got.text) == (200, "text/plain", text)


def test_a_property_without_value_has_no_content(one: FlaskClient, ann: dict[str, str]) -> None:
    got = one.get(f"{ONE}/Footprint", headers=ann)
    assert (got.status_code, got.data) == (204, b"")
    assert "Content-Type" not in got.headers
    assert one.get(f"{ONE}/Footprint/$value", headers=ann).status_code == 404


@pytest.mark.parametrize(
    "path, status",
    [
        ("Nothing", 404),
        ("Attributes('none')", 404),
        ("Name/Name", 404),
        ("Quicklooks('none.jpg')", 404),
        ("Attributes/$value", 400),
        ("Name?$top=1", 400),
        ("Name?$format=xml", 406),
    ],
)
def test_parts_that_are_not_there(one: FlaskClient, ann: dict[str, str], path: str, status: int) -> None:
    got = one.get(f"{ONE}/{path}", headers=ann)
    assert got.status_code == status
    assert got.json is not None
    assert got.json["error"]["message"]


@pytest.mark.parametrize("path", ["Name", "Attributes", "Quicklooks"])
def test_parts_of_what_is_not_there(one: FlaskClient, ann: dict[str, str], path: str) -> None:
    assert one.get(f"/odata/v1/Products({UUID(int=2)})/{path}", headers=ann).status_code == 404
    assert one.get(f"{ONE}/{path}").status_code == 401
