"""A delivery point whose inbox is a bucket: each product once, whoever works on it and wherever a worker dies."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from prip_core.crashpoints import LABELS
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.delivery_point import DeliveryPoint
from prip_storage_s3.inbox import CHECK
from tests.e2e.forking import ForkedDeliveryPoint
from tests.unit.storage_s3.faulty_proxy import Proxy, proxy_to

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]
Broken = Callable[..., list[str]]

MIB = 1024 * 1024
REFUSED = "what_is_this.bin"
ROUNDS = 100 if os.environ.get("PRIP_SOAK") else 10
SEED = 20250801


@pytest.fixture
def proxy(s3_server: S3Endpoint) -> Iterator[Proxy]:
    with proxy_to(s3_server.url) as proxy:
        yield proxy


@pytest.fixture
def from_bucket(forked: ForkedDeliveryPoint, s3_server: S3Endpoint, bucket: str) -> Callable[..., DeliveryPoint]:
    """The new delivery point, but with its inbox in the bucket."""

    return partial(configured, forked, s3_server, bucket)


def configured(point: DeliveryPoint, s3_server: S3Endpoint, bucket: str, **settings: Any) -> DeliveryPoint:
    (point.folder / "secret").write_text(s3_server.secret_key)
    values = {
        "kind": "s3",
        "bucket": bucket,
        "endpoint_url": s3_server.url,
        "access_key": s3_server.access_key,
        "receipts": True,
        **settings,
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    lines += f'secret_key = {{ file = "{point.folder / "secret"}" }}\n'
    config = point.folder / "prip.toml"
    written, found = re.subn(r'^path = "inbox".*\n', lines, config.read_text(), flags=re.MULTILINE)
    assert found == 1
    config.write_text(written)
    return point


@pytest.fixture
def put(s3_server: S3Endpoint, bucket: str) -> Callable[..., None]:
    """Delivers a product as the chain does."""

    def put(name: str, content: bytes, sidecar: dict[str, Any] | None = None) -> None:
        client = s3_server.client()
        if sidecar is not None:
            client.put_object(Bucket=bucket, Key=f"inbox/{name}.prip.json", Body=json.dumps(sidecar).encode())
        client.put_object(Bucket=bucket, Key=f"inbox/{name}", Body=content)

    return put


@pytest.fixture
def left(s3_server: S3Endpoint, bucket: str) -> Callable[[str], list[str]]:
    """The keys in the bucket that begin with something."""

    def left(prefix: str) -> list[str]:
        found = s3_server.client().list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())
        return [each["Key"] for each in found if not each["Key"].endswith(CHECK)]

    return left


def published(point: DeliveryPoint) -> dict[str, list[bytes]]:
    """The bytes of every published product, by name."""
    found: dict[str, list[bytes]] = {}
    for line in point.prip("export").stdout.splitlines():
        name = json.loads(line)["Name"]
        (shown,) = json.loads(point.prip("product", "show", json.loads(line)["Id"], "--json").stdout)
        found.setdefault(name, []).append((point.archive / shown["key"]).read_bytes())
    return found


def test_two_workers_take_each_product_once(
    from_bucket: Callable[..., DeliveryPoint],
    granule: Build,
    put: Callable[..., None],
    left: Callable[[str], list[str]],
) -> None:
    point = from_bucket()
    contents = {path.name: path.read_bytes() for path in (granule(number) for number in range(16))}
    for name, content in contents.items():
        put(name, content, {"campaign": "granite"})
    put(REFUSED, b"what is this")
    workers = [point.spawn("ingest", "--once") for _ in range(2)]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    assert published(point) == {name: [content] for name, content in contents.items()}
    assert left("inbox/") == []
    assert len(left("quarantine/")) == 2
    assert sorted(left("receipts/")) == sorted(f"receipts/{name}.json" for name in (*contents, REFUSED))
    exported = point.prip("export").stdout
    assert exported.count('"Value":"granite"') == 16
    point.prip("inbox", "retry", REFUSED)
    assert (left("inbox/"), left("quarantine/")) == ([f"inbox/{REFUSED}"], [])


def test_each_byte_is_asked_for_once(
    from_bucket: Callable[..., DeliveryPoint], granule: Build, put: Callable[..., None], proxy: Proxy
) -> None:
    point = from_bucket(endpoint_url=proxy.url)
    product = granule(1, size=12 * MIB)
    size = product.stat().st_size
    put(product.name, product.read_bytes())
    assert "published 1" in point.prip("ingest", "--once").stdout
    assert published(point) == {product.name: [product.read_bytes()]}
    asked = [each.headers["Range"] for each in proxy.asked("GET", f"/inbox/{product.name}") if "Range" in each.headers]
    spans = [re.fullmatch(r"bytes=(\d+)-(\d*)", span) for span in asked]
    assert sum(int(span[2] or size - 1) + 1 - int(span[1]) for span in spans if span is not None) < size + MIB


@pytest.mark.soak
def test_random_kills_lose_and_double_nothing(
    forked: ForkedDeliveryPoint,
    s3_server: S3Endpoint,
    bucket: str,
    granule: Build,
    ingest_all: Ingest,
    put: Callable[..., None],
    left: Callable[[str], list[str]],
) -> None:
    """Three workers on one bucket."""
    point, chance = configured(forked, s3_server, bucket), random.Random(SEED)
    point.environment["PRIP__INGEST__LEASE"] = "1.0"
    workers = [point.spawn("ingest") for _ in range(3)]
    contents: dict[str, bytes] = {}
    for number in range(ROUNDS * 4):
        product = granule(number)
        contents[product.name] = product.read_bytes()
        put(product.name, contents[product.name], {"campaign": "granite"} if number % 2 else None)
        if number % 4 == 3:
            time.sleep(chance.uniform(0.0, 0.4))
            victim = chance.randrange(len(workers))
            workers[victim].kill()
            workers[victim].wait(60)
            workers[victim] = point.spawn("ingest")
    for worker in workers:
        worker.terminate()
    codes = {worker.wait(60) for worker in workers}
    assert codes <= {0, -signal.SIGTERM}, "one that was started last may not have begun to listen to signals"
    ingest_all(point)
    assert published(point) == {name: [content] for name, content in contents.items()}
    assert (left("inbox/"), left("quarantine/")) == ([], [])
    assert point.prip("export").stdout.count('"Value":"granite"') == len(contents) // 2


@pytest.mark.parametrize("label", LABELS)
def test_a_worker_that_is_killed(
    from_bucket: Callable[..., DeliveryPoint],
    granule: Build,
    ingest_all: Ingest,
    put: Callable[..., None],
    left: Callable[[str], list[str]],
    label: str,
) -> None:
    point, product = from_bucket(), granule(3)
    put(product.name, product.read_bytes())
    put(REFUSED, b"what is this")
    killed = point.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert killed.returncode == -signal.SIGKILL
    ingest_all(point)
    assert published(point) == {product.name: [product.read_bytes()]}
    assert left("inbox/") == []
    assert len(left("quarantine/")) == 2
