"""A file system is full, out of inodes or read-only, or is another one than the next: products wait, and go on."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint
from tests.e2e.promises import broken, published
from tests.e2e.scenarios import REFUSING, Build, Ingest
from tests.e2e.small_disk import SmallDisk, small_disk

SHARED_MEMORY = Path("/dev/shm")
FULL, NO_INODES, READ_ONLY = SmallDisk.full, SmallDisk.without_inodes, SmallDisk.read_only
SAID = {
    ("archive", FULL): "No space left",
    ("archive", NO_INODES): "No space left",
    ("archive", READ_ONLY): "Read-only file system",
    ("quarantine", FULL): "No space left",
    ("quarantine", NO_INODES): "No space left",
    ("quarantine", READ_ONLY): "Read-only file system",
    ("inbox", FULL): "",  # a claim is a rename
    ("inbox", NO_INODES): "No space left",
    ("inbox", READ_ONLY): "Read-only file system",
    ("database", FULL): "disk is full|disk I/O error",
    ("database", NO_INODES): "unable to open|disk is full",
    ("database", READ_ONLY): "readonly|unable to open",
}
"""Where, what → what the log says of it."""


@pytest.fixture
def point(forked: DeliveryPoint) -> DeliveryPoint:
    """Which tries although there is hardly any room."""
    forked.environment["PRIP__INGEST__MIN_FREE"] = "0"
    return forked


@pytest.fixture
def disk(request: pytest.FixtureRequest, point: DeliveryPoint) -> Iterator[SmallDisk]:
    """Under the folder that the test names; under the database's file, too."""
    folder = point.folder / request.param
    folder.mkdir(exist_ok=True)
    with small_disk(folder) as disk:
        if request.param == "database":
            shutil.move(point.database, folder)
            point.database.symlink_to(folder / "prip.db")
        assert point.prip("ingest", "--once").returncode == 0  # it makes what it needs, as long as there is room
        yield disk


def deliver(point: DeliveryPoint, granule: Build) -> dict[str, bytes]:
    """A product to publish, and one to refuse."""
    good, bad = granule(1), granule(2)
    point.deliver(good)
    point.deliver(bad, sidecar={"checksum": {"algorithm": "MD5", "value": "0" * 32}})
    return {good.name: good.read_bytes(), bad.name: bad.read_bytes()}


@pytest.mark.parametrize(
    "disk, fault, said",
    [pytest.param(where, fault, said, id=f"{where}-{fault.__name__}") for (where, fault), said in SAID.items()],
    indirect=["disk"],
)
def test_a_disk_that_takes_nothing_more(
    disk: SmallDisk,
    fault: Callable[[SmallDisk], object],
    said: str,
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Ingest,
) -> None:
    delivered = deliver(point, granule)
    with fault(disk):
        tried = point.prip("ingest", "--once")
        assert tried.returncode in {0, 1}
        assert said == "" or any(word in tried.stderr for word in said.split("|"))
        assert "Traceback" not in tried.stderr
    assert not [path for path in (point.folder / "quarantine").glob("*/*/*") if path.name == granule(1).name]
    ingest_all(point)
    assert len(published(point)) == 1
    assert broken(point, delivered) == []


def limited(point: DeliveryPoint, limit: int) -> subprocess.CompletedProcess[str]:
    """``prip ingest --once`` that may write no file larger than a limit, in bytes."""

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = point.command("ingest", "--once")
    return subprocess.run(
        command, env=point.variables(), preexec_fn=restrict, capture_output=True, text=True, timeout=240, check=False
    )


def test_a_product_that_cannot_be_written_waits(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> None:
    small, large = granule(1), granule(2, size=8 << 20)
    for product in (large, small):
        point.deliver(product)
    done = limited(point, 4 << 20)
    assert "File too large" in done.stderr
    ingest_all(point)
    assert broken(point, {each.name: each.read_bytes() for each in (large, small)}) == []


@pytest.fixture
def elsewhere(point: DeliveryPoint) -> Iterator[DeliveryPoint]:
    """With its inbox in memory, beside an archive and a quarantine on the disk."""
    if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == point.folder.stat().st_dev:
        pytest.skip(f"{SHARED_MEMORY} is no file system of its own here")
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        shutil.rmtree(point.inbox)
        point.inbox.symlink_to(folder)
        yield point


@pytest.mark.parametrize("take_over", ["copy", "link"])
@pytest.mark.parametrize("label", ["", "store.begun", "stored", "clean.finished", *REFUSING])
def test_inbox_and_archive_on_different_file_systems(
    elsewhere: DeliveryPoint, granule: Build, ingest_all: Ingest, take_over: str, label: str
) -> None:
    inbox = {"path": "inbox", "quarantine": "quarantine", "take_over": take_over}
    elsewhere.environment["PRIP__INBOX"] = json.dumps([inbox])
    delivered = deliver(elsewhere, granule)
    done = elsewhere.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert done.returncode == (-signal.SIGKILL if label else 0)
    ingest_all(elsewhere)
    assert len(published(elsewhere)) == 1
    assert broken(elsewhere, delivered) == []
