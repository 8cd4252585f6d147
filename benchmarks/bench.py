"""What all measurements share: the scale, a folder, delivery points with products in them, a server to compare with."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rows import rows
from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.testing.delivery_point import DeliveryPoint, free_port, wait_for

MISSIONS = ("sentinel1", "sentinel2")
SETTINGS = {"PRIP__LOG__LEVEL": "error", "PRIP__SERVE__THREADS": "32"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything.

    :param rows: products in the catalogue that is queried.
    :param requests: of each kind in a round.
    :param large: bytes of a large product.
    :param small: number of small products in a round.
    :param reports: number of quality reports in a round.
    """

    rows: int
    rounds: int
    requests: int
    large: int
    small: int
    reports: int


SCALES = {
    "small": Scale(rows=20_000, rounds=3, requests=300, large=256 << 20, small=96, reports=300),
    "full": Scale(rows=1_000_000, rounds=5, requests=1000, large=512 << 20, small=200, reports=3000),
}


class Bench:
    """The surroundings of all measurements; what one has built, the next uses again.

    :param folder: on the file system that is to be measured.
    """

    def __init__(self, folder: Path, scale: Scale, stack: ExitStack) -> None:
        self.folder = folder
        self.scale = scale
        self._stack = stack
        self._served: dict[int, DeliveryPoint] = {}
        self._reference: int | None = None
        self.template = DeliveryPoint.make(folder / "template", MISSIONS, SETTINGS)
        self.files = folder / "files"
        self.files.mkdir()

    def catalogue_of(self, count: int) -> DeliveryPoint:
        """A delivery point that serves so many products, which have no bytes."""
        if count not in self._served:
            point = self.template.copy(self.folder / f"catalogue-{count}")
            catalogue = open_catalogue(f"sqlite:///{point.database}", SystemClock())
            catalogue.publication.restore(rows(count))
            catalogue.close()
            self._served[count] = self._stack.enter_context(serving(point))
        return self._served[count]

    def reference(self) -> int:
        """The port of a bare Flask application on the same kind of server, which sends what lies in ``files``."""
        if self._reference is None:
            self._reference = free_port()
            command = [sys.executable, "-m", "benchmarks.reference", str(self._reference), str(self.files)]
            self._stack.enter_context(_running(subprocess.Popen(command)))
            wait_for(lambda: _answers(self._reference or 0, "/hello"), "reference server")
        return self._reference


@contextmanager
def serving(point: DeliveryPoint) -> Iterator[DeliveryPoint]:
    """``prip serve`` for as long as the block lasts."""
    with _running(point.spawn("serve")):
        wait_for(lambda: _answers(point.port, "/health/ready"), "server")
        yield point


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
