"""What all tests share."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
import structlog
from hypothesis import HealthCheck, settings

from prip_core.catalogue import upgrade
from prip_core.testing import ceph
from prip_core.testing import postgres as postgres_server
from prip_core.testing.ceph import CephServer, S3Endpoint
from prip_core.testing.postgres import PostgresServer

pytest_plugins = ["pytester"]

# What is drawn is the same each time, but in long runs, and may take as long as a busy machine needs.
settings.register_profile(
    "prip",
    derandomize=not os.environ.get("PRIP_SOAK"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("prip")


def pytest_configure() -> None:
    """Shells start what runs in the background with SIGINT ignored, ``nohup`` with SIGHUP ignored, and all processes
    inherit it. A signal that is heard and not heeded is as good for these tests, and is not inherited."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """``@pytest.mark.needs("curl")``: without the program the test is skipped, or fails where services are required."""
    for marker in item.iter_markers("needs"):
        (program,) = marker.args
        if shutil.which(program) is None:
            _do_without(f"there is no {program} here; install it")


def _do_without(missing: str) -> NoReturn:
    if os.environ.get("PRIP_REQUIRE_SERVICES"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Endpoint]:
    """An S3 server, one for each process of tests; skips, or fails where services are required, without it."""
    if (reason := ceph.missing()) is not None:
        _do_without(reason)
    with CephServer() as server:
        yield server.endpoint


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each process of tests; skips, or fails where services are required, without it."""
    if (reason := postgres_server.missing()) is not None:
        _do_without(reason)
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def _migrated(postgres: PostgresServer) -> str:
    """The name of an upgraded, empty database to copy: migrating each one takes ten times as long."""
    name = postgres.create()
    upgrade(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def database_settings(request: pytest.FixtureRequest) -> Callable[[str], dict[str, str]]:
    """Makes the settings of a delivery point for a kind of database: none for SQLite, an empty database of the server
    for PostgreSQL."""

    def settings(kind: str) -> dict[str, str]:
        if kind == "sqlite":
            return {}
        server = request.getfixturevalue("postgres")
        return {"PRIP__DATABASE__URL": server.url(server.create())}

    return settings


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an upgraded, empty SQLite database: ``prip.db`` in the test's folder."""
    url = f"sqlite:///{tmp_path / 'prip.db'}"
    upgrade(url)
    return url


@pytest.fixture
def postgres_url(postgres: PostgresServer, _migrated: str) -> Iterator[str]:
    """The URL of an upgraded, empty PostgreSQL database."""
    name = postgres.create(_migrated)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an upgraded, empty database: the test runs on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sql(url: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Carries out one statement on the database behind ``url``, as another program would; gives its rows, if any."""
    return partial(_execute, url)


def _execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            return file.execute(statement).fetchall()
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A verb sets up logging for its whole process, which here is that of all tests."""
    yield
    structlog.reset_defaults()
