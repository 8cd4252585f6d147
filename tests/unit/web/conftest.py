"""A delivery point to ask over HTTP: a real catalogue and storage, users, and published products."""

from __future__ import annotations

import hashlib
import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from prip_core.builtin.local_users import LocalUsers
from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.model import Attribute, Candidate, Checksum, ProductionType, TimeRange
from prip_core.passwords import verify_password
from prip_core.principals import Role
from prip_core.products import NewProduct, PublishedProduct
from prip_core.testing.clock import FixedClock
from prip_core.times import NEVER
from prip_core.web.app import create_app
from prip_core.web.context import WebContext
from prip_storage_posix.posix import PosixSettings, PosixStorage
from tests.singly import begin_one, publish_one

START = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
USERS: dict[str, tuple[str, frozenset[Role]]] = {
    "ann": ("secret", frozenset({Role.DOWNLOAD})),
    "rob": ("secret", frozenset({Role.REPORTING})),
    "MISSION\\ann": ("se:cr:et", frozenset({Role.DOWNLOAD})),
    "ännchen": ("gëheim", frozenset({Role.DOWNLOAD})),
    "out": ("secret", frozenset({Role.DOWNLOAD})),
}


def basic(user: str, password: str, encoding: str = "utf-8") -> str:
    """The value of an Authorization header."""
    return "Basic " + b64encode(f"{user}:{password}".encode(encoding)).decode()


@dataclass(frozen=True)
class House:
    """A delivery point that tests fill and ask."""

    context: WebContext
    storage: PosixStorage
    archive: Path
    database: str

    def product(self, number: int, data: bytes, **changes: Any) -> NewProduct:
        uuid = UUID(int=number)
        facts: dict[str, Any] = {
            "id": uuid,
            "name": f"S2B_OPER_MSI_L2A_TL_{number:04}.tar",
            "product_type": "MSI_L2A_TL",
            "mission": "sentinel2",
            "content_type": "application/x-tar",
            "content_length": len(data),
            "content": TimeRange(start=START - timedelta(hours=3), end=START - timedelta(hours=2)),
            "origin_date": START - timedelta(hours=1),
            "origin_estimated": False,
            "eviction_date": NEVER,
            "production_type": ProductionType.SYSTEMATIC,
            "checksums": (Checksum(algorithm="MD5", value=hashlib.md5(data).hexdigest(), date=START),),
            "footprint": None,
            "attributes": (Attribute(name="orbitNumber", value=43829),),
            "storage": "archive",
            "key": f"MSI_L2A_TL/2026/03/01/{uuid}/{number}.tar",
        }
        return NewProduct(**{**facts, **changes})

    def publish(self, number: int = 1, data: bytes = b"0123456789", **changes: Any) -> NewProduct:
        """Store the bytes and publish the product with the Id of this number."""
        product = self.product(number, data, **changes)
        self.storage.put(product.key, io.BytesIO(data), size=len(data))
        candidate = Candidate(name=product.name, path=product.name, size=len(data), arrived=START)
        catalogue = self.context.catalogue
        ingestion = begin_one(catalogue.ingestions, product.id, "chain", candidate, timedelta(minutes=1))
        publish_one(catalogue.publication, product, ingestion)
        return product

    def restore_offline(self, number: int) -> NewProduct:
        """A product that was published here before and has no bytes any more."""
        product = self.product(number, b"gone", storage="", key="")
        date = START + timedelta(minutes=number)
        row = PublishedProduct(product=product, publication_date=date, modification_date=date, online=False)
        self.context.catalogue.publication.restore([row])
        return product

    def client(self, **changes: Any) -> FlaskClient:
        """A client of the delivery point with other settings."""
        return create_app(replace(self.context, **changes)).test_client()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an upgraded, empty database: on SQLite, unless a module names several kinds as its parameters."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
def catalogue(url: str, clock: FixedClock) -> Iterator[Catalogue]:
    catalogue = open_catalogue(url, clock)
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for name, (password, roles) in USERS.items():
        catalogue.users.add(name, hasher.hash(password), roles)
    catalogue.users.set_disabled("out", True)
    yield catalogue
    catalogue.close()


@pytest.fixture
def house(tmp_path: Path, url: str, catalogue: Catalogue) -> House:
    archive = tmp_path / "archive"
    archive.mkdir()
    storage = PosixStorage(PosixSettings.model_construct(path=archive))
    local_users = LocalUsers(catalogue.users.find, verify_password)
    context = WebContext(
        name="prip",
        catalogue=catalogue,
        storages={"archive": storage},
        inboxes={},
        authenticate=lambda credentials: local_users.prip_authenticate(credentials=credentials),
        odata_path="/odata/v1",
        public_url=None,
        page_size=1000,
        list_evicted=False,
        gone_status=404,
        anonymous=False,
    )
    return House(context, storage, archive, url)


@pytest.fixture
def client(house: House) -> FlaskClient:
    return house.client()


@pytest.fixture
def ann() -> dict[str, str]:
    """The headers of a user who may download."""
    return {"Authorization": basic("ann", "secret")}


@pytest.fixture
def authorization() -> Callable[..., str]:
    """Makes the value of an Authorization header: user, password, encoding."""
    return basic
