"""Reports, granules and datastrips that come in any order, to workers that are killed."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from tests.e2e import promises

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]

SAME = {"detector": 2, "datastrip_sensing": Sentinel2Specification().sensing}
"""What the report shares with the granule of number 1."""


@pytest.fixture(params=["sqlite", "postgres"])
def point(
    request: pytest.FixtureRequest, forked: DeliveryPoint, move: Callable[[DeliveryPoint, str], None]
) -> DeliveryPoint:
    forked.environment["PRIP__INGEST__PARENT_WAIT"] = "3600"
    if request.param == "postgres":
        move(forked, request.getfixturevalue("postgres_url"))
    return forked


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
    promises.let_time_pass(point)
    assert "waiting 1" in point.prip("ingest", "--once").stdout
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


SESSION = {"caduSession": "S2B_20250801071500043890", "downlinkOrbitNumber": 43890}
RECEIVED = "2025-08-01T07:15:02.120Z"


def datastrip(point: DeliveryPoint, folder: Path) -> dict[str, bytes]:
    """Deliver the granules' datastrip with what the chain knows of its downlink."""
    made = Sentinel2Specification(product_type="MSI_L0__DS", size=20_000)
    path = build_sentinel2(made, folder)
    content = path.read_bytes()
    point.deliver(path, sidecar={"attributes": SESSION, "origin_date": RECEIVED})
    return {path.name: content}


@pytest.mark.parametrize("label", ["publish.before", "publish.after", "closed"])
def test_granules_inherit_from_a_datastrip_that_comes_later_through_a_crash(
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Ingest,
    broken_promises: Promises,
    tmp_path: Path,
    label: str,
) -> None:
    delivered = {path.name: path.read_bytes() for path in (granule(number) for number in range(3))}
    for number in range(3):
        point.deliver(granule(number))
    ingest_all(point)
    names = sorted(delivered)
    assert [shown(point, name)["findings"][0]["rule"] for name in names] == ["QC-20"] * 3
    delivered |= datastrip(point, tmp_path)
    crashed = point.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert crashed.returncode == -signal.SIGKILL
    ingest_all(point)
    late = granule(3)
    delivered[late.name] = late.read_bytes()
    point.deliver(late)
    ingest_all(point)
    assert broken_promises(point, delivered) == []
    children = [shown(point, name) for name in (*names, late.name)]
    assert [child["findings"] for child in children] == [[]] * 4
    assert {child["origin"] for child in children} == {RECEIVED}
    assert [child["modified"] > child["published"] for child in children] == [True, True, True, False]


def shown(point: DeliveryPoint, name: str) -> dict[str, Any]:
    done = point.prip("product", "show", name, "--json")
    assert done.returncode == 0, done.stderr
    ((found),) = json.loads(done.stdout)
    return dict(found)


def test_pollers_see_each_product_once_and_then_its_change(
    delivery_point: DeliveryPoint, granule: Build, tmp_path: Path
) -> None:
    """A client that asks for what was published sees every product once; one that asks for changes sees them."""
    point, last, published = delivery_point, "2000-01-01T00:00:00Z", []

    def poll() -> bool:
        nonlocal last
        page = point.page(filter=f"PublicationDate gt {last}", orderby="PublicationDate")["value"]
        published.extend(each["Name"] for each in page)
        last = page[-1]["PublicationDate"] if page else last
        return len(published) >= 4

    names = [point.deliver(granule(number)) for number in range(3)]
    before = [point.listed(name) for name in names]
    poll()
    names += datastrip(point, tmp_path)
    newest = max(each["ModificationDate"] for each in before)
    session = f"Attributes/any(a:a/Name eq 'caduSession' and a/Value eq '{SESSION['caduSession']}')"

    def changed() -> list[dict[str, Any]]:
        asked = f"ModificationDate gt {newest} and OriginDate eq {RECEIVED} and {session}"
        page = point.page(filter=asked, expand="Attributes")["value"]
        return page if len(page) == 4 else []

    found = wait_for(changed, "three granules and their datastrip with what they inherit")
    wait_for(poll, "the datastrip, published")
    poll()
    assert sorted(published) == sorted(names)
    known = {each["Name"]: each["PublicationDate"] for each in before}
    assert {each["Name"]: each["PublicationDate"] for each in found if each["Name"] in known} == known
    for each in found:
        values = {attribute["Name"]: attribute["Value"] for attribute in each["Attributes"]}
        assert values["downlinkOrbitNumber"] == 43890


def test_tiles_inherit_along_datastrip_and_datatake(point: DeliveryPoint, ingest_all: Ingest, tmp_path: Path) -> None:
    """From the Level-0 datastrip, whose downlink the chain knows, to that of Level 1C, and on to its tile."""
    datastrip(point, tmp_path)
    ingest_all(point)
    made = [Sentinel2Specification(product_type=code, size=20_000) for code in ("MSI_L1C_TL", "MSI_L1C_DS")]
    names = []
    for each in made:
        names.append(point.deliver(build_sentinel2(each, tmp_path)))
        ingest_all(point)
    assert [shown(point, name)["origin"] for name in names] == [RECEIVED] * 2
