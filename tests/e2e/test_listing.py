"""A client lists products: filters, order, pages by next links, and polls while products are still arriving."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for

COUNT = 34
SITE = "VGS4"
OURS = f"contains(Name,'_{SITE}_')"


@pytest.fixture(scope="module")
def names(running: DeliveryPoint, granule: Callable[..., Path]) -> list[str]:
    """Names of the products that this module delivers, in the order in which they were published."""
    for number in range(COUNT):
        running.deliver(granule(number, site=SITE))
    wait_for(lambda: running.page(filter=OURS, top=0, count="true")["@odata.count"] == COUNT, "full list")
    products = list(pages(running, filter=OURS, orderby="PublicationDate"))
    return [product["Name"] for product in products]


def pages(point: DeliveryPoint, **options: object) -> Iterator[dict[str, Any]]:
    """All products of all pages."""
    page = point.page(**options)
    while True:
        yield from page["value"]
        if "@odata.nextLink" not in page:
            return
        status, body = point.get(page["@odata.nextLink"])
        assert status == 200, body
        page = json.loads(body)


@pytest.mark.parametrize(
    "order", ["PublicationDate", "PublicationDate desc", "Name", "ContentDate/Start desc,Name", "ContentLength,Id"]
)
def test_next_links_lead_through_all_pages_once(order: str, running: DeliveryPoint, names: list[str]) -> None:
    first = running.page(filter=OURS, orderby=order)
    assert (len(first["value"]), "@odata.nextLink" in first) == (10, True)
    found = [product["Name"] for product in pages(running, filter=OURS, orderby=order)]
    assert sorted(found) == sorted(names)
    if order.startswith("PublicationDate"):
        assert found == (names[::-1] if order.endswith("desc") else names)
    elif order == "Name":
        assert found == sorted(names)


def test_skip_top_and_count_cut_out_what_they_say(running: DeliveryPoint, names: list[str]) -> None:
    page = running.page(filter=OURS, orderby="PublicationDate", skip=5, top=4, count="true")
    assert page["@odata.count"] == COUNT
    assert [product["Name"] for product in page["value"]] == names[5:9]
    assert running.page(filter=OURS, skip=COUNT)["value"] == []


@pytest.mark.parametrize(
    "condition, expected",
    [
        ("endswith(Name,'_D04_N05.11.tar')", lambda name: "_D04_" in name),
        ("contains(Name,'_D04_') or contains(Name,'_D05_')", lambda name: "_D04_" in name or "_D05_" in name),
        ("not contains(Name,'_D04_') and Online eq true", lambda name: "_D04_" not in name),
        ("ContentDate/Start gt 2025-08-01T07:06:22Z", lambda name: "_S20250801T070620_" not in name),
        (
            "startswith(Name,'S2B_OPER_MSI_L0__GR') and ContentLength gt 100 and EvictionDate gt 2100-01-01T00:00:00Z",
            len,
        ),
        ("PublicationDate lt 2000-01-01T00:00:00Z", lambda name: False),
    ],
)
def test_filters_find_what_they_describe(
    condition: str, expected: Callable[[str], object], running: DeliveryPoint, names: list[str]
) -> None:
    found = {product["Name"] for product in pages(running, filter=f"{OURS} and ({condition})")}
    assert found == {name for name in names if expected(name)}


def test_select_and_expand_shape_the_answer(running: DeliveryPoint, names: list[str]) -> None:
    condition = f"Name eq '{names[0]}'"
    (selected,) = running.page(filter=condition, select="Name,ContentLength")["value"]
    assert {name for name in selected if not name.startswith("@")} >= {"Name", "ContentLength"}
    assert "Footprint" not in selected
    (plain,) = running.page(filter=condition)["value"]
    (expanded,) = running.page(filter=condition, expand="Attributes")["value"]
    assert "Attributes" not in plain
    assert {each["Name"] for each in expanded["Attributes"]} >= {"productType", "orbitNumber"}
    status, body = running.get(f"/odata/v1/Products({plain['Id']})?$expand=Attributes")
    assert status == 200
    assert json.loads(body)["Attributes"] == expanded["Attributes"]


def test_a_poller_misses_nothing_and_sees_nothing_twice(
    running: DeliveryPoint, granule: Callable[..., Path], names: list[str]
) -> None:
    products = [granule(number, site="MPS_") for number in range(40)]
    chain = threading.Thread(target=lambda: [running.deliver(product) for product in products])
    seen: list[str] = []
    last = running.page(orderby="PublicationDate desc", top=1)["value"][0]["PublicationDate"]
    chain.start()

    def poll() -> bool:
        nonlocal last
        found = running.page(filter=f"PublicationDate gt {last}", orderby="PublicationDate", top=3)["value"]
        seen.extend(product["Name"] for product in found if "_MPS__" in product["Name"])
        last = found[-1]["PublicationDate"] if found else last
        return len(seen) >= len(products) and not found

    wait_for(poll, "end of the new products")
    chain.join()
    assert len(seen) == len(set(seen))
    assert set(seen) == {product.name for product in products}
