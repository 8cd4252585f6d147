"""The list of what is not online any more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgres"], indirect=True)

LIST = "/odata/v1/DeletedProducts"


@pytest.fixture
def gone(house: Any, client: FlaskClient) -> FlaskClient:
    """Asks a delivery point with two products that are gone and two that are online."""
    for number in (3, 4):
        house.publish(number)
    for number in (1, 2):
        house.restore_offline(number)
    return client


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [UUID(product["Id"]).int for product in answer.json["value"]]


@pytest.mark.parametrize(
    "query, found",
    [
        ("", [1, 2]),
        ("?$orderby=DeletionDate desc", [2, 1]),
        ("?$orderby=ContentDate/Start,Name desc", [2, 1]),
        ("?$filter=endswith(Name,'0002.tar')", [2]),
        ("?$filter=DeletionDate gt 2026-03-01T12:01:30Z", [2]),
        ("?$filter=DeletionCause eq null and OriginDate lt 2027-01-01", [1, 2]),
        ("?$filter=contains(DeletionCause,'Corrupted')", []),
        ("?$filter=orbitNumber eq 43829&$orderby=DeletionCause,DeletionDate desc", [2, 1]),
        ("?$top=1&$skip=1", [2]),
    ],
)
def test_what_is_listed(gone: FlaskClient, ann: dict[str, str], query: str, found: list[int]) -> None:
    assert ids(gone.get(f"{LIST}{query}", headers=ann)) == found


def test_a_deleted_product_says_what_it_was(gone: FlaskClient, ann: dict[str, str]) -> None:
    answer = gone.get(f"{LIST}?$count=true&$expand=Attributes&$top=1", headers=ann)
    assert answer.json is not None
    assert (answer.json["@odata.context"], answer.json["@odata.count"]) == ("$metadata#DeletedProducts", 2)
    assert answer.json["@odata.nextLink"].startswith("http://localhost/odata/v1/DeletedProducts?")
    (product,) = answer.json["value"]
    assert product["DeletionDate"] == "2026-03-01T12:01:00.250Z"
    assert [each["Name"] for each in product["Attributes"]] == ["orbitNumber"]
    assert not {"@odata.mediaContentType", "Online", "EvictionDate"} & set(product)
    assert ids(gone.get(answer.json["@odata.nextLink"], headers=ann)) == [2]


def test_the_bare_count(gone: FlaskClient, ann: dict[str, str]) -> None:
    assert gone.get(f"{LIST}/$count", headers=ann).text == "2"
    assert gone.get(f"{LIST}/$count?$filter=endswith(Name,'0002.tar')", headers=ann).text == "1"


def test_a_single_one_and_its_parts(gone: FlaskClient, ann: dict[str, str]) -> None:
    one = gone.get(f"{LIST}({UUID(int=1)})?$select=DeletionDate", headers=ann)
    assert one.json == {
        "@odata.context": "$metadata#DeletedProducts/$entity",
        "Id": str(UUID(int=1)),
        "DeletionDate": "2026-03-01T12:01:00.250Z",
    }
    name = gone.get(f"{LIST}({UUID(int=1)})/Name", headers=ann)
    assert name.json == {
        "@odata.context": f"$metadata#DeletedProducts({UUID(int=1)})/Name",
        "value": "S2B_OPER_MSI_L2A_TL_0001.tar",
    }


@pytest.mark.parametrize(
    "path, status",
    [
        (f"({UUID(int=3)})", 404),
        (f"({UUID(int=9)})", 404),
        (f"({UUID(int=1)})/$value", 404),
        (f"({UUID(int=1)})/Online", 404),
        ("?$select=Online", 400),
        ("?$filter=Online eq true", 400),
        ("?$expand=Quicklooks", 400),
        ("?$orderby=Online", 400),
    ],
)
def test_what_deleted_products_do_not_have(gone: FlaskClient, ann: dict[str, str], path: str, status: int) -> None:
    assert gone.get(f"{LIST}{path}", headers=ann).status_code == status
