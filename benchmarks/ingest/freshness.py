"""A backlog of twelve hours beside fresh near-real-time products: who is in time (F12)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.ingest.places import new_point
from benchmarks.ingest.runs import place, timed, working
from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1

HOUR = timedelta(seconds=10)
"""What stands for an hour, in the limits, too."""

NRT = 3 * HOUR
"""Within so long of the end of sensing a near-real-time product is to be published."""

_LIMITS = (("NRT", 3), ("NTC", 8), ("NTC", 24))
_NONE = (("NTC", 1000),)  # so far away that age alone decides
_BACKLOG = 12
_HOURS = 6
_SPARE = 2.5
"""Products are taken in so many times as fast as they are made: the backlog lasts for eight hours."""

_TRIAL = 200
_MAKING = timedelta(milliseconds=8)
"""A product of the backlog is made in less, before the backlog arrives."""

_SENSING = timedelta(seconds=2)


@dataclass(slots=True)
class _Chain:
    """Makes small products of Sentinel-1, no two with the same name."""

    folder: Path
    made: int = 0

    def make(self, end: datetime) -> Path:
        """A product whose sensing ended at a time."""
        self.made += 1
        start, processed = end - _SENSING, end + timedelta(milliseconds=100)
        like = Sentinel1Specification(product_type="IW_GRDH_1S", start=start, stop=end, processed=processed)
        return build_sentinel1(replace(like, datatake=self.made, size=4096), self.folder)


def in_time(bench: Bench, *, limits: bool = True) -> float:
    """F12: the share of fresh products that are published in time, of all that are sensed from the first hour on.

    :param limits: the delivery point knows the limits; otherwise it takes in first what was sensed first.
    """
    point = new_point(bench)
    _write_limits(point, _LIMITS if limits else _NONE)
    chain = _Chain(bench.folder / f"chain-{point.folder.name}")
    chain.folder.mkdir()
    with working(point):
        trial = [chain.make(datetime.now(UTC) - HOUR) for _ in range(_TRIAL)]
        step = _SPARE * timedelta(seconds=timed(point, trial)) / _TRIAL  # from one product to the next
        begin = _deliver_backlog(point, chain, step)
        counted = {name for name, sensed in _deliver_fresh(point, chain, begin, step) if sensed >= begin + HOUR}
        time.sleep(NRT.total_seconds())
        return len(counted & _published_in_time(point)) / len(counted)


def _write_limits(point: DeliveryPoint, limits: Sequence[tuple[str, float]]) -> None:
    with (point.folder / "prip.toml").open("a") as config:
        for timeliness, hours in limits:
            within = hours * HOUR / timedelta(hours=1)
            config.write(
                f'[[kpi.limit]]\nmission = "sentinel1"\nproduct_types = ["*"]\ntimeliness = "{timeliness}"\n'
                f"within = {within}\nshare = 95.0\n"
            )


def _deliver_backlog(point: DeliveryPoint, chain: _Chain, step: timedelta) -> datetime:
    """Rename all of it into the inbox at once. Returns when: the youngest was sensed then."""
    number = int(_BACKLOG * HOUR / step)
    begin = datetime.now(UTC) + _MAKING * number
    paths = [chain.make(begin - step * each) for each in range(number)]
    place(point, paths)
    time.sleep(max(0.0, (begin - datetime.now(UTC)).total_seconds()))
    for path in paths:
        (point.inbox / f".{path.name}").rename(point.inbox / path.name)
    return begin


def _deliver_fresh(
    point: DeliveryPoint, chain: _Chain, begin: datetime, step: timedelta
) -> Iterator[tuple[str, datetime]]:
    """Deliver what is sensed meanwhile, each as soon as it is. Gives names, and ends of sensing."""
    for number in range(1, int(_HOURS * HOUR / step)):
        sensed = begin + step * number
        time.sleep(max(0.0, (sensed - datetime.now(UTC)).total_seconds()))
        yield point.deliver(chain.make(sensed)), sensed


def _published_in_time(point: DeliveryPoint) -> set[str]:
    with closing(sqlite3.connect(f"file:{point.database}?mode=ro", uri=True)) as database:
        limit = NRT // timedelta(milliseconds=1)
        query = "SELECT name FROM product WHERE publication_date - content_end <= ?"
        return {name for (name,) in database.execute(query, (limit,))}
