"""A worker is paused at a labelled point, another does its work, then it wakes: it can do no harm any more."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from prip_core.testing.delivery_point import DeliveryPoint
from tests.e2e import promises, scenarios
from tests.e2e.pausing import pause, wait_for_pause
from tests.e2e.scenarios import Build, Ingest

Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]

AT = {
    scenarios.publish: scenarios.PUBLISHING,
    scenarios.side_by_side: scenarios.PUBLISHING,
    scenarios.take_over_by_link: ("store.begun", "stored"),
    scenarios.duplicate: ("store.begun", "stored", "publish.after", "clean.before"),
    scenarios.refuse_by_content: ("claim.renamed", "store.begun", *scenarios.REFUSING),
}


@pytest.fixture
def point(forked: DeliveryPoint) -> DeliveryPoint:
    return forked


@contextmanager
def paused(
    point: DeliveryPoint, label: str, *, verb: tuple[str, ...] = ("ingest", "--once")
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that has come to a labelled point and sleeps there."""
    worker = point.spawn(*verb, PRIP_CRASH_AT=f"{label}:SIGSTOP")
    try:
        wait_for_pause(worker)
        pause(worker, point)
        yield worker
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.parametrize(
    "scenario, label",
    [pytest.param(scenario, label, id=f"{scenario.__name__}-{label}") for scenario in AT for label in AT[scenario]],
)
def test_a_worker_that_wakes_after_another_did_its_work(
    scenario: Callable[..., dict[str, bytes]],
    label: str,
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Ingest,
    broken_promises: Promises,
) -> None:
    delivered = scenario(point, granule, ingest_all)
    with paused(point, label) as sleeper:
        ingest_all(point)
        assert broken_promises(point, delivered) == []
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.wait(60) == 0
    assert broken_promises(point, delivered) == []


def test_a_worker_that_wakes_leaves_the_next_delivery_of_its_product_alone(
    point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    """It was refused meanwhile, and delivered again: the sleeper knows the name, and has no right to it."""
    scenarios.refuse_by_content(point, granule, ingest_all)
    with paused(point, "claim.row") as sleeper:
        ingest_all(point)
        (kept,) = (point.folder / "quarantine").glob("*/*/*.tar")
        point.deliver(granule(1))
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.wait(60) == 0
    ingest_all(point)
    content = granule(1).read_bytes()
    assert kept.read_bytes() == content
    kept.unlink()
    assert broken_promises(point, {granule(1).name: content}) == []


@pytest.mark.parametrize("label", ["claim.row", "recognised", "store.begun", "stored", "publish.after"])
def test_a_worker_that_is_told_to_stop_finishes_what_it_has_in_work(
    label: str, point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    """And takes up nothing new: what comes meanwhile waits in the inbox for another."""
    delivered = scenarios.publish(point, granule, ingest_all)
    with paused(point, label, verb=("ingest",)) as worker:
        follower = granule(3)
        point.deliver(follower)
        worker.terminate()
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(60) == 0
    assert [path.name for path in point.inbox.glob("*.tar")] == [follower.name]
    assert {row["name"] for row in promises.published(point)} == delivered.keys()
    assert promises.asked(point, "select name from ingestion") == []
    ingest_all(point)
    assert broken_promises(point, {**delivered, follower.name: follower.read_bytes()}) == []


def test_a_worker_that_cannot_finish_in_its_grace_hands_the_product_back(
    point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    """Another takes it up at once: it does not wait for the end of a lease."""
    point.environment |= {"PRIP__INGEST__LEASE": "3600", "PRIP__INGEST__GRACE": "0"}
    product = granule(1, size=64 << 20)
    point.deliver(product)
    with paused(point, "store.begun", verb=("ingest",)) as worker:
        worker.terminate()
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(60) == 0
    assert promises.published(point) == []
    (left,) = promises.asked(point, "select faults, last_error from ingestion")
    assert left["faults"] == 0
    assert "told to stop" in left["last_error"]
    assert point.prip("ingest", "--once").returncode == 0
    assert broken_promises(point, {product.name: product.read_bytes()}) == []
