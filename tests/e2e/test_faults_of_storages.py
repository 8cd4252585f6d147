"""An S3 server, or the way to it, fails for a product: nothing wrong is published, the next product goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.e2e.forking import ForkedDeliveryPoint, ForkedProcess
from tests.e2e.promises import broken, published
from tests.unit.storage_s3.faulty_proxy import (
    Fault,
    Proxy,
    do_then_refuse,
    flip_a_byte_on_the_way_there,
    lose_half_on_the_way_there,
    proxy_to,
    refuse,
    reset,
    stall,
    with_header,
)

Build = Callable[..., Path]
Objects = Callable[[], dict[str, bytes]]

SMALL, LARGE = 20_000, 12 << 20  # in one request, and in three parts
FAULTS: dict[str, Callable[[Proxy], Fault]] = {
    "SlowDown": lambda proxy: refuse(503, "SlowDown"),
    "InternalError": lambda proxy: refuse(500, "InternalError"),
    "full": lambda proxy: refuse(403, "QuotaExceeded"),
    "reset": lambda proxy: reset(),
    "stall": stall,
    "wrong ETag": lambda proxy: with_header("etag", '"00000000000000000000000000000000"'),
    "flipped byte": lambda proxy: flip_a_byte_on_the_way_there(),
    "truncated": lambda proxy: lose_half_on_the_way_there(),
    "done and refused": lambda proxy: do_then_refuse(503, "SlowDown"),
}


@pytest.fixture
def proxy(s3_server: S3Endpoint) -> Iterator[Proxy]:
    with proxy_to(s3_server.url) as proxy:
        yield proxy


@pytest.fixture
def behind(forked: ForkedDeliveryPoint, proxy: Proxy, keep_in_bucket: Callable[..., DeliveryPoint]) -> DeliveryPoint:
    """A delivery point whose bucket is behind the proxy, and which soon loses patience with it."""
    return keep_in_bucket(forked, endpoint_url=proxy.url, attempts=2, read_timeout=0.5)


@contextmanager
def working(point: DeliveryPoint) -> Iterator[ForkedProcess]:
    """A worker that is the same at the end as at the beginning."""
    worker = point.spawn("ingest")
    try:
        yield worker
        assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait(60)


def names(point: DeliveryPoint) -> set[str]:
    return {row["name"] for row in published(point)}


@pytest.mark.parametrize(
    "fault, size",
    [
        *(pytest.param(fault, LARGE, id=f"{fault}-large") for fault in FAULTS),
        *(pytest.param(fault, SMALL, id=f"{fault}-small") for fault in ("SlowDown", "wrong ETag", "done and refused")),
    ],
)
def test_a_server_that_fails_for_one_product(
    fault: str, size: int, behind: DeliveryPoint, proxy: Proxy, granule: Build, objects: Objects
) -> None:
    first, follower = granule(100, size=size), granule(101)
    # The worker does not believe what it hears, but looks: a small object is there, and is right.
    there = size == SMALL and fault in {"done and refused", "wrong ETag"}
    with working(behind):
        proxy.does(FAULTS[fault](proxy), method="PUT", about=first.name)
        behind.deliver(first)
        wait_for(lambda: proxy.asked("PUT", first.name), "begun upload")
        behind.deliver(follower)
        wait_for(lambda: follower.name in names(behind), "the next product")
        if not there:
            wait_for(lambda: "product not taken in" in behind.log_file.read_text(), "failure that is said")
            assert names(behind) == {follower.name}
        proxy.heal()
        wait_for(lambda: len(names(behind)) == 2, "the first product")
    assert not list((behind.folder / "quarantine").iterdir())
    delivered = {product.name: product.read_bytes() for product in (first, follower)}
    assert broken(behind, delivered, objects()) == []


def test_a_storm_over_many_products_takes_no_memory(
    behind: DeliveryPoint, proxy: Proxy, granule: Build, objects: Objects, ingest_all: Callable[[DeliveryPoint], None]
) -> None:
    products = [granule(110 + number, size=LARGE) for number in range(7)]
    proxy.does(refuse(503, "SlowDown"), method="PUT")

    def fail(*some: Path) -> None:
        failures = behind.log_file.read_text().count("product not taken in")
        for product in some:
            behind.deliver(product)
        wait_for(lambda: behind.log_file.read_text().count("product not taken in") >= failures + len(some), "failures")

    with working(behind) as worker:
        fail(*products[:2])
        used = psutil.Process(worker.pid).memory_info().rss
        fail(*products[2:])
        assert psutil.Process(worker.pid).memory_info().rss < used + 3 * LARGE
        proxy.heal()
    ingest_all(behind)
    assert broken(behind, {product.name: product.read_bytes() for product in products}, objects()) == []
