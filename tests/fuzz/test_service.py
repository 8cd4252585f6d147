"""Whatever is sent to the service, it answers: no failure, no traceback, no leak, no connection that hangs."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import psutil
import pytest
from werkzeug.routing import Map

from prip_core.cli.serving import build
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.differential.products import Facts
from tests.fuzz.answers import ask
from tests.fuzz.requests import Requests, Sent

CLIENTS = 4
REQUESTS = 20_000 if os.environ.get("PRIP_SOAK") else 1_500
"""That each client sends to each database: the same ones, and as many, on every machine."""

USUAL = {200, 206, 400, 401, 404, 405, 406, 416, 501}
"""Statuses that requests of every kind meet."""
SEED = int(os.environ.get("PRIP_SEED", "0"))
MOST_GROWTH = 64 << 20
"""Bytes that the server's processes may gain between the second third of the requests and the last, all together. What
they hold goes up and down with the answers under way: the least counts."""


@dataclass
class Client:
    """Sends requests until enough were sent, or one is answered wrongly."""

    requests: Requests
    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    fault: tuple[str, Sent] | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while self.statuses.total() < REQUESTS and self.fault is None:
            sent = self.requests.request()
            answered = ask(self.port, sent)
            self.statuses[answered.status] += 1
            self.fault = None if answered.fault is None else (answered.fault, sent)


def _routes(point: DeliveryPoint, monkeypatch: pytest.MonkeyPatch) -> Map:
    for name, value in point.variables().items():
        monkeypatch.setenv(name, value)
    return build(point.folder / "prip.toml").url_map


def _keys(point: DeliveryPoint) -> Sequence[str]:
    """Ids of products with bytes and without, as clients write them."""
    with_bytes = [product["Id"] for product in point.page(filter="Online eq true", top=5)["value"]]
    without = [product["Id"] for product in point.page(filter="Online eq false", top=5)["value"]]
    return [*with_bytes * 3, *without, *(f"'{key}'" for key in with_bytes), *(f"Id={key}" for key in with_bytes)]


def _memory(point: DeliveryPoint) -> int:
    assert point.process is not None
    processes = psutil.Process(point.process.pid).children(recursive=True)
    return sum(process.memory_info().rss for process in processes)


def _connections(point: DeliveryPoint) -> list[str]:
    """Of clients, as the server's processes hold them."""
    assert point.process is not None
    return [
        str(connection)
        for process in psutil.Process(point.process.pid).children(recursive=True)
        for connection in process.net_connections("tcp")
        if connection.raddr and connection.laddr.port == point.port
    ]


def _told(client: Client, seed: int) -> str:
    assert client.fault is not None
    told, sent = client.fault
    return f"seed {seed}, request {client.statuses.total()}: {told}: {sent.data[:5000]!r}"


@pytest.mark.soak
@pytest.mark.timeout(REQUESTS // 5)
def test_whatever_is_asked_is_answered(
    point: DeliveryPoint, facts: Sequence[Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    routes, keys = _routes(point, monkeypatch), _keys(point)
    clients = [
        Client(Requests(Random(SEED + number), routes, facts, keys, point.credentials), point.port)
        for number in range(CLIENTS)
    ]
    held = []
    while any(client.thread.is_alive() for client in clients):
        held.append(_memory(point))
        time.sleep(0.2)
    assert [_told(client, SEED + number) for number, client in enumerate(clients) if client.fault] == []
    seen = sum((client.statuses for client in clients), Counter())
    assert set(seen) >= USUAL, f"these requests test little: {seen}"
    third = len(held) // 3
    assert min(held[2 * third :]) - min(held[third : 2 * third]) < MOST_GROWTH, held
    wait_for(lambda: not _connections(point), "end of the connections")
    assert point.get("/odata/v1/Products?$top=1")[0] == 200
    log = point.log_file.read_text(errors="replace")
    assert "Traceback" not in log
    assert "request failed" not in log
