"""Two of everything on one inbox, and a worker that sleeps longer than its lease: each product once, none lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.e2e.pausing import pause

Build = Callable[..., Path]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]

LARGE = 128 << 20


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
    assert point.log_file.read_text().count("product published") == len(products)


def pause_while_it_reads(worker: subprocess.Popen[bytes], point: DeliveryPoint, granule: Build) -> list[Path]:
    """Deliver one large product after the other until the worker is paused in the middle of one, the last."""
    delivered: list[Path] = []
    while published(point) == len(delivered):
        if delivered:  # it was quicker
            worker.send_signal(signal.SIGCONT)
        delivered.append(granule(len(delivered), size=LARGE))
        point.deliver(delivered[-1])
        wait_for(lambda: _half_read(point) or published(point) == len(delivered), "begun upload")
        pause(worker, point)
    return delivered


def _half_read(point: DeliveryPoint) -> bool:
    with suppress(FileNotFoundError):  # it is an upload no more
        return any(upload.stat().st_size for upload in (point.archive / ".uploads").glob("*"))
    return False


def test_a_worker_that_sleeps_beyond_its_lease_does_no_harm(
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Callable[[DeliveryPoint], None],
    broken_promises: Promises,
) -> None:
    """It is paused in the middle of a long read; another publishes the product; then it wakes."""
    point.environment["PRIP__INGEST__LEASE"] = "1"
    sleeper = point.spawn("ingest")
    other = None
    try:
        delivered = pause_while_it_reads(sleeper, point, granule)
        other = point.spawn("ingest")
        wait_for(lambda: published(point) == len(delivered), "publication by the other worker")
        sleeper.send_signal(signal.SIGCONT)
        delivered.append(granule(len(delivered)))
        point.deliver(delivered[-1])
        wait_for(lambda: published(point) == len(delivered), "the next product")
    finally:
        end(sleeper, *([other] if other else []))
    ingest_all(point)
    assert broken_promises(point, {each.name: each.read_bytes() for each in delivered}) == []
