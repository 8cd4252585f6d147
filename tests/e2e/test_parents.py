"""Reports, granules and datastrips that come in any order, to workers that are killed."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]

SAME = {"detector": 2, "datastrip_sensing": Sentinel2Specification().sensing}
"""What the report shares with the granule of number 1."""


@pytest.fixture(params=["sqlite", "postgres"])
def point(
    request: pytest.FixtureRequest, point: DeliveryPoint, database_settings: Callable[[str], dict[str, str]]
) -> DeliveryPoint:
    """With a lease so short that it has ended when the next process looks."""
    point.environment |= {"PRIP__INGEST__LEASE": "0.5", "PRIP__INGEST__PARENT_WAIT": "3600"}
    if request.param == "postgres":
        point.environment |= database_settings("postgres")
        assert point.prip("db", "upgrade").returncode == 0
    return point


def report(point: DeliveryPoint, folder: Path) -> dict[str, bytes]:
    path = build_sentinel2(Sentinel2Specification(product_type="OLQC_REPORT", **SAME), folder)  # type: ignore[arg-type]
    content = path.read_bytes()
    point.deliver(path)
    return {path.name: content}


def in_work(point: DeliveryPoint) -> list[dict[str, Any]]:
    listed = point.prip("inbox", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    rows: list[dict[str, Any]] = json.loads(listed.stdout)["in_work"]
    return rows


def test_a_report_waits_for_its_granule_through_a_crash(
    point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises, tmp_path: Path
) -> None:
    delivered = report(point, tmp_path)
    crashed = point.prip("ingest", "--once", PRIP_CRASH_AT="recognised")
    assert crashed.returncode == -signal.SIGKILL
    waited = point.prip("ingest", "--once")
    while "waiting 1" not in waited.stdout:  # until the lease of the killed one has ended
        assert waited.returncode == 0, waited.stderr
        waited = point.prip("ingest", "--once")
    product = granule(1)
    (row,) = in_work(point)
    assert row["state"] == f"waiting for {product.stem}"
    assert "published 0" in point.prip("ingest", "--once").stdout
    delivered[product.name] = product.read_bytes()
    point.deliver(product)
    crashed = point.prip("ingest", "--once", PRIP_CRASH_AT="publish.after")
    assert crashed.returncode == -signal.SIGKILL
    ingest_all(point)
    assert broken_promises(point, delivered) == []
    (shown,) = json.loads(point.prip("product", "show", product.name, "--json").stdout)
    assert shown["quality"]["verdict"] == "passed"
