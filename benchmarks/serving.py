"""Servers that run for as long as a measurement needs them."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.ports import ReservedPort


@contextmanager
def serving(point: DeliveryPoint) -> Iterator[DeliveryPoint]:
    """``prip serve`` for as long as the block lasts."""
    with _running(point.spawn("serve")):
        wait_for(lambda: _answers(point.port, "/health/ready"), "server")
        yield point


@contextmanager
def module_serving(
    module: str, look: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """``python -m module PORT arguments…`` for as long as the block lasts; yields the port.

    :param look: a path that it answers when it is ready.
    """
    reserved = ReservedPort()
    port = reserved.number
    command = [sys.executable, "-m", module, str(port), *arguments]
    with _running(subprocess.Popen(command, env=environment)):
        wait_for(lambda: _answers(port, look), module)
        yield port


@contextmanager
def _running(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
