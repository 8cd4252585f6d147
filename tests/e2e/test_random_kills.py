"""Four workers and a dispatcher are killed and paused at random times while products arrive and a client polls."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from tests.e2e import promises, telling
from tests.e2e.forking import ForkedDeliveryPoint, ForkedProcess

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]

ROUNDS = 100 if os.environ.get("PRIP_SOAK") else 10
GRANULES, REPORTS = 6, 8
VERBS = ("ingest", "ingest", "ingest", "ingest", "dispatch")
LEASE = 1.0
SEED = 20250801


class Poller:
    """A client that asks for what was published after the last that it saw, and for nothing else."""

    def __init__(self, point: DeliveryPoint) -> None:
        self._point = point
        self._server = DeliveryPoint.spawn(point, "serve")
        self._last = "1970-01-01T00:00:00.000Z"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._poll)
        self.seen: Counter[str] = Counter()
        self.error: Exception | None = None
        wait_for(self._answers, "server")
        self._thread.start()

    def finish(self) -> Counter[str]:
        """How often it saw each Id, when nothing new comes."""
        self._done.set()
        self._thread.join()
        if self.error is not None:
            raise self.error
        return self.seen

    def close(self) -> None:
        self._done.set()
        self._thread.join()
        self._server.kill()
        self._server.wait()

    def _answers(self) -> bool:
        try:
            return self._point.get("/health/ready")[0] == 200
        except OSError:
            return False

    def _poll(self) -> None:
        try:
            while not self._done.wait(0.2):
                self._look()
            self._look()
        except Exception as error:
            self.error = error

    def _look(self) -> None:
        while found := self._point.page(filter=f"PublicationDate gt {self._last}", orderby="PublicationDate asc")[
            "value"
        ]:
            self.seen.update(each["Id"] for each in found)
            self._last = found[-1]["PublicationDate"]

    def _newer(self) -> list[dict[str, Any]]:
        newer = f"PublicationDate gt {self._last}"
        found: list[dict[str, Any]] = self._point.page(filter=newer, orderby="PublicationDate asc")["value"]
        return found


@pytest.fixture
def report(tmp_path: Path) -> Build:
    """Builds the quality report about the granule of a number."""

    def build(number: int) -> Path:
        start = Sentinel2Specification().sensing
        specification = Sentinel2Specification(
            product_type="OLQC_REPORT",
            detector=number % 12 + 1,
            datastrip_sensing=start,
            sensing=start + timedelta(seconds=3.608 * (number // 12)),
            status="PASSED" if number % 5 else "FAILED",
        )
        return build_sentinel2(specification, tmp_path)

    return build


@dataclass
class Chain:
    """Delivers granules, some with a wrong digest, and quality reports in random order."""

    point: DeliveryPoint
    granule: Build
    report: Build
    chance: random.Random
    delivered: dict[str, bytes] = field(default_factory=dict)

    def deliver(self, number: int) -> None:
        products = [self.granule(number * GRANULES + each) for each in range(GRANULES)]
        products += [self.report(number * REPORTS + each) for each in range(REPORTS)]
        self.chance.shuffle(products)
        for product in products:
            self.delivered[product.name] = product.read_bytes()
            wrong = self.chance.random() < 0.1
            self.point.deliver(
                product, sidecar={"checksum": {"algorithm": "MD5", "value": "0" * 32}} if wrong else None
            )


class Crew:
    """The workers, and what befalls them."""

    def __init__(self, point: ForkedDeliveryPoint, chance: random.Random) -> None:
        self._point, self._chance = point, chance
        self._workers: list[ForkedProcess] = [point.spawn(verb) for verb in VERBS]

    def suffer(self) -> None:
        """One is killed, or all of them, or one sleeps for longer than its lease."""
        fate = self._chance.random()
        if fate < 0.15:
            self._sleep(self._chance.choice(self._workers))
        else:
            self._kill(self._workers if fate < 0.25 else [self._chance.choice(self._workers)])

    def _sleep(self, worker: ForkedProcess) -> None:
        worker.send_signal(signal.SIGSTOP)
        time.sleep(LEASE * 1.5)
        worker.send_signal(signal.SIGCONT)

    def _kill(self, victims: list[ForkedProcess]) -> None:
        for victim in list(victims):
            victim.kill()
            victim.wait(60)
            place = self._workers.index(victim)
            self._workers[place] = self._point.spawn(VERBS[place])

    def stop(self) -> list[int]:
        """Exit codes."""
        for worker in self._workers:
            worker.terminate()
        return [worker.wait(60) for worker in self._workers]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, forked: ForkedDeliveryPoint) -> ForkedDeliveryPoint:
    if request.param == "postgres":
        request.getfixturevalue("move")(forked, request.getfixturevalue("postgres_url"))
    return forked


@pytest.fixture(params=["posix", "s3"])
def kept(request: pytest.FixtureRequest, database: ForkedDeliveryPoint) -> Callable[[], dict[str, bytes] | None]:
    """What the storage has, where the point's own archive is not the storage."""
    if request.param == "posix":
        return lambda: None
    request.getfixturevalue("keep_in_bucket")(database)
    objects: Callable[[], dict[str, bytes]] = request.getfixturevalue("objects")
    return objects


@pytest.fixture
def poller(database: ForkedDeliveryPoint, kept: object) -> Iterator[Poller]:
    poller = Poller(database)
    yield poller
    poller.close()


def _all_told(point: DeliveryPoint) -> bool:
    """A lease of a dispatcher that was killed may have to end before."""
    assert point.prip("dispatch", "--once").returncode == 0
    return promises.asked(point, "select id from outbox where done_at is null") == []


@pytest.mark.soak
def test_random_kills_lose_and_double_nothing(
    forked: ForkedDeliveryPoint,
    kept: Callable[[], dict[str, bytes] | None],
    poller: Poller,
    granule: Build,
    report: Build,
    ingest_all: Ingest,
) -> None:
    chance = random.Random(SEED)
    forked.environment |= {"PRIP__INGEST__LEASE": str(LEASE), "PRIP__INGEST__PARENT_WAIT": "2"}
    telling.listen(forked)
    chain = Chain(forked, granule, report, chance)
    crew = Crew(forked, chance)
    try:
        for number in range(ROUNDS):
            chain.deliver(number)
            time.sleep(chance.uniform(0.0, 0.3))
            crew.suffer()
            time.sleep(0.1)  # or most would die before they have begun
    finally:
        codes = crew.stop()
    assert set(codes) <= {0, -signal.SIGTERM}, "one that has just begun may not have listened yet"
    ingest_all(forked)
    wait_for(partial(_all_told, forked), "end of the outbox", 120)
    assert telling.wrongly_told(forked, chain.delivered) == []
    assert promises.broken(forked, chain.delivered, kept()) == []
    published = promises.published(forked)
    assert {"MSI_L0__GR", "OLQC_REPORT"} == {row["product_type"] for row in published}
    assert len(published) < len(chain.delivered), "none was refused"
    seen = poller.finish()
    assert len(seen) == len(published)
    assert [found for found, times in seen.items() if times > 1] == []
