"""A bucket of the test's own on a real server, storages in it, and a proxy with faults in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from prip_core.testing.ceph import S3Endpoint
from prip_storage_s3 import pauses
from prip_storage_s3.s3 import S3Storage
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
