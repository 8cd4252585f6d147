"""The action FilterList over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prip_core.odata.filter_list import MOST_NAMES
from prip_core.web.filter_list import MOST_BYTES

pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgres"], indirect=True)

LIST = "/odata/v1/Products/OData.CSC.FilterList"


def name(number: int) -> str:
    return f"S2B_OPER_MSI_L2A_TL_{number:04}.tar"


def wanted(*names: str) -> dict[str, Any]:
    return {"FilterProducts": [{"Name": each} for each in names]}


@pytest.fixture
def ask(house: Any, ann: dict[str, str]) -> Callable[..., Any]:
    """Asks for names, of a delivery point with three products online and one that is gone."""
    for number in (1, 2, 3):
        house.publish(number)
    house.restore_offline(4)

    def post(*names: str, address: str = LIST, settings: dict[str, Any] | None = None, **headers: str) -> Any:
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        return house.client(**(settings or {})).post(address, json=wanted(*names), headers={**ann, **given})

    return post


@pytest.mark.parametrize(
    "address", [LIST, "/odata/v1/Products/FilterList", "/odata/v1/Products.FilterList", f"{LIST}/"]
)
def test_products_come_in_the_order_of_the_request(ask: Callable[..., Any], address: str) -> None:
    answer = ask(name(3), "unknown.tar", name(1), name(3), address=address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json;odata.metadata=minimal"
    assert answer.json["@odata.context"] == "$metadata#Products"
    assert [product["Name"] for product in answer.json["value"]] == [name(3), name(1)]
    assert "Attributes" not in answer.json["value"][0]


def test_nothing_found_is_an_empty_list(ask: Callable[..., Any]) -> None:
    assert ask("x", "y").json == {"@odata.context": "$metadata#Products", "value": []}


def test_options_of_the_action(ask: Callable[..., Any]) -> None:
    address = f"{LIST}?$expand=Attributes&$select=Name&$count=true&$skip=1&$top=1&custom=1"
    answer = ask(name(3), name(2), name(1), address=address).json
    assert answer["@odata.count"] == 3
    (product,) = answer["value"]
    assert product["Name"] == name(2)
    assert {each for each in product if not each.startswith("@")} == {"Id", "Name", "Attributes"}


@pytest.mark.parametrize("list_evicted, found", [(False, [2]), (True, [4, 2])])
def test_the_rule_of_the_list_holds(ask: Callable[..., Any], list_evicted: bool, found: list[int]) -> None:
    answer = ask(name(4), name(2), settings={"list_evicted": list_evicted})
    assert [product["Name"] for product in answer.json["value"]] == [name(number) for number in found]


def test_many_names(ask: Callable[..., Any]) -> None:
    names = [f"absent{number}" for number in range(MOST_NAMES - 2)]
    answer = ask(name(2), *names, name(1))
    assert [product["Name"] for product in answer.json["value"]] == [name(2), name(1)]


@pytest.mark.parametrize("prefer", ["return=minimal", "respond-async, return=minimal"])
def test_nothing_but_the_status_is_wanted(ask: Callable[..., Any], prefer: str) -> None:
    answer = ask(name(1), Prefer=prefer)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert "Preference-Applied" not in ask(name(1)).headers


@pytest.mark.parametrize("option", ["$filter=Online", "$orderby=Name", "$skiptoken=x"])
def test_options_that_the_action_does_not_have(ask: Callable[..., Any], option: str) -> None:
    answer = ask(name(1), address=f"{LIST}?{option}")
    assert answer.status_code == 400
    assert "cannot be asked of an action's answer" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "data, content_type, status",
    [
        (b"", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"FilterProducts":[]}', "application/json;odata.metadata=minimal", 400),
        (b'{"FilterProducts":[{"Name":"a"}]}', None, 400),
        (b'{"FilterProducts":[{"Name":"a"}]}', "text/plain", 400),
        (b'{"FilterProducts":[{"Name":"a"}]}', "application/json; charset=utf-8", 200),
        (b" " * (MOST_BYTES + 1), "application/json", 413),
    ],
)
def test_bodies(house: Any, ann: dict[str, str], data: bytes, content_type: str | None, status: int) -> None:
    answer = house.client().post(LIST, data=data, content_type=content_type, headers=ann)
    assert answer.status_code == status
    assert ("error" in answer.json) == (status != 200)


def test_it_needs_a_user_and_a_post(house: Any, ann: dict[str, str]) -> None:
    assert house.client().post(LIST, json=wanted("a")).status_code == 401
    refused = house.client().get(LIST, headers=ann)
    assert refused.status_code == 405
    assert "POST" in refused.headers["Allow"]
