"""A delivery point on PostgreSQL: delivered, listed, downloaded; and its server goes away for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prip_core.catalogue import upgrade
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.postgres import PostgresServer

Build = Callable[..., Path]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]


def test_delivered_listed_searched_and_downloaded(on_postgres: DeliveryPoint, granule: Build) -> None:
    point, product = on_postgres, granule(1)
    point.start()
    point.deliver(product)
    listed = point.listed(product.name)
    names = {attribute["Name"]: attribute["Value"] for attribute in listed["Attributes"]}
    assert names["platformShortName"] == "SENTINEL-2"
    terms = f"contains(Name,'{product.name[10:30]}')", "platformShortName eq 'SENTINEL-2'", "year(OriginDate) gt 1999"
    found = point.page(filter=" and ".join(terms), count="true")
    assert (found["@odata.count"], [each["Id"] for each in found["value"]]) == (1, [listed["Id"]])
    assert point.get(f"/odata/v1/Products({listed['Id']})/$value") == (200, product.read_bytes())
    status = point.prip("db", "status", "--json")
    assert status.returncode == 0
    assert "a%20word" not in status.stdout + point.log_file.read_text()
    assert "***" in status.stdout


def test_a_server_that_goes_away_and_comes_back(
    postgres: PostgresServer,
    point: DeliveryPoint,
    move: Callable[[DeliveryPoint, str], None],
    granule: Build,
    broken_promises: Promises,
) -> None:
    with PostgresServer(durable=True) as server:
        url = server.url(server.create())
        upgrade(url)
        move(point, url)
        point.start()
        point.deliver(granule(1))
        point.listed(granule(1).name)
        server.stop(signal.SIGQUIT)
        assert point.get("/odata/v1/Products")[0] == 503
        point.deliver(granule(2))
        server.start()
        wait_for(lambda: point.get("/odata/v1/Products")[0] == 200, "list that is served again")
        point.listed(granule(2).name)
        delivered: dict[str, Any] = {granule(number).name: granule(number).read_bytes() for number in (1, 2)}
        wait_for(lambda: broken_promises(point, delivered) == [], "finished work")
        assert point.stop() == 0
