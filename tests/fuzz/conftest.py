"""A delivery point with real products, and many more that have no bytes any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.testing.delivery_point import DeliveryPoint
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
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    database_settings: Callable[[str], dict[str, str]],
    facts: Sequence[Facts],
) -> Iterator[DeliveryPoint]:
    """A delivery point at work, on one database after the other."""
    folder = tmp_path_factory.mktemp("fuzz")
    point = DeliveryPoint.make(folder / "point", ("sentinel2",), SETTINGS | database_settings(request.param))
    _restore(point.environment.get("PRIP__DATABASE__URL", f"sqlite:///{point.database}"), facts)
    point.start()
    for number in range(REAL):
        specification = Sentinel2Specification(product_type="MSI_L0__GR", detector=number + 1, size=20_000)
        point.listed(point.deliver(build_sentinel2(specification, folder)))
    yield point
    point.stop()


def _restore(url: str, facts: Sequence[Facts]) -> None:
    catalogue = open_catalogue(url, SystemClock())
    rows = (published(each) for each in facts)
    gone = (replace(row, product=replace(row.product, storage="", key=""), online=False) for row in rows)
    catalogue.publication.restore(gone)
    catalogue.close()
