"""``prip run`` starts what dies again, stops all in order, and leaves no process behind, however it ends."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.living import alive

Build = Callable[..., Path]


def family(point: DeliveryPoint) -> list[psutil.Process]:
    """All processes below ``prip run``."""
    assert point.process is not None
    return psutil.Process(point.process.pid).children(recursive=True)


def children(point: DeliveryPoint, verb: str) -> list[psutil.Process]:
    """The children of ``prip run`` that do this."""
    assert point.process is not None
    return [child for child in alive(psutil.Process(point.process.pid).children()) if _does(child, verb)]


def _does(process: psutil.Process, verb: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()[-1:] == [verb]
    return False


def wait_until_gone(processes: list[psutil.Process]) -> None:
    wait_for(lambda: not alive(processes), "end of all processes")


def test_a_killed_ingest_worker_is_replaced(delivery_point: DeliveryPoint, granule: Build) -> None:
    workers = wait_for(lambda: [w for w in [children(delivery_point, "ingest")] if len(w) == 2], "workers")[0]
    for worker in workers:
        worker.kill()
    delivery_point.listed(delivery_point.deliver(granule(1)))
    wait_for(lambda: len(children(delivery_point, "ingest")) == 2, "two workers again")
    assert not {worker.pid for worker in children(delivery_point, "ingest")} & {worker.pid for worker in workers}


def test_ingest_workers_give_way_to_the_server(delivery_point: DeliveryPoint) -> None:
    def niceness() -> dict[str, set[int]]:
        return {verb: {each.nice() for each in children(delivery_point, verb)} for verb in ("serve", "ingest")}

    (least,) = niceness()["serve"]
    wait_for(lambda: niceness()["ingest"] == {min(least + 5, 19)}, "workers that give way")


def test_a_killed_server_is_replaced_with_all_its_processes(delivery_point: DeliveryPoint) -> None:
    (server,) = children(delivery_point, "serve")
    old = [server, *server.children(recursive=True)]
    server.kill()
    wait_until_gone(old)
    wait_for(lambda: _answers(delivery_point), "answer of a new server")


def _answers(point: DeliveryPoint) -> bool:
    try:
        return point.get("/health/ready")[0] == 200
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_and_leaves_nothing(number: signal.Signals, delivery_point: DeliveryPoint) -> None:
    wait_for(lambda: len(family(delivery_point)) == 5, "two workers, the server and its two processes")
    processes = family(delivery_point)
    assert delivery_point.process is not None
    delivery_point.process.send_signal(number)
    assert delivery_point.process.wait(120) == 0
    assert alive(processes) == []


def test_work_that_is_interrupted_in_order_is_finished_or_waits(
    delivery_point: DeliveryPoint,
    granule: Build,
    ingest_all: Callable[[DeliveryPoint], None],
    broken_promises: Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]],
) -> None:
    products = [granule(number) for number in range(30)]
    for product in products:
        delivery_point.deliver(product)
    assert delivery_point.stop() == 0
    ingest_all(delivery_point)
    assert broken_promises(delivery_point, {each.name: each.read_bytes() for each in products}) == []


def test_a_killed_supervisor_takes_its_children_with_it(delivery_point: DeliveryPoint) -> None:
    processes = family(delivery_point)
    assert delivery_point.process is not None
    delivery_point.process.kill()
    delivery_point.process.wait()
    wait_until_gone(processes)
    delivery_point.start()


def test_two_of_one_delivery_point_are_refused(delivery_point: DeliveryPoint) -> None:
    second = delivery_point.prip("run")
    assert second.returncode == 1
    assert "another `prip run` works here" in second.stderr
    assert _answers(delivery_point)


def test_a_taken_port_is_said_in_a_sentence(running: DeliveryPoint, point: DeliveryPoint) -> None:
    refused = point.prip("run", PRIP__SERVE__PORT=str(running.port))
    assert refused.returncode == 1
    assert f"port {running.port} on 127.0.0.1 is taken" in refused.stderr


def test_wrong_configuration_is_said_with_all_its_problems(point: DeliveryPoint) -> None:
    refused = point.prip("run", PRIP__SERVE__PORT="abc", PRIP__INGEST__LEASE="-1")
    assert refused.returncode == 2
    assert "serve.port" in refused.stderr
    assert "ingest.lease" in refused.stderr


def test_the_server_alone_offers_what_ingest_alone_published(point: DeliveryPoint, granule: Build) -> None:
    product = granule(1)
    point.deliver(product)
    assert point.prip("ingest", "--once").returncode == 0
    server = point.spawn("serve")
    try:
        wait_for(lambda: _answers(point), "server")
        assert point.listed(product.name)["ContentLength"] == product.stat().st_size
    finally:
        server.terminate()
        assert server.wait(120) in {0, -signal.SIGTERM}


def test_a_database_of_another_schema_is_refused_in_a_sentence(point: DeliveryPoint) -> None:
    point.database.unlink()
    refused: subprocess.CompletedProcess[str] = point.prip("run")
    assert refused.returncode == 2
    assert "prip db upgrade" in refused.stderr
