"""A delivery point with real products, and many more that have no bytes any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.postgres import PostgresServer
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from tests.differential.products import Facts, made, published

SETTINGS = {
    "PRIP__INGEST__WORKERS": "1",
    "PRIP__SERVE__PROCESSES": "2",
    "PRIP__SERVE__THREADS": "16",
    "PRIP__SERVE__PAGE_SIZE": "100",
    "PRIP__SERVE__LIST_EVICTED": "true",
}
REAL = 3


@pytest.fixture(scope="module")
def facts() -> Sequence[Facts]:
    return made()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def point(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, facts: Sequence[Facts]
) -> Iterator[DeliveryPoint]:
    """A delivery point at work, on one database after the other."""
    folder = tmp_path_factory.mktemp("fuzz")
    point = DeliveryPoint.make(folder / "point", ("sentinel2",), SETTINGS)
    url = f"sqlite:///{point.database}"
    if request.param == "postgres":
        url = _moved(point, request.getfixturevalue("postgres"))
    _restore(url, facts)
    point.start()
    for number in range(REAL):
        specification = Sentinel2Specification(product_type="MSI_L0__GR", detector=number + 1, size=20_000)
        point.listed(point.deliver(build_sentinel2(specification, folder)))
    yield point
    point.stop()


def _moved(point: DeliveryPoint, server: PostgresServer) -> str:
    """Give a delivery point an empty database of a server, with its user in it. Returns the URL."""
    url = server.url(server.create())
    point.environment["PRIP__DATABASE__URL"] = url
    name, password = point.credentials
    secret = point.folder / "password"
    secret.write_text(password)
    user = ("user", "add", name, "--role", "Download", "--role", "Reporting", "--password-file", str(secret))
    for command in (("db", "upgrade"), user):
        done = point.prip(*command)
        assert done.returncode == 0, done.stderr
    return url


def _restore(url: str, facts: Sequence[Facts]) -> None:
    catalogue = open_catalogue(url, SystemClock())
    rows = (published(each) for each in facts)
    gone = (replace(row, product=replace(row.product, storage="", key=""), online=False) for row in rows)
    catalogue.publication.restore(gone)
    catalogue.close()
