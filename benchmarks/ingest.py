"""Ingest: two workers with everything that the delivery point promises, against the script that anyone would write."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from blake3 import blake3

from benchmarks.bench import Bench
from benchmarks.measuring import interleaved, percentile, seconds
from benchmarks.serving import serving
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

WORKERS = 2
WARMING = 2
"""Products that tell that the workers have begun; they do not count."""

_LARGE_COUNT = 4
_SMALL_SIZE = 5 << 20
_BLOCK = 1 << 20
_numbers = count()


@dataclass(frozen=True, slots=True)
class Rates:
    """Bytes per second, medians of all rounds."""

    ours: float
    naive: float
    md5: float


def large(bench: Bench) -> float:
    """Large products, against the naive script."""
    rates = _large_rates(bench)
    return rates.ours / rates.naive


def against_md5(bench: Bench) -> float:
    """Large products, against MD5 alone on as many cores as there are workers."""
    rates = _large_rates(bench)
    return rates.ours / rates.md5


def small(bench: Bench) -> float:
    """Small products, against the naive script."""
    paths = products(bench, bench.scale.small, Sentinel2Specification(product_type="MSI_L0__GR", size=_SMALL_SIZE))
    found = interleaved({"ours": lambda: ours(bench, paths), "naive": lambda: naive(bench, paths)}, bench.scale.rounds)
    return found["naive"] / found["ours"]


def latency(bench: Bench) -> float:
    """From rename to listed on an idle system, against what the goal allows for this machine."""
    paths = products(bench, 20, Sentinel2Specification(product_type="MSI_L0__GR", size=_SMALL_SIZE))
    point = bench.template.copy(bench.folder / f"latency-{next(_numbers)}")
    with serving(point), _working(point):
        visible = [seconds(partial(_until_listed, point, path)) for path in paths]
    bare = statistics.median(naive(bench, [path]) for path in paths)
    return percentile(visible, 0.95) / (1.0 + 1.5 * bare)


def products(bench: Bench, number: int, like: Sentinel2Specification) -> list[Path]:
    """So many products of one kind, built once."""
    folder = bench.folder / f"{like.product_type}-{like.size}"
    folder.mkdir(exist_ok=True)
    step = timedelta(seconds=4)
    return [build_sentinel2(replace(like, sensing=like.sensing + step * each), folder) for each in range(number)]


def ours(bench: Bench, paths: Sequence[Path]) -> float:
    """Seconds from the first rename into the inbox until all are catalogued."""
    point = bench.template.copy(bench.folder / f"ingest-{next(_numbers)}")
    with _working(point):
        for path in paths:
            shutil.copyfile(path, point.inbox / f".{path.name}")
        os.sync()
        begin = time.perf_counter()
        for path in paths:
            (point.inbox / f".{path.name}").rename(point.inbox / path.name)
        _until_published(point, WARMING + len(paths))
        taken = time.perf_counter() - begin
    shutil.rmtree(point.folder)
    return taken


def naive(bench: Bench, paths: Sequence[Path]) -> float:
    """Seconds of the script that anyone would write: digest, digest, copy, insert, and nothing made durable.

    Its input is copied afresh before, as for :func:`ours`: both then find the machine's memory in the same state.
    """
    folder = bench.folder / f"naive-{next(_numbers)}"
    folder.mkdir()
    arrived = [Path(shutil.copyfile(path, folder / f".{path.name}")) for path in paths]
    os.sync()
    begin = time.perf_counter()
    database = sqlite3.connect(folder / "catalogue.db", isolation_level=None)
    database.execute("pragma synchronous=off")
    database.execute("create table product (name text primary key, size integer, md5 text, blake3 text)")
    for path in arrived:
        digests = [_digest(path, new) for new in (hashlib.md5, blake3)]
        shutil.copyfile(path, folder / path.name[1:])
        database.execute("insert into product values (?, ?, ?, ?)", (path.name, path.stat().st_size, *digests))
    database.close()
    taken = time.perf_counter() - begin
    shutil.rmtree(folder)
    return taken


def _digest(path: Path, new: Callable[[], Any]) -> str:
    digest = new()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return str(digest.hexdigest())


@cache
def _large_rates(bench: Bench) -> Rates:
    like = Sentinel2Specification(product_type="MSI_L0__GR", size=bench.scale.large)
    paths = products(bench, _LARGE_COUNT, like)
    size = sum(path.stat().st_size for path in paths)
    ways = {"ours": lambda: ours(bench, paths), "naive": lambda: naive(bench, paths), "md5": lambda: _md5(size)}
    taken = interleaved(ways, bench.scale.rounds)
    return Rates(ours=size / taken["ours"], naive=size / taken["naive"], md5=size / taken["md5"])


def _md5(size: int) -> float:
    """Seconds to digest so many bytes that are in memory, on as many cores as there are workers."""
    block = bytes(_BLOCK)

    def work() -> None:
        digest = hashlib.md5()
        for _ in range(size // WORKERS // _BLOCK):
            digest.update(block)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begin


@contextmanager
def _working(point: DeliveryPoint) -> Iterator[None]:
    """Ingest workers that have begun to look at the inbox."""
    workers = [point.spawn("ingest") for _ in range(WORKERS)]
    try:
        first = Sentinel2Specification(product_type="OLQC_REPORT", site="WARM")
        for number in range(WARMING):
            point.deliver(build_sentinel2(replace(first, detector=number + 1), point.folder.parent))
            _until_published(point, number + 1)
            time.sleep(1.0)  # for the other worker to begin, and for both to come to rest
        yield
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)


def _until_published(point: DeliveryPoint, number: int) -> None:
    database = sqlite3.connect(f"file:{point.database}?mode=ro", uri=True)
    try:
        query = "select count(*) from product"
        wait_for(lambda: database.execute(query).fetchone()[0] >= number, f"{number} products", 600)
    finally:
        database.close()


def _until_listed(point: DeliveryPoint, path: Path) -> None:
    point.deliver(path)
    point.listed(path.name)
