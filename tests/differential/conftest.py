"""The same products in plain Python, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import pytest

from prip_core.catalogue import Catalogue, open_catalogue, upgrade
from prip_core.testing.clock import FixedClock
from prip_core.testing.postgres import PostgresServer, missing
from prip_core.times import from_milliseconds
from tests.differential.products import NOW, Facts, made, published

DATABASES = ("sqlite", "postgres")
"""Those that answer every filter."""


@pytest.fixture(scope="session")
def products() -> Sequence[Facts]:
    return made()


def _filled(url: str, products: Sequence[Facts]) -> Catalogue:
    upgrade(url)
    catalogue = open_catalogue(url, FixedClock(from_milliseconds(NOW)))
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


@pytest.fixture(params=DATABASES)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    """One database after the other."""
    found: Catalogue = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture(scope="session")
def catalogues(request: pytest.FixtureRequest) -> Mapping[str, Catalogue]:
    """Every database that there is: PostgreSQL is one where its server is installed, or required."""
    absent = {"postgres"} if missing() is not None and not os.environ.get("PRIP_REQUIRE_SERVICES") else set()
    return {name: request.getfixturevalue(f"on_{name}") for name in DATABASES if name not in absent}
