"""A catalogue on a real database file, a clock that tests move, and products to publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from prip_core.catalogue import Catalogue, Ingestion, PublishOutcome, open_catalogue
from prip_core.model import Attribute, Candidate, Checksum, ProductionType, TimeRange
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock
from prip_core.times import NEVER
from tests.singly import begin_one, publish_one
from tests.unit.catalogue.families import BY_RULE, INHERITED, OF_STRIP, OWN, RECEIVED, STRIP

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)


def _new_product(**changes: Any) -> NewProduct:
    """A product like any other; each call gives another Id and name."""
    uuid: UUID = changes.get("id") or uuid4()
    values: dict[str, Any] = {
        "id": uuid,
        "name": f"S2B_OPER_MSI_L2A_TL_{uuid.hex}.tar",
        "product_type": "MSI_L2A_TL",
        "mission": "sentinel2",
        "content_type": "application/x-tar",
        "content_length": 1234,
        "content": TimeRange(start=START - timedelta(hours=3), end=START - timedelta(hours=2)),
        "origin_date": START - timedelta(hours=1),
        "origin_estimated": False,
        "eviction_date": NEVER,
        "production_type": ProductionType.SYSTEMATIC,
        "checksums": (Checksum(algorithm="MD5", value=uuid.hex, date=START),),
        "footprint": None,
        "attributes": (
            Attribute(name="platformShortName", value="SENTINEL-2"),
            Attribute(name="platformSerialIdentifier", value="B"),
            Attribute(name="orbitNumber", value=43829),
            Attribute(name="cloudCover", value=12.5),
        ),
        "indexed": ("cloudCover",),
        "storage": "hot",
        "key": f"MSI_L2A_TL/2026/03/01/{uuid}/x.tar",
    }
    return NewProduct(**{**values, **changes})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def catalogue(url: str, clock: FixedClock) -> Iterator[Catalogue]:
    catalogue = open_catalogue(url, clock)
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="session")
def new_product() -> Callable[..., NewProduct]:
    """Makes a product with these facts, another Id and name each time."""
    return _new_product


@pytest.fixture
def begin(catalogue: Catalogue) -> Callable[..., Ingestion]:
    """Begins the ingestion of a product."""

    def begin(product: NewProduct, inbox: str = "chain", arrived: datetime = START) -> Ingestion:
        candidate = Candidate(name=product.name, path=product.name, size=product.content_length, arrived=arrived)
        return begin_one(catalogue.ingestions, product.id, inbox, candidate, LEASE)

    return begin


@pytest.fixture
def publish(catalogue: Catalogue, begin: Callable[..., Ingestion]) -> Callable[..., PublishOutcome]:
    """Publishes a product with these facts."""

    def publish(**changes: Any) -> PublishOutcome:
        product = _new_product(**changes)
        return publish_one(catalogue.publication, product, begin(product))

    return publish


@pytest.fixture
def granule(publish: Callable[..., PublishOutcome]) -> Callable[..., UUID]:
    """Publishes a product of the datastrip; its Id."""

    def granule(**changes: Any) -> UUID:
        uuid = changes.pop("id", None) or uuid4()
        values = {
            "id": uuid,
            "product_type": "GR",
            "parent": STRIP,
            "inherits": INHERITED,
            "indexed": ("downlinkOrbitNumber",),
            "attributes": OWN,
            "origin_date": BY_RULE,
            "origin_estimated": True,
        }
        publish(**{**values, **changes})
        return UUID(str(uuid))

    return granule


@pytest.fixture
def strip(publish: Callable[..., PublishOutcome]) -> Callable[..., None]:
    """Publishes the datastrip."""

    def strip(**changes: Any) -> None:
        values = {"name": f"{STRIP}.tar", "attributes": OF_STRIP, "origin_date": RECEIVED, "origin_estimated": False}
        facts = {**values, "product_type": "DS", **changes}
        code = Attribute(name="productType", value=facts["product_type"])
        publish(**{**facts, "attributes": (code, *facts["attributes"])})

    return strip
