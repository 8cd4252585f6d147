"""Downloads of large and small files, against what Flask's send_file does on the same server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.client import Client, rate
from benchmarks.measuring import interleaved, seconds
from benchmarks.serving import serving
from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

_SMALL = 1_000_000
_CONNECTIONS = 4


def large(bench: Bench) -> float:
    """One client, one large file."""
    path = _built(bench, bench.scale.large, detector=1)
    with _offering(bench, path) as point:
        value = _value(point, path)

        def ours() -> float:
            with Client(point.port, point.credentials) as client:
                return path.stat().st_size / seconds(lambda: _all_of(client, value, path))

        def bare() -> float:
            with Client(bench.reference()) as client:
                return path.stat().st_size / seconds(lambda: _all_of(client, f"/files/{path.name}", path))

        found = interleaved({"ours": ours, "bare": bare}, bench.scale.rounds + 2)
    return found["ours"] / found["bare"]


def small(bench: Bench) -> float:
    """Four clients, files of 1 MB."""
    path = _built(bench, _SMALL, detector=2)
    with _offering(bench, path) as point:
        value, count = _value(point, path), bench.scale.requests
        ways = {
            "ours": lambda: rate(point.port, [value] * count, point.credentials, _CONNECTIONS),
            "bare": lambda: rate(bench.reference(), [f"/files/{path.name}"] * count, None, _CONNECTIONS),
        }
        found = interleaved(ways, bench.scale.rounds)
    return found["ours"] / found["bare"]


def _built(bench: Bench, size: int, detector: int) -> Path:
    return build_sentinel2(Sentinel2Specification(product_type="MSI_L0__GR", detector=detector, size=size), bench.files)


def _offering(bench: Bench, path: Path) -> AbstractContextManager[DeliveryPoint]:
    point = bench.template.copy(bench.folder / f"downloads-{path.stat().st_size}")
    point.deliver(path)
    done = point.prip("ingest", "--once")
    assert done.returncode == 0, done.stderr
    return serving(point)


def _value(point: DeliveryPoint, path: Path) -> str:
    return f"/odata/v1/Products({point.listed(path.name)['Id']})/$value"


def _all_of(client: Client, target: str, path: Path) -> None:
    assert client.drain(target) == path.stat().st_size
