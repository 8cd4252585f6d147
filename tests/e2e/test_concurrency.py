"""Two of everything on one inbox, and a worker that sleeps longer than its lease: each product once, none lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for

Build = Callable[..., Path]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]


def published(point: DeliveryPoint) -> int:
    database = sqlite3.connect(f"file:{point.database}?mode=ro", uri=True)
    try:
        (count,) = database.execute("select count(*) from product").fetchone()
        return int(count)
    finally:
        database.close()


def end(*workers: subprocess.Popen[bytes]) -> None:
    for worker in workers:
        worker.send_signal(signal.SIGCONT)
        worker.terminate()
    for worker in workers:
        worker.wait(60)


def test_two_workers_on_one_inbox_publish_each_product_once(
    point: DeliveryPoint, granule: Build, ingest_all: Callable[[DeliveryPoint], None], broken_promises: Promises
) -> None:
    products = [granule(number) for number in range(60)]
    for product in products:
        point.deliver(product)
    workers = [point.spawn("ingest") for _ in range(2)]
    try:
        wait_for(lambda: published(point) == len(products), "60 products")
    finally:
        end(*workers)
    ingest_all(point)
    assert broken_promises(point, {each.name: each.read_bytes() for each in products}) == []
    both = {line.split()[0] for line in point.log_file.read_text().splitlines() if "product published" in line}
    assert len(both) >= len(products)


@pytest.mark.parametrize("megabytes", [64, 256])
def test_a_worker_that_sleeps_beyond_its_lease_does_no_harm(
    megabytes: int,
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Callable[[DeliveryPoint], None],
    broken_promises: Promises,
) -> None:
    """It is paused in the middle of a long read; another publishes the product; then it wakes."""
    point.environment["PRIP__INGEST__LEASE"] = "1"
    product = granule(1, size=megabytes << 20)
    sleeper = point.spawn("ingest")
    other = None
    try:
        uploads = point.archive / ".uploads"
        wait_for(uploads.is_dir, "worker at work")
        point.deliver(product)
        wait_for(lambda: any(upload.stat().st_size for upload in uploads.glob("*")), "begun upload")
        sleeper.send_signal(signal.SIGSTOP)
        assert published(point) == 0
        other = point.spawn("ingest")
        wait_for(lambda: published(point) == 1, "publication by the other worker")
        sleeper.send_signal(signal.SIGCONT)
        follower = granule(2)
        point.deliver(follower)
        wait_for(lambda: published(point) == 2, "the next product")
    finally:
        end(sleeper, *([other] if other else []))
    ingest_all(point)
    delivered = {each.name: each.read_bytes() for each in (product, follower)}
    assert broken_promises(point, delivered) == []
