"""A shelf of Sentinel-1 and Sentinel-2 products that every client here asks, and how a client's request is sent as it is."""

from __future__ import annotations

import hashlib
import http.client
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

GUI = "https://copsi.example"
"""Where the browser's pages come from."""
SETTINGS = {
    "PRIP__INGEST__WORKERS": "1",
    "PRIP__INGEST__PARENT_WAIT": "0",
    "PRIP__INGEST__RESCAN": "0.3",
    "PRIP__SERVE__PROCESSES": "2",
    "PRIP__SERVE__THREADS": "16",
    "PRIP__SERVE__CORS_ORIGINS": f'["{GUI}"]',
}
LOG_TAIL = 2000

ALPS = ((10.412, 46.034), (13.751, 46.437), (14.089, 44.939), (10.837, 44.536))
ADRIATIC = ((15.1, 43.2), (18.3, 43.6), (18.6, 42.1), (15.4, 41.7))
ARCTIC = ((94.198, 79.232), (99.469, 79.269), (99.431, 78.285), (94.595, 78.252))
TYROL = ((11.6, 47.8), (13.1, 47.8), (13.1, 46.8), (11.6, 46.8))
FIRST_DAY = datetime(2025, 8, 1, 5, 40, 12, 345000, tzinfo=UTC)


def radar(product_type: str, day: int, **fields: Any) -> Sentinel1Specification:
    """A Sentinel-1 product of one of the days from 1 August 2025 on, 25 s long."""
    start = FIRST_DAY + timedelta(days=day - 1)
    times = {"start": start, "stop": start + timedelta(seconds=25), "processed": start + timedelta(minutes=41)}
    return Sentinel1Specification(product_type=product_type, size=20_000, **{**times, **fields})


def optical(product_type: str, day: int, **fields: Any) -> Sentinel2Specification:
    """A Sentinel-2 product of one of the days from 1 August 2025 on."""
    sensing = datetime(2025, 8, 1, 10, 6, 20, 464_000, tzinfo=UTC) + timedelta(days=day - 1)
    return Sentinel2Specification(product_type=product_type, sensing=sensing, size=20_000, **fields)


STOCK: Mapping[str, Sentinel1Specification | Sentinel2Specification] = {
    **{f"grd-{day}": radar("IW_GRDH_1S", day, orbit=60338 + 15 * day) for day in range(1, 7)},
    "grd-sea": radar("IW_GRDH_1S", 3, platform="S1C", orbit=4711, ring=ADRIATIC, datatake=0x0123AB),
    "slc": radar("IW_SLC__1S", 2, orbit=60368, datatake=0x077FB2),
    "raw-iw": radar("IW_RAW__0S", 1, orbit=60353),
    "raw-ew": radar("EW_RAW__0S", 2, polarisation="DH", orbit=60360, ring=ARCTIC),
    "telemetry-1": radar("HK_RAW__0_", 1),
    "orbit-file": radar("AUX_POEORB", 1),
    **{f"tile-{day}": optical("MSI_L1C_TL", day, cloud_cover=17.5 * day - 12.5) for day in range(1, 6)},
    "tile-alps": optical("MSI_L1C_TL", 2, tile="32TPT", ring=TYROL, cloud_cover=55.25, upper_left=(600000, 5300040)),
    "tile-l2a": optical("MSI_L2A_TL", 3, tile="32TPT", ring=TYROL, cloud_cover=3.0, upper_left=(600000, 5300040)),
    **{f"granule-{detector}": optical("MSI_L0__GR", 1, detector=detector) for detector in range(1, 13)},
    "datastrip": optical("MSI_L0__DS", 1),
    "image": optical("MSI_L1C_TC", 4),
    "user-1c": optical("S2MSI1C", 2, platform="S2A"),
    "user-2a": optical("S2MSI2A", 2, platform="S2A", cloud_cover=30.5),
    "report": optical("OLQC_REPORT", 1),
    "telemetry-2": optical("PRD_HKTM__", 1),
    "parameters": optical("GIP_ATMIMA", 1),
}
"""What stands on the shelf, by the name under which the tests speak of it."""
WITHDRAWN: Sentinel1Specification = radar("IW_GRDH_1S", 4, platform="S1C", orbit=4726, datatake=0x0123CD)
"""One that was on the shelf and is there no more."""
CAUSE = "Corrupted product"
SIDECARS = {"parameters": {"production_type": "on_demand_default"}}
"""What the chain says beside a product."""


@dataclass(frozen=True)
class Answer:
    """What the server said. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body of a request that went well."""
        assert self.status == 200, f"{self.status}: {self.body.decode(errors='replace')}"
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def message(self) -> str:
        """The sentence of an error."""
        return str(json.loads(self.body)["error"]["message"])


@dataclass(frozen=True)
class Shelf:
    """A delivery point at work, and what was delivered to it.

    :ivar files: what is on the shelf, by the names of the stock.
    :ivar withdrawn: the name of what was there and is withdrawn.
    """

    point: DeliveryPoint
    files: Mapping[str, Path] = field(repr=False)
    withdrawn: str

    @property
    def authorization(self) -> str:
        """The header of its user."""
        return f"Basic {b64encode(':'.join(self.point.credentials).encode()).decode()}"

    def send(self, target: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Send a request as it stands: nothing in its target is encoded, nothing added but who asks.

        :param target: a path with its query.
        :param headers: underscores stand for hyphens; ``Authorization=""`` sends none.
        """
        named = {"Authorization": self.authorization} | {name.replace("_", "-"): text for name, text in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.point.port, timeout=120)
        try:
            connection.request(method, target, body, {name: text for name, text in named.items() if text})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def list(self, query: str) -> list[str]:
        """What a query finds, in its order, by the names of the stock.

        :param query: what follows ``/odata/v1/``, as the client sends it.
        """
        return self.labels(self.send(f"/odata/v1/{query}").json)

    def labels(self, page: Mapping[str, Any]) -> list[str]:
        """The products of a page by the names of the stock."""
        known = {path.name: label for label, path in self.files.items()}
        return [known[product["Name"]] for product in page["value"]]

    def product(self, label: str) -> dict[str, Any]:
        """A product of the stock as it is listed, with its attributes."""
        return self.point.listed(self.files[label].name)

    def md5(self, label: str) -> str:
        """The MD5 of what was delivered."""
        return hashlib.md5(self.files[label].read_bytes()).hexdigest()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Show what the delivery point logged when a test with it fails."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Shelf) and value.point.log_file.exists():
                log = value.point.log_file.read_text(errors="replace")
                report.sections.append((f"log of {value.point.folder}", log[-LOG_TAIL:]))
    return report


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def shelf(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    database_settings: Callable[[str], dict[str, str]],
) -> Iterator[Shelf]:
    """A delivery point at work with the whole stock on it, on each kind of database; the tests change nothing."""
    folder = tmp_path_factory.mktemp("shelf")
    settings = SETTINGS | database_settings(request.param)
    point = DeliveryPoint.make(folder / "point", ("sentinel1", "sentinel2"), settings)
    (folder / "stock").mkdir()
    files = {label: build(specification, folder / "stock") for label, specification in STOCK.items()}
    assert len({path.name for path in files.values()}) == len(STOCK)
    point.start()
    try:
        withdrawn = point.deliver(build(WITHDRAWN, folder / "stock"))
        point.listed(withdrawn)
        assert point.prip("product", "withdraw", withdrawn, "--reason", CAUSE).returncode == 0
        for label, path in files.items():
            point.deliver(path, sidecar=SIDECARS.get(label))
        wait_for(lambda: point.page(top=0, count="true")["@odata.count"] == len(files), "whole stock", 120)
        yield Shelf(point, files, withdrawn)
    finally:
        point.stop()


def build(specification: Sentinel1Specification | Sentinel2Specification, folder: Path) -> Path:
    """The product's file."""
    if isinstance(specification, Sentinel1Specification):
        return build_sentinel1(specification, folder)
    return build_sentinel2(specification, folder)
