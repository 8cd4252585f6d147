"""A delivery point whose storage is a bucket: products go in and out, and nothing is lost on bad days."""

from __future__ import annotations

import hashlib
import re
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.unit.storage_s3.faulty_proxy import Answer, Proxy, Request, proxy_to, refuse, stall

Build = Callable[..., Path]
Ingest = Callable[[DeliveryPoint], None]

LARGE = 12 * 1024 * 1024


@pytest.fixture
def proxy(s3_server: S3Endpoint) -> Iterator[Proxy]:
    with proxy_to(s3_server.url) as proxy:
        yield proxy


@pytest.fixture
def on_s3(forked: DeliveryPoint, keep_in_bucket: Callable[..., DeliveryPoint]) -> Callable[..., DeliveryPoint]:
    """The new delivery point, but with its archive in the bucket."""
    return partial(keep_in_bucket, forked, prefix="shelf")


def fetch(point: DeliveryPoint, product: dict[str, Any], method: str = "GET", **headers: str) -> requests.Response:
    url = f"{point.products_url}({product['Id']})/$value"
    return requests.request(method, url, auth=point.credentials, headers=headers, timeout=120)


@pytest.mark.parametrize("downloads", ["redirect", "stream"])
def test_products_go_in_and_out(
    on_s3: Callable[..., DeliveryPoint],
    granule: Build,
    objects: Callable[[], dict[str, bytes]],
    s3_server: S3Endpoint,
    downloads: str,
) -> None:
    point = on_s3(downloads=downloads)
    point.start()
    for number, size in ((1, 20_000), (2, LARGE)):
        product = granule(number, size=size)
        content = product.read_bytes()
        listed = point.listed(point.deliver(product))
        key = next(key for key in objects() if key.endswith(product.name))
        assert re.fullmatch(rf"shelf/MSI_L0__GR/\d{{4}}/\d\d/\d\d/{listed['Id']}/{product.name}", key)
        assert objects()[key] == content
        whole = fetch(point, listed)
        assert (whole.status_code, whole.content) == (200, content)
        assert whole.headers["Content-Disposition"] == f'attachment; filename="{product.name}"'
        assert [step.status_code for step in whole.history] == ([307] if downloads == "redirect" else [])
        assert whole.url.startswith(s3_server.url) == (downloads == "redirect")
        part = fetch(point, listed, Range="bytes=100-199")
        assert (part.status_code, part.content) == (206, content[100:200])
        head = fetch(point, listed, "HEAD")
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(content)))
    assert "***" in point.prip("config", "show").stdout
    assert s3_server.secret_key not in point.log_file.read_text()


def test_a_start_with_a_wrong_bucket_is_refused(on_s3: Callable[..., DeliveryPoint]) -> None:
    done = on_s3(bucket="no-such-bucket").prip("config", "check")
    assert done.returncode == 2
    assert "storages.archive (s3): bucket: there is no bucket no-such-bucket" in done.stderr


@pytest.mark.parametrize("label", ["store.begun", "stored", "publish.before", "publish.after", "clean.finished"])
def test_a_worker_that_is_killed(
    on_s3: Callable[..., DeliveryPoint],
    granule: Build,
    ingest_all: Ingest,
    objects: Callable[[], dict[str, bytes]],
    label: str,
) -> None:
    point, product = on_s3(), granule(3, size=LARGE)
    point.deliver(product)
    killed = point.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert killed.returncode == -signal.SIGKILL
    ingest_all(point)
    assert list(objects().values()) == [product.read_bytes()]


def test_a_worker_that_is_killed_while_it_uploads(
    on_s3: Callable[..., DeliveryPoint],
    granule: Build,
    ingest_all: Ingest,
    proxy: Proxy,
    s3_server: S3Endpoint,
    bucket: str,
) -> None:
    """The parts of the first try stay for a day, as nobody can tell whether it goes on; the product does not wait."""
    point, product = on_s3(endpoint_url=proxy.url), granule(4, size=LARGE)
    point.deliver(product)
    proxy.does(stall(proxy), method="PUT", about="partNumber=3")
    worker = point.spawn("ingest", "--once")
    wait_for(lambda: proxy.asked("PUT", "partNumber=3"), "third part")
    worker.kill()
    worker.wait()
    proxy.heal()
    ingest_all(point)
    client = s3_server.client()
    (stored,) = client.list_objects_v2(Bucket=bucket)["Contents"]
    digest = hashlib.md5(client.get_object(Bucket=bucket, Key=stored["Key"])["Body"].read())
    assert digest.hexdigest() == hashlib.md5(product.read_bytes()).hexdigest()
    assert len(client.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1


def test_products_wait_while_the_server_is_away(
    on_s3: Callable[..., DeliveryPoint], granule: Build, proxy: Proxy, objects: Callable[[], dict[str, bytes]]
) -> None:
    point, product = on_s3(endpoint_url=proxy.url, attempts=1), granule(5, size=20_000)
    proxy.does(refuse(503, "SlowDown"), method="PUT")
    point.start()
    point.deliver(product)
    wait_for(lambda: len(proxy.asked("PUT")) > 1, "second try")
    assert point.page(filter=f"Name eq '{product.name}'")["value"] == []
    assert not list((point.folder / "quarantine").rglob("reason.json"))
    proxy.heal()
    assert fetch(point, point.listed(product.name)).content == product.read_bytes()
    assert list(objects().values()) == [product.read_bytes()]


def test_a_server_that_only_says_it_stored_a_product_publishes_nothing(
    on_s3: Callable[..., DeliveryPoint], granule: Build, proxy: Proxy
) -> None:
    def lie(request: Request, ask: Callable[[Request], Answer]) -> Answer:
        return Answer(200, {"etag": f'"{hashlib.md5(request.body).hexdigest()}"'}, b"")

    point, product = on_s3(endpoint_url=proxy.url), granule(6, size=20_000)
    proxy.does(lie, method="PUT")
    point.start()
    point.deliver(product)
    wait_for(lambda: len(proxy.asked("PUT")) > 1, "second try")
    assert point.page(filter=f"Name eq '{product.name}'")["value"] == []
    proxy.heal()
    assert fetch(point, point.listed(product.name)).content == product.read_bytes()
