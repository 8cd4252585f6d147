"""Lanes: order is kept, memory is bounded, nothing that goes wrong is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from prip_core.ingest.lanes import THREADED_FROM, Lane


@pytest.fixture(params=[0, THREADED_FROM], ids=["at once", "on a thread"])
def lane(request: pytest.FixtureRequest) -> Iterator[Lane]:
    lane = Lane(request.param, "test")
    yield lane
    lane.close()


def test_work_is_done_in_its_order(lane: Lane) -> None:
    done: list[bytes | memoryview] = []
    for number in range(100):
        lane.do(done.append, bytes([number]))
    lane.finish()
    assert done == [bytes([number]) for number in range(100)]


def test_what_work_raises_comes_out(lane: Lane) -> None:
    def fail(_: bytes | memoryview) -> None:
        raise ArithmeticError

    def work() -> None:
        lane.do(fail, b"")
        lane.finish()

    with pytest.raises(ArithmeticError):
        work()


def test_a_slow_thread_holds_up_whoever_feeds_it() -> None:
    lane, go_on, fed = Lane(THREADED_FROM, "test"), threading.Event(), threading.Semaphore(0)
    waiting: list[int] = []

    def feed() -> None:
        for number in range(100):
            waiting.append(number)
            lane.do(lambda _: go_on.wait(), b"")
            fed.release()

    feeder = threading.Thread(target=feed)
    feeder.start()
    for _ in range(8):
        assert fed.acquire(timeout=60)
    assert len(waiting) <= 10
    go_on.set()
    feeder.join(60)
    lane.finish()
    lane.close()
    assert len(waiting) == 100
