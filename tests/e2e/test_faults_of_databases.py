"""PostgreSQL goes away at a COMMIT, restarts, may only be read, or has no connection left: work goes on behind it."""

from __future__ import annotations

import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from prip_core.catalogue import upgrade
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.postgres import PostgresServer
from tests.e2e import scenarios
from tests.e2e.cutting_proxy import CuttingProxy, Moment, proxy_to
from tests.e2e.promises import broken, published

Build = Callable[..., Path]
Move = Callable[[DeliveryPoint, str], None]
Fault = Callable[[PostgresServer], Any]

MOST = 9
"""One more than the longest way has transactions."""
PATIENCE = 240.0  # s; what failed again and again is tried again after ever longer pauses


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[CuttingProxy]:
    with proxy_to(postgres.port) as proxy:
        yield proxy


@pytest.fixture
def behind(forked: DeliveryPoint, postgres_url: str, proxy: CuttingProxy, move: Move) -> DeliveryPoint:
    """A delivery point whose database is behind the proxy."""
    forked.environment["PRIP__INGEST__LEASE"] = "0.5"
    move(forked, re.sub(r"@127\.0\.0\.1:\d+", f"@127.0.0.1:{proxy.port}", postgres_url))
    return forked


@pytest.mark.parametrize(
    "scenario, moment",
    [(scenarios.side_by_side, "before"), (scenarios.side_by_side, "after"), (scenarios.refuse_by_content, "after")],
    ids=["publish-before", "publish-after", "refuse-after"],
)
@pytest.mark.parametrize("number", range(1, MOST + 1))
def test_a_connection_that_is_cut_at_a_commit(
    behind: DeliveryPoint,
    proxy: CuttingProxy,
    granule: Build,
    ingest_all: scenarios.Ingest,
    number: int,
    scenario: Callable[..., dict[str, bytes]],
    moment: Moment,
) -> None:
    behind.environment["PRIP__INGEST__LEASE"] = "3600"  # nobody renews one meanwhile, by further transactions
    delivered = scenario(behind, granule, ingest_all)
    proxy.cut(lambda commit: moment if commit == number else None)
    behind.prip("ingest", "--once")
    assert proxy.cuts == (number <= proxy.commits)
    assert number < MOST or not proxy.cuts, "there are more transactions than are tried"
    proxy.cut(lambda commit: None)
    ingest_all(behind)
    assert broken(behind, delivered) == []


def test_workers_that_lose_connections_at_commits_again_and_again(
    behind: DeliveryPoint, proxy: CuttingProxy, granule: Build, ingest_all: scenarios.Ingest
) -> None:
    chance = random.Random(7)
    moments: tuple[Moment | None, ...] = ("before", "after", None, None, None, None, None, None)
    products = [granule(number) for number in range(30)]
    with working(behind, "ingest", "ingest"):
        proxy.cut(lambda commit: chance.choice(moments))
        for product in products:
            behind.deliver(product)
        wait_for(lambda: proxy.cuts > 8, "cuts", PATIENCE)
        proxy.cut(lambda commit: None)
        wait_for(lambda: len(published(behind)) == len(products), "all products", PATIENCE)
    ingest_all(behind)
    assert broken(behind, {product.name: product.read_bytes() for product in products}) == []


@contextmanager
def working(point: DeliveryPoint, *verbs: str) -> Iterator[None]:
    """Workers that are the same at the end as at the beginning."""
    workers = [point.spawn(verb) for verb in verbs]
    try:
        yield
        assert [worker.poll() for worker in workers] == [None] * len(workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)


@contextmanager
def crash(server: PostgresServer) -> Iterator[None]:
    server.stop(signal.SIGQUIT)
    try:
        yield
    finally:
        server.start()


@contextmanager
def only_reading(server: PostgresServer) -> Iterator[None]:
    server.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    server.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        server.execute("SELECT pg_reload_conf()")


@contextmanager
def no_connection_left(server: PostgresServer) -> Iterator[None]:
    ours = "FROM pg_stat_activity WHERE datname LIKE 'test_%'"
    with ExitStack() as held:
        first = held.enter_context(psycopg.connect(server.url("postgres"), autocommit=True))
        while first.execute(f"SELECT count(pg_terminate_backend(pid)) {ours}").fetchone() != (0,):
            # Whoever was cut off comes back at once, but where others were quicker.
            with pytest.raises(psycopg.OperationalError, match=r"too many clients|remaining connection slots"):
                while True:
                    held.enter_context(psycopg.connect(server.url("postgres")))
        yield


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that may be broken, with few connections."""
    with PostgresServer(durable=True, settings={"max_connections": "16"}) as server:
        yield server


@pytest.mark.usefixtures("postgres")  # which tells whether there is one here
@pytest.mark.parametrize("fault", [crash, only_reading, no_connection_left])
def test_a_server_that_cannot_be_used_for_a_while(
    fault: Fault,
    forked: DeliveryPoint,
    move: Move,
    granule: Build,
    ingest_all: scenarios.Ingest,
    request: pytest.FixtureRequest,
) -> None:
    server: PostgresServer = request.getfixturevalue("own_server")
    url = server.url(server.create())
    upgrade(url)
    move(forked, url)
    with working(forked, "ingest", "ingest"):
        forked.deliver(granule(1))
        wait_for(lambda: len(published(forked)) == 1, "a product")
        with fault(server):
            forked.deliver(granule(2))
            wait_for(lambda: "component failed" in forked.log_file.read_text(), "failure that is said")
        wait_for(lambda: len(published(forked)) == 2, "the next product")
    ingest_all(forked)
    assert broken(forked, {granule(number).name: granule(number).read_bytes() for number in (1, 2)}) == []
