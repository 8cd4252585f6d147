"""Real delivery points: a new one for each test, or one that runs for a whole session; products to deliver to them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from tests.e2e.forking import Forge, ForkedDeliveryPoint

MISSIONS = ("sentinel1", "sentinel2")
SMALL = {
    "PRIP__INGEST__WORKERS": "2",
    "PRIP__INGEST__LEASE": "2",
    "PRIP__INGEST__PARENT_WAIT": "0",
    "PRIP__INGEST__RESCAN": "0.3",
    "PRIP__SERVE__PROCESSES": "2",
    "PRIP__SERVE__THREADS": "16",
    "PRIP__SERVE__PAGE_SIZE": "10",
}
LOG_TAIL = 8000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Show what a delivery point logged when a test with it fails."""
    report = yield
    points = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, DeliveryPoint)]
    if report.failed:
        for point in points:
            log = point.log_file.read_text(errors="replace") if point.log_file.exists() else "nothing was logged"
            report.sections.append((f"log of {point.folder}", log[-LOG_TAIL:]))
    return report


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> DeliveryPoint:
    """A delivery point as ``prip init`` leaves it; copied, never used."""
    return DeliveryPoint.make(tmp_path_factory.mktemp("template") / "point", MISSIONS, SMALL)


@pytest.fixture
def point(template: DeliveryPoint, tmp_path: Path) -> Iterator[DeliveryPoint]:
    """A new delivery point of the test's own that does not run yet."""
    point = template.copy(tmp_path / "point")
    yield point
    point.stop()


@pytest.fixture(scope="session")
def _forge() -> Iterator[Forge]:
    with Forge() as forge:
        yield forge


@pytest.fixture
def forked(template: DeliveryPoint, tmp_path: Path, _forge: Forge) -> Iterator[ForkedDeliveryPoint]:
    """As ``point``, for tests that need many processes."""
    point = ForkedDeliveryPoint(template.copy(tmp_path / "point").folder, SMALL)
    point.forge = _forge
    yield point
    point.stop()


@pytest.fixture
def on_postgres(point: DeliveryPoint, postgres_url: str, move: Callable[[DeliveryPoint, str], None]) -> DeliveryPoint:
    """The new delivery point, but on PostgreSQL, with the same user."""
    move(point, postgres_url)
    return point


@pytest.fixture(scope="session")
def move() -> Callable[[DeliveryPoint, str], None]:
    """Lets a delivery point that does not run use another database, which has been upgraded, with its users."""
    return _moved


def _moved(point: DeliveryPoint, url: str) -> None:
    here, there = open_catalogue(f"sqlite:///{point.database}", SystemClock()), open_catalogue(url, SystemClock())
    for user in here.users.all():
        there.users.add(user.name, user.password_hash, user.roles)
    here.close()
    there.close()
    point.environment["PRIP__DATABASE__URL"] = url


@pytest.fixture
def delivery_point(point: DeliveryPoint) -> DeliveryPoint:
    """A new delivery point of the test's own, at work."""
    point.start()
    return point


@pytest.fixture(scope="session")
def running(template: DeliveryPoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryPoint]:
    """A delivery point at work that many tests share: each brings products of names of its own."""
    point = template.copy(tmp_path_factory.mktemp("running") / "point")
    point.start()
    yield point
    point.stop()


@pytest.fixture(scope="session")
def granule(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds the small Sentinel-2 product of a number: another name and other bytes for each number."""
    folder = tmp_path_factory.mktemp("granules")

    def build(number: int, **fields: Any) -> Path:
        start = Sentinel2Specification().sensing
        values = {"product_type": "MSI_L0__GR", "detector": number % 12 + 1, "datastrip_sensing": start, "size": 20_000}
        sensing = start + timedelta(seconds=3.608 * (number // 12))
        specification = Sentinel2Specification(**{**values, "sensing": sensing, **fields})
        return build_sentinel2(specification, folder)

    return build


@pytest.fixture(scope="session")
def ingest_all() -> Callable[[DeliveryPoint], None]:
    """Runs ``prip ingest --once`` until nothing is left to do."""

    def run(point: DeliveryPoint) -> None:
        end = time.monotonic() + 60
        while True:
            done = point.prip("ingest", "--once")
            assert done.returncode == 0, done.stderr
            if not _left(point):
                return
            assert time.monotonic() < end, f"still to do: {_left(point)}\n{done.stderr}"
            time.sleep(0.2)

    return run


@pytest.fixture(scope="session")
def broken_promises() -> Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]:
    """Looks from outside at a delivery point that has nothing more to do, and tells what is wrong with it."""

    def look(point: DeliveryPoint, delivered: Mapping[str, bytes]) -> list[str]:
        rows = _rows(point)
        return [
            *(f"left over: {name}" for name in _left(point)),
            *_wrong_dates(rows),
            *_wrong_objects(point, rows),
            *_wrong_fates(point, rows, delivered),
        ]

    return look


def _asked(point: DeliveryPoint, query: str) -> list[dict[str, Any]]:
    """What the catalogue says to another program."""
    url = point.environment.get("PRIP__DATABASE__URL")
    if url is None:
        with closing(sqlite3.connect(f"file:{point.database}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query)]
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def _rows(point: DeliveryPoint) -> list[dict[str, Any]]:
    """Every published product, its MD5 as text."""
    rows = _asked(
        point,
        "select product.*, document.quicklooks, checksum.value as md5 from product join document using (seq) "
        "join checksum using (seq) where algorithm = 'MD5' order by seq",
    )
    return [{**row, "md5": bytes(row["md5"]).hex()} for row in rows]


def _left(point: DeliveryPoint) -> list[str]:
    """Whatever is not finished: files in the inbox and in work, open ingestions, unfinished uploads."""
    ingestions = [f"ingestion of {row['name']}" for row in _asked(point, "select name from ingestion")]
    files = [str(path.relative_to(point.folder)) for path in point.inbox.rglob("*") if path.name != ".work"]
    return ingestions + files


def _wrong_dates(rows: list[dict[str, Any]]) -> Iterator[str]:
    for before, after in pairwise(rows):
        if after["publication_date"] <= before["publication_date"]:
            yield f"PublicationDate of {after['name']} is not after that of {before['name']}"


def _wrong_objects(point: DeliveryPoint, rows: list[dict[str, Any]]) -> Iterator[str]:
    expected = set()
    for row in rows:
        expected |= {row["key"], *json.loads(row["quicklooks"] or "[]")}
        stored = point.archive / row["key"]
        if not stored.is_file():
            yield f"{row['name']} is published without an object"
        elif (stored.stat().st_size, _md5(stored.read_bytes())) != (row["content_length"], row["md5"]):
            yield f"the object of {row['name']} is not what the catalogue says"
    present = {path.relative_to(point.archive).as_posix() for path in point.archive.rglob("*") if path.is_file()}
    yield from (f"orphan: {key}" for key in sorted(present - expected) if not key.startswith("."))


def _wrong_fates(point: DeliveryPoint, rows: list[dict[str, Any]], delivered: Mapping[str, bytes]) -> Iterator[str]:
    """Each delivered product must be published once with its bytes, or lie in quarantine once with its reason."""
    quarantined = [path for path in (point.folder / "quarantine").glob("*/*/*") if path.name in delivered]
    for name, content in delivered.items():
        digests = [row["md5"] for row in rows if row["name"] == name]
        refused = [path for path in quarantined if path.name == name]
        if len(digests) + len(refused) != 1:
            yield f"{name} is published {len(digests)} times and quarantined {len(refused)} times"
        if any(digest != _md5(content) for digest in digests) or any(p.read_bytes() != content for p in refused):
            yield f"{name} has other bytes than were delivered"
        if not all((path.parent / "reason.json").is_file() for path in refused):
            yield f"{name} lies in quarantine without a reason"


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
