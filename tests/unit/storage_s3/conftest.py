"""A bucket of the test's own on a real server, storages in it, and a proxy with faults in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from prip_core.testing.ceph import S3Endpoint
from prip_storage_s3 import inbox as module
from prip_storage_s3 import pauses
from prip_storage_s3.inbox import S3Inbox
from prip_storage_s3.s3 import S3Storage
from tests.unit.storage_s3.deliveries import NAME, Make, Put
from tests.unit.storage_s3.faulty_proxy import Proxy, proxy_to


@pytest.fixture
def bucket(s3_server: S3Endpoint) -> str:
    return s3_server.new_bucket()


@pytest.fixture
def client(s3_server: S3Endpoint) -> Any:
    """A client beside the storage's, which meets no fault."""
    return s3_server.client()


@pytest.fixture
def written(s3_server: S3Endpoint, bucket: str) -> Callable[..., dict[str, Any]]:
    """Settings as they are written down, some of them others."""

    def settings(**others: Any) -> dict[str, Any]:
        return {
            "bucket": bucket,
            "endpoint_url": s3_server.url,
            "access_key": s3_server.access_key,
            "secret_key": s3_server.secret_key,
            "part_size": 5,
            "concurrency": 2,
            "attempts": 3,
            "read_timeout": 20.0,
            **others,
        }

    return settings


@pytest.fixture
def storage(written: Callable[..., dict[str, Any]]) -> Callable[..., S3Storage]:
    def build(**others: Any) -> S3Storage:
        return S3Storage(S3Storage.Settings.model_validate(written(**others)))

    return build


@pytest.fixture
def proxy(s3_server: S3Endpoint) -> Iterator[Proxy]:
    with proxy_to(s3_server.url) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: Proxy, storage: Callable[..., S3Storage], monkeypatch: pytest.MonkeyPatch) -> S3Storage:
    """A storage that reaches the server through the proxy, and makes short pauses of its own."""
    monkeypatch.setattr(pauses, "_FIRST", 0.01)
    return storage(endpoint_url=proxy.url)


@pytest.fixture
def make_inbox(s3_server: S3Endpoint, bucket: str) -> Make:
    def make_inbox(**others: Any) -> S3Inbox:
        settings = {
            "bucket": bucket,
            "endpoint_url": s3_server.url,
            "access_key": s3_server.access_key,
            "secret_key": s3_server.secret_key,
            "attempts": 1,
            **others,
        }
        return S3Inbox(S3Inbox.Settings.model_validate(settings))

    return make_inbox


@pytest.fixture
def inbox(make_inbox: Make) -> S3Inbox:
    return make_inbox()


@pytest.fixture
def put(client: Any, bucket: str) -> Put:
    def put(name: str = NAME, content: bytes = b"bytes", sidecar: bytes | None = None) -> None:
        if sidecar is not None:
            client.put_object(Bucket=bucket, Key=f"inbox/{name}.prip.json", Body=sidecar)
        client.put_object(Bucket=bucket, Key=f"inbox/{name}", Body=content)

    return put


@pytest.fixture
def keys(client: Any, bucket: str) -> Callable[[], list[str]]:
    def keys() -> list[str]:
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
        found = [found["Key"] for found in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return [key for key in found if key != f"inbox/{module.CHECK}"]

    return keys


@pytest.fixture
def dying(make_inbox: Make, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> S3Inbox:
    """The inbox of a worker that dies when the proxy says so."""
    monkeypatch.setattr(pauses, "_FIRST", 0.01)
    return make_inbox(endpoint_url=proxy.url)
