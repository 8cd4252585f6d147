"""Real delivery points: a new one for each test, or one that runs for a whole session; products to deliver to them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from tests.e2e import promises
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
    """Runs ``prip ingest --once`` until nothing is left to do; leases and pauses take no time."""

    def nothing_left(point: DeliveryPoint) -> bool:
        promises.let_time_pass(point)
        done = point.prip("ingest", "--once")
        assert done.returncode == 0, done.stderr
        return not promises.left(point)

    def run(point: DeliveryPoint) -> None:
        wait_for(partial(nothing_left, point), "end of the work")

    return run


@pytest.fixture(scope="session")
def broken_promises() -> Callable[..., list[str]]:
    """See :func:`tests.e2e.promises.broken`."""
    return promises.broken


@pytest.fixture
def bucket(s3_server: S3Endpoint) -> str:
    """A new, empty one."""
    return s3_server.new_bucket()


@pytest.fixture
def keep_in_bucket(s3_server: S3Endpoint, bucket: str) -> Callable[..., DeliveryPoint]:
    """Lets a delivery point that does not run have its archive in the bucket."""

    def move(point: DeliveryPoint, **settings: Any) -> DeliveryPoint:
        (point.folder / "secret").write_text(s3_server.secret_key)
        values = {
            "backend": "s3",
            "bucket": bucket,
            "endpoint_url": s3_server.url,
            "access_key": s3_server.access_key,
            "part_size": 5,
            **settings,
        }
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
        lines += f'secret_key = {{ file = "{point.folder / "secret"}" }}\n'
        config = point.folder / "prip.toml"
        written, found = re.subn(r'^path = "archive".*\n', lines, config.read_text(), flags=re.MULTILINE)
        assert found == 1
        config.write_text(written)
        shutil.rmtree(point.archive)
        return point

    return move


@pytest.fixture
def objects(s3_server: S3Endpoint, bucket: str) -> Callable[[], dict[str, bytes]]:
    """What lies in the bucket, asked by another program; there are no unfinished uploads."""

    def look() -> dict[str, bytes]:
        client = s3_server.client()
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    return look
