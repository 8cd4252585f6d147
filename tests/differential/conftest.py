"""The same products in plain Python, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from prip_core.catalogue import Catalogue, open_catalogue, upgrade
from prip_core.testing.clock import FixedClock
from prip_core.testing.postgres import PostgresServer
from tests.differential.products import Facts, made, published


@pytest.fixture(scope="session")
def products() -> Sequence[Facts]:
    return made()


def _filled(url: str, products: Sequence[Facts]) -> Catalogue:
    upgrade(url)
    catalogue = open_catalogue(url, FixedClock(datetime(2026, 5, 1, tzinfo=UTC)))
    catalogue.publication.restore(map(published, products))
    return catalogue


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, products: Sequence[Facts]) -> Iterator[Catalogue]:
    catalogue = _filled(f"sqlite:///{tmp_path_factory.mktemp('differential') / 'prip.db'}", products)
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="session")
def on_postgres(postgres: PostgresServer, products: Sequence[Facts]) -> Iterator[Catalogue]:
    catalogue = _filled(postgres.url(postgres.create()), products)
    yield catalogue
    catalogue.close()


@pytest.fixture(params=["sqlite", "postgres"])
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    found: Catalogue = request.getfixturevalue(f"on_{request.param}")
    return found
