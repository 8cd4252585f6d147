"""A run of ingest: products are renamed into an inbox, and workers take them in until all are catalogued."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.bench import Bench
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

WORKERS = 2
WARMING = 2
"""Products that tell that the workers have begun; they do not count."""

_PATIENCE = 900.0


def products(bench: Bench, number: int, like: Sentinel2Specification) -> list[Path]:
    """So many products of one kind, four seconds of sensing apart, built once."""
    folder = bench.folder / f"{like.product_type}-{like.size}"
    folder.mkdir(exist_ok=True)
    step = timedelta(seconds=4)
    return [build_sentinel2(replace(like, sensing=like.sensing + step * each), folder) for each in range(number)]


def ours(point: DeliveryPoint, paths: Sequence[Path]) -> float:
    """Seconds from the first rename into the inbox until all are catalogued; the delivery point is removed then."""
    with working(point):
        taken = timed(point, paths)
    shutil.rmtree(point.folder)
    return taken


def timed(point: DeliveryPoint, paths: Sequence[Path]) -> float:
    """Seconds that workers which have begun need from the first rename into the inbox until all are catalogued."""
    before = published(point)
    place(point, paths)
    os.sync()
    begin = time.perf_counter()
    for path in paths:
        (point.inbox / f".{path.name}").rename(point.inbox / path.name)
    until_published(point, before + len(paths))
    return time.perf_counter() - begin


def place(point: DeliveryPoint, paths: Sequence[Path]) -> None:
    """Write products into the inbox under names that do not count yet."""
    for path in paths:
        shutil.copyfile(path, point.inbox / f".{path.name}")


@contextmanager
def working(point: DeliveryPoint, workers: int = WORKERS) -> Iterator[None]:
    """Ingest workers that have begun to look at the inbox."""
    processes = [point.spawn("ingest") for _ in range(workers)]
    try:
        first = Sentinel2Specification(product_type="PRD_HKTM__", site="WARM")
        for number in range(WARMING):
            sensing = first.sensing + timedelta(hours=number)
            point.deliver(build_sentinel2(replace(first, sensing=sensing), point.folder.parent))
            until_published(point, number + 1)
            time.sleep(1.0)  # for the other workers to begin, and for all to come to rest
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


def until_published(point: DeliveryPoint, number: int) -> None:
    """Return as soon as so many products are catalogued.

    :raises TimeoutError: they never are.
    """
    wait_for(lambda: published(point) >= number, f"{number} products", _PATIENCE)


def published(point: DeliveryPoint) -> int:
    """How many products are catalogued, as another program sees it."""
    query = "SELECT products FROM publication_clock"
    url = point.environment.get("PRIP__DATABASE__URL", "")
    if url.startswith("postgresql:"):
        import psycopg  # an extra

        with psycopg.connect(url) as connection:
            row = connection.execute(query).fetchone()
    else:
        with closing(sqlite3.connect(f"file:{point.database}?mode=ro", uri=True)) as database:
            row = database.execute(query).fetchone()
    assert row is not None, "there is always one"
    return int(row[0])
