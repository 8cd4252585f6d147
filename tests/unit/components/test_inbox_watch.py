"""The wait for deliveries: ended by one, by time, or by an order to stop."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from prip_core.components.inbox_watch import InboxWatch
from tests.unit.components.delivery_point import Point


def test_a_delivery_ends_the_wait(point: Point) -> None:
    patience = timedelta(minutes=4)
    with InboxWatch([point.bulk.inbox], patience, point.stop) as watch:
        deliveries = threading.Thread(target=lambda: deliver_until(point, delivered))
        delivered = threading.Event()
        deliveries.start()
        watch.wait()
        delivered.set()
        deliveries.join()
        ((inbox, changed),) = watch.news()
    assert inbox is point.bulk.inbox
    assert {path.name for path in changed} <= point.waiting("bulk")
    assert changed


def deliver_until(point: Point, delivered: threading.Event) -> None:
    """Deliver again and again: the first may come before the watch has begun."""
    number = 0
    while not delivered.wait(0.2):
        number += 1
        point.deliver("bulk", f"NOTE_{number}")


@pytest.mark.parametrize("end", ["time", "stop"])
def test_the_wait_ends_without_a_delivery(point: Point, end: str) -> None:
    if end == "stop":
        point.stop.set()
    patience = timedelta(seconds=0.01) if end == "time" else timedelta(hours=1)
    with InboxWatch([point.bulk.inbox], patience, point.stop) as watch:
        watch.wait()
