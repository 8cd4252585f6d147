"""Workers are killed at random times while products arrive; and a disk that is full gets room again."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]
Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]


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
