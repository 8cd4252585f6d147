"""The list of products: pages, links, counts, options."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient

LIST = "/odata/v1/Products"


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [product["Name"] for product in answer.json["value"]]


def _name(number: int) -> str:
    return f"S2B_OPER_MSI_L2A_TL_{number:04}.tar"


@pytest.fixture
def five(house: Any) -> Any:
    for number in range(1, 6):
        house.publish(number)
    return house


def test_an_empty_list(client: FlaskClient, ann: dict[str, str]) -> None:
    answer = client.get(LIST, headers=ann)
    assert answer.headers["Content-Type"] == "application/json;odata.metadata=minimal"
    assert answer.json == {"@odata.context": "$metadata#Products", "value": []}


def test_products_come_in_order_of_publication(five: Any, ann: dict[str, str]) -> None:
    answer = five.client().get(LIST, headers=ann)
    assert _names(answer) == [_name(number) for number in range(1, 6)]
    assert "@odata.count" not in answer.json
    assert "@odata.nextLink" not in answer.json
    first = answer.json["value"][0]
    assert first["Id"] == str(UUID(int=1))
    assert first["Online"] is True
    assert first["ContentLength"] == 10
    assert first["PublicationDate"] == first["ModificationDate"] == "2026-03-01T12:00:00.250Z"
    assert "Attributes" not in first


@pytest.mark.parametrize(
    "query, numbers",
    [
        ("$top=2", [1, 2]),
        ("$top=0", []),
        ("$skip=3", [4, 5]),
        ("$skip=9", []),
        ("$top=2&$skip=1", [2, 3]),
        ("$skip=1&$top=2", [2, 3]),
        ("$orderby=PublicationDate desc&$top=2", [5, 4]),
        ("$orderby=Name desc&$top=1", [5]),
        ("$filter=contains(Name,'0003')", [3]),
        ("%24filter=endswith(Name,%270003.tar%27)", [3]),
        ("$filter=startswith(Name,'S2B_OPER_MSI_L2A_TL_000')+and+not+endswith(Name,'2.tar')", [1, 3, 4, 5]),
        ("$filter=PublicationDate gt 2026-03-01T12:00:00.252Z", [4, 5]),
        ("$filter=Online eq false", []),
        ("custom=1&$top=1", [1]),
    ],
)
def test_what_is_listed(five: Any, ann: dict[str, str], query: str, numbers: list[int]) -> None:
    assert _names(five.client().get(f"{LIST}?{query}", headers=ann)) == [_name(number) for number in numbers]


def test_expand_and_select(five: Any, ann: dict[str, str]) -> None:
    answer = five.client().get(f"{LIST}?$top=1&$select=Name,Id&$expand=Attributes", headers=ann)
    (product,) = answer.json["value"]
    assert {name for name in product if not name.startswith("@")} == {"Id", "Name", "Attributes"}
    assert [(each["Name"], each["Value"]) for each in product["Attributes"]] == [("orbitNumber", 43829)]


@pytest.mark.parametrize("query", ["$count=true&$top=1", "$count=True&$top=0", "$count=1&$skip=4"])
def test_the_count_is_of_all_that_match(five: Any, ann: dict[str, str], query: str) -> None:
    assert five.client().get(f"{LIST}?{query}", headers=ann).json["@odata.count"] == 5


@pytest.mark.parametrize("query, count", [("", b"5"), ("?$filter=endswith(Name,'3.tar')", b"1"), ("?$top=2", b"5")])
def test_the_bare_count(five: Any, ann: dict[str, str], query: str, count: bytes) -> None:
    answer = five.client().get(f"{LIST}/$count{query}", headers=ann)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "text/plain", count)


@pytest.mark.parametrize(
    "order",
    [
        "",
        "&$orderby=PublicationDate desc",
        "&$orderby=Name desc",
        "&$orderby=ContentLength,Name desc",
        "&$orderby=ProductionType desc,Online,Id desc",
    ],
)
def test_links_lead_through_all_pages(five: Any, ann: dict[str, str], order: str) -> None:
    client = five.client(page_size=2)
    seen: list[str] = []
    link: str | None = f"{LIST}?$filter=contains(Name,'S2B')&$expand=Attributes&$count=true{order}"
    pages = 0
    while link is not None:
        answer = client.get(link, headers=ann)
        seen += _names(answer)
        assert answer.json["@odata.count"] == 5
        assert all("Attributes" in product for product in answer.json["value"])
        link = answer.json.get("@odata.nextLink")
        pages += 1
        if link is not None:
            assert link.startswith("http://localhost/odata/v1/Products?%24filter=")
            assert parse_qs(urlsplit(link).query)["$skip"] == [str(len(seen))]
    assert pages == 3
    assert sorted(seen) == [_name(number) for number in range(1, 6)]
    assert seen == (sorted(seen, reverse=True) if order else sorted(seen))


@pytest.mark.parametrize(
    "settings, headers, start",
    [
        ({}, {"Host": "prip.example.org:8443"}, "http://prip.example.org:8443/odata/v1/Products?"),
        (
            {},
            {"Host": "inside", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https", "Forwarded": "host=evil"},
            "http://inside/odata/v1/Products?",
        ),
        (
            {"public_url": "https://prip.example.org/s2"},
            {"Host": "x"},
            "https://prip.example.org/s2/odata/v1/Products?",
        ),
        ({"odata_path": ""}, {"Host": "x"}, "http://x/Products?"),
    ],
)
def test_where_links_point(
    five: Any, ann: dict[str, str], settings: dict[str, Any], headers: dict[str, str], start: str
) -> None:
    path = f"{settings.get('odata_path', '/odata/v1')}/Products?$top=1"
    answer = five.client(**settings).get(path, headers={**ann, **headers})
    assert answer.json["@odata.nextLink"].startswith(start)


@pytest.mark.parametrize("host", ["", "a b", "evil/../", "x:99999", "ada@evil", '"><script>'])
def test_without_a_host_there_is_no_link(five: Any, ann: dict[str, str], host: str) -> None:
    asked = "/odata/v1/Products?$top=1"
    refused = five.client().get(asked, headers={**ann, "Host": host})
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "BadRequest")
    public = five.client(public_url="https://prip.example.org").get(asked, headers={**ann, "Host": host})
    assert public.json["@odata.nextLink"].startswith("https://prip.example.org/odata/v1/Products?")


@pytest.mark.parametrize(
    "list_evicted, query, numbers",
    [
        (False, "", [1, 2, 3, 4, 5]),
        (False, "?$filter=Online eq false", [7]),
        (True, "", [1, 2, 3, 4, 5, 7]),
    ],
)
def test_evicted_products(five: Any, ann: dict[str, str], list_evicted: bool, query: str, numbers: list[int]) -> None:
    five.restore_offline(7)
    answer = five.client(list_evicted=list_evicted).get(f"{LIST}{query}", headers=ann)
    assert _names(answer) == [_name(number) for number in numbers]


@pytest.mark.parametrize("path", ["/", "/odata/v1/products", "/odata/v1/Product", f"{LIST}/{UUID(int=1)}"])
def test_where_nothing_is_the_service_document_is_named(house: Any, ann: dict[str, str], path: str) -> None:
    found = house.client().get(path, headers=ann)
    assert found.status_code == 404
    assert "; the OData service is at /odata/v1, the operator API at /docs." in found.json["error"]["message"]
    outside = house.client(public_url="https://prip.example.org", odata_path="").get("/nowhere", headers=ann)
    assert "service is at https://prip.example.org, the" in outside.json["error"]["message"]


def test_a_method_that_is_not_served_is_told_which_are(client: FlaskClient, ann: dict[str, str]) -> None:
    refused = client.delete(LIST, headers=ann)
    assert refused.status_code == 405
    message = refused.json["error"]["message"]
    assert message == "DELETE is not served at this path; what is: GET, HEAD, OPTIONS."
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    asked = client.get(f"{LIST}/OData.CSC.FilterList", headers=ann)
    assert asked.json["error"]["message"].endswith("OPTIONS, POST.")
