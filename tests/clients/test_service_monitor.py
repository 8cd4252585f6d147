"""The service monitor's loop, while other processes publish: every product is seen, and is what was promised."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

COUNT = 60
FAR = "2099-01-01T00:00:00Z"
SETTINGS = {
    "PRIP__INGEST__WORKERS": "3",
    "PRIP__INGEST__RESCAN": "0.2",
    "PRIP__SERVE__PROCESSES": "2",
    "PRIP__SERVE__THREADS": "16",
    "PRIP__SERVE__PAGE_SIZE": "7",
}


@pytest.fixture(params=["sqlite", "postgres"])
def point(
    request: pytest.FixtureRequest, tmp_path: Path, database_settings: Callable[[str], dict[str, str]]
) -> Iterator[DeliveryPoint]:
    """A delivery point with three ingest processes, and pages that end long before ``$top=1000``."""
    settings = SETTINGS | database_settings(request.param)
    point = DeliveryPoint.make(tmp_path / "point", ("sentinel2",), settings)
    point.start()
    yield point
    point.stop()


@pytest.fixture
def products(tmp_path: Path) -> list[Path]:
    """What the chain will deliver."""
    folder = tmp_path / "products"
    folder.mkdir()
    start = Sentinel2Specification().sensing
    return [
        build_sentinel2(
            Sentinel2Specification(
                product_type="MSI_L0__GR",
                detector=number % 12 + 1,
                sensing=start + timedelta(seconds=4 * (number // 12)),
                datastrip_sensing=start,
                size=10_000,
            ),
            folder,
        )
        for number in range(COUNT)
    ]


class Monitor:
    """Asks as the monitor does and keeps what it was told.

    :ivar seen: products by Id as they were first seen.
    """

    def __init__(self, point: DeliveryPoint) -> None:
        self._point = point
        self._from = "2020-01-01T00:00:00Z"
        self._skip = 0
        self.seen: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []

    def step(self) -> bool:
        """Ask for one page. Returns whether it brought anything new."""
        condition = f"PublicationDate ge {self._from} and PublicationDate le {FAR}"
        skip = f"&$skip={self._skip}" if self._skip else ""
        query = f"$filter={condition}&$orderby=PublicationDate&$top=1000&$expand=Attributes{skip}"
        page = ask(self._point, query)
        new = [product for product in page if product["Id"] not in self.seen]
        for product in page:
            self._keep(product)
        self._restart(page, bool(new))
        return bool(new)

    def _keep(self, product: dict[str, Any]) -> None:
        known = self.seen.setdefault(product["Id"], product)
        assert known == product, "a product changed between two looks"
        if known is product:
            self.order.append(product["PublicationDate"])

    def _restart(self, page: list[dict[str, Any]], moved: bool) -> None:
        """At the last PublicationDate with ``ge``; past what is known where that brings nothing new."""
        if not page:
            self._skip = 0
        elif moved:
            self._from, self._skip = page[-1]["PublicationDate"], 0
        else:
            self._skip += len(page)


def ask(point: DeliveryPoint, query: str) -> list[dict[str, Any]]:
    status, body = point.get(f"/odata/v1/Products?{quote(query, safe='$&=():,')}")
    assert status == 200, body
    found: list[dict[str, Any]] = json.loads(body)["value"]
    return found


def test_every_product_is_seen_while_they_are_published(point: DeliveryPoint, products: list[Path]) -> None:
    chain = threading.Thread(target=lambda: [point.deliver(product) for product in products])
    monitor = Monitor(point)
    chain.start()
    wait_for(lambda: monitor.step() is False and len(monitor.seen) == COUNT, "last product", 120)
    chain.join()
    assert {product["Name"] for product in monitor.seen.values()} == {product.name for product in products}
    assert monitor.order == sorted(set(monitor.order)), "a product appeared behind one that had been seen"
    first = next(iter(monitor.seen.values()))
    assert {"productType", "platformShortName"} <= {each["Name"] for each in first["Attributes"]}


def test_what_is_seen_can_be_downloaded_at_once(point: DeliveryPoint, products: list[Path]) -> None:
    contents = {product.name: product.read_bytes() for product in products[:30]}
    chain = threading.Thread(target=lambda: [point.deliver(product) for product in products[:30]])
    chain.start()
    monitor = Monitor(point)
    fetched: set[str] = set()

    def look() -> bool:
        monitor.step()
        for product in monitor.seen.values():
            if product["Name"] not in fetched:
                answer = point.get(f"/odata/v1/Products({product['Id']})/$value")
                assert answer == (200, contents[product["Name"]])
                fetched.add(product["Name"])
        return len(fetched) == len(contents)

    wait_for(look, "every download", 120)
    chain.join()


def test_the_probe_for_anything_new(point: DeliveryPoint, products: list[Path]) -> None:
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    probe = f"$filter=PublicationDate gt {yesterday}&$top=1&$orderby=PublicationDate asc"
    assert ask(point, probe) == []
    names = [point.deliver(product) for product in products[:3]]
    for name in names:
        point.listed(name)
    (oldest,) = ask(point, probe)
    assert oldest["PublicationDate"] == min(point.listed(name)["PublicationDate"] for name in names)
    for member in ("PublicationDate", "EvictionDate"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", oldest[member])
