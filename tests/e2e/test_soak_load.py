"""Products and their quality reports go through four workers, while a client polls and memory is watched."""

from __future__ import annotations

import itertools
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]

PRODUCTS = 20_000 if os.environ.get("PRIP_SOAK") else 2_000
PER_WAVE = 250
CHECKS = ("FORMAT_CORRECTNESS", "GENERAL_QUALITY", "SENSOR_QUALITY")
"""Of each product there is a report of each."""

SETTINGS = {
    "PRIP__INGEST__WORKERS": "4",
    "PRIP__SERVE__PROCESSES": "2",
    "PRIP__INGEST__LEASE": "30",
    "PRIP__INGEST__PARENT_WAIT": "3600",
    "PRIP__SERVE__PAGE_SIZE": "1000",
}
PROCESSES = 4 + 2 + 1
"""Workers, those that answer, and the one that started these."""

SEED = 20250801
PATIENCE = 300.0
GROWTH = 1.2
SLACK = 16 << 20
"""So much larger may a process be at the end than after a quarter of the time, bytes: buffers come and go."""


class Built(Mapping[str, bytes]):
    """What was delivered, by name; read when it is asked for."""

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}

    def __getitem__(self, name: str) -> bytes:
        return self.paths[name].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def specifications() -> Iterator[list[Sentinel2Specification]]:
    """Each product with its reports, without end."""
    base = Sentinel2Specification(product_type="MSI_L0__GR", size=20_000)
    for number in itertools.count():
        sensing = base.sensing + timedelta(seconds=3.608 * (number // 12))
        same: dict[str, Any] = {
            "sensing": sensing,
            "detector": number % 12 + 1,
            "datastrip_sensing": base.sensing,
        }
        reports = [Sentinel2Specification(product_type="OLQC_REPORT", check=check, **same) for check in CHECKS]
        yield [Sentinel2Specification(product_type="MSI_L0__GR", size=20_000, **same), *reports]


@dataclass
class Poller:
    """A client that asks for what was published after the last product that it saw, and for nothing else."""

    point: DeliveryPoint
    seen: Counter[str] = field(default_factory=Counter)
    last: str = "2000-01-01T00:00:00.000Z"

    def look(self) -> int:
        """Ask once. Returns how many products there were."""
        page = self.point.page(filter=f"PublicationDate gt {self.last}", orderby="PublicationDate asc", top=1000)
        found: list[dict[str, Any]] = page["value"]
        self.seen.update(product["Name"] for product in found)
        self.last = found[-1]["PublicationDate"] if found else self.last
        return len(found)


@contextmanager
def repeating(work: Callable[[], object], pause: float) -> Iterator[None]:
    """Does something again and again in another thread; what it raises ends the block at its end."""
    done = threading.Event()
    raised: list[BaseException] = []

    def loop() -> None:
        try:
            while not done.wait(pause):
                work()
        except BaseException as error:  # raised where the block ends
            raised.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if raised:
        raise raised[0]


def descendants(pid: int) -> Iterator[int]:
    """All processes that a process has started, and those that they have."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in map(int, children):
        yield child
        yield from descendants(child)


def all_of(supervisor: int) -> list[int] | None:
    """Its processes, when all have come."""
    found = list(descendants(supervisor))
    return found if len(found) == PROCESSES else None


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc, which only Linux has")
def test_a_poller_sees_each_product_once_and_memory_stays(
    point: DeliveryPoint, tmp_path: Path, broken_promises: Promises
) -> None:
    """Products and reports of a wave arrive in any order, so many reports come before the product they are about."""
    chance = random.Random(SEED)
    point.environment |= SETTINGS
    point.start()
    assert point.process is not None
    supervisor = point.process.pid
    processes = wait_for(lambda: all_of(supervisor), "processes")
    poller, delivered, coming = Poller(point), Built(), specifications()
    sizes: list[dict[int, int]] = []
    (tmp_path / "built").mkdir()
    with repeating(poller.look, 0.2):
        for _ in range(PRODUCTS // PER_WAVE):
            wave = [each for _ in range(PER_WAVE) for each in next(coming)]
            paths = [build_sentinel2(each, tmp_path / "built") for each in wave]
            chance.shuffle(paths)
            for path in paths:
                point.deliver(path)
                delivered.paths[path.name] = path
            behind = len(delivered) - len(wave)  # the next wave comes while this one is in work
            wait_for(lambda least=behind: poller.seen.total() >= least, "end of the wave before", PATIENCE)  # type: ignore[misc]
            sizes.append({pid: resident(pid) for pid in processes})
        wait_for(lambda: poller.seen.total() >= len(delivered), "product that the poller has not seen", PATIENCE)
        time.sleep(1.0)  # whatever is doubled has come by then
    assert list(descendants(supervisor)) == processes, "a process has died"
    assert poller.seen == Counter(dict.fromkeys(delivered, 1))
    quarter = len(sizes) // 4
    for pid in processes:
        early = statistics.median(each[pid] for each in sizes[quarter : 2 * quarter])
        late = statistics.median(each[pid] for each in sizes[-quarter:])
        assert late <= GROWTH * early + SLACK, f"a process grew from {early} to {late} bytes"
    point.stop()
    assert broken_promises(point, delivered) == []
