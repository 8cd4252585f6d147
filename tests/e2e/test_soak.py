"""Workers are killed at random times while products arrive; and a disk that is full gets room again."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]

ROUNDS = 200 if os.environ.get("PRIP_SOAK") else 20
PER_ROUND = 30
SEED = 20250801


@pytest.mark.soak
def test_random_kills_lose_and_double_nothing(
    point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    """Three workers; in each round some products arrive, and after a random time a random worker is killed."""
    chance = random.Random(SEED)
    point.environment["PRIP__INGEST__LEASE"] = "1"
    workers = [point.spawn("ingest") for _ in range(3)]
    delivered: dict[str, bytes] = {}
    try:
        for number in range(ROUNDS):
            products = [granule(number * PER_ROUND + each) for each in range(PER_ROUND)]
            delivered |= {product.name: product.read_bytes() for product in products}
            for product in products:
                sidecar = {"checksum": {"algorithm": "MD5", "value": "0" * 32}} if chance.random() < 0.1 else None
                point.deliver(product, sidecar=sidecar)
            time.sleep(chance.uniform(0.0, 0.3))
            victim = chance.randrange(len(workers))
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = point.spawn("ingest")
            time.sleep(0.3)  # or most would die before they have begun
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)
    ingest_all(point)
    assert broken_promises(point, delivered) == []


def limited(point: DeliveryPoint, limit: int) -> subprocess.CompletedProcess[str]:
    """``prip ingest --once`` that may write no file larger than a limit, in bytes."""

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = point.command("ingest", "--once")
    return subprocess.run(
        command, env=point.variables(), preexec_fn=restrict, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_product_that_cannot_be_written_waits(
    point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    small, large = granule(1), granule(2, size=8 << 20)
    for product in (large, small):
        point.deliver(product)
    done = limited(point, 4 << 20)
    assert "File too large" in done.stderr
    ingest_all(point)
    delivered = {each.name: each.read_bytes() for each in (large, small)}
    assert broken_promises(point, delivered) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 6 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("mounting a small file system needs root on Linux")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    return folder


def test_a_full_archive_gets_room_and_work_goes_on(
    small_disk: Path, point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    try:
        (small_disk / "archive").mkdir()
        point.environment["PRIP__STORAGES__ARCHIVE__PATH"] = str(small_disk / "archive")
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(4 << 20))
        product = granule(1, size=3 << 20)
        point.deliver(product)
        full = point.prip("ingest", "--once")
        assert "No space left" in full.stderr
        assert not list((point.folder / "quarantine").iterdir())
        ballast.unlink()
        ingest_all(point)
        stored = list((small_disk / "archive").glob("*/*/*/*/*/*"))
        assert [path.read_bytes() for path in stored] == [product.read_bytes()]
    finally:
        wait_for(
            lambda: subprocess.run(["umount", str(small_disk)], check=False).returncode == 0, "end of the mount", 10
        )
