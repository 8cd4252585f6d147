"""A file is changed behind the back of a real worker, which is paused in the middle of its work on it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint
from tests.e2e.pausing import wait_for_pause
from tests.e2e.promises import broken, published
from tests.e2e.scenarios import Build, Ingest


def grow(claimed: Path, other: Path) -> bytes:
    with claimed.open("ab") as file:
        file.write(bytes(10240))
    return claimed.read_bytes()


def cut(claimed: Path, other: Path) -> bytes:
    os.truncate(claimed, 15_000)
    return claimed.read_bytes()


def write_over(claimed: Path, other: Path) -> bytes:
    with claimed.open("r+b") as file:
        file.write(other.read_bytes())
    os.truncate(claimed, other.stat().st_size)
    return other.read_bytes()


def replace(claimed: Path, other: Path) -> bytes:
    new = claimed.with_name(".new")
    new.write_bytes(other.read_bytes())
    new.replace(claimed)
    return other.read_bytes()


@pytest.mark.parametrize("change", [grow, cut, write_over, replace])
@pytest.mark.parametrize("label", ["inspected", "store.begun"])
def test_a_file_that_changes_in_a_workers_hands(
    change: Callable[[Path, Path], bytes], label: str, forked: DeliveryPoint, granule: Build, ingest_all: Ingest
) -> None:
    """It comes in as it is then, or lies in quarantine as it is then; the next product does not wait for it."""
    product, other, follower = granule(1), granule(1, quality=99.0), granule(2)
    assert product.name == other.name
    forked.deliver(granule(1))
    worker = forked.spawn("ingest", "--once", PRIP_CRASH_AT=f"{label}:SIGSTOP")
    try:
        wait_for_pause(worker)
        (claimed,) = (forked.inbox / ".work").glob(f"*/{product.name}")
        content = change(claimed, other)
        forked.deliver(follower)
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()
    assert [row["name"] for row in published(forked)] == [follower.name]
    ingest_all(forked)
    delivered = {product.name: content, follower.name: follower.read_bytes()}
    assert broken(forked, delivered) == []
    assert len(published(forked)) == (1 if change is cut else 2)
