"""The contract of storages, over the S3 storage and a real server."""

from __future__ import annotations

import pytest

from prip_core import Storage
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.storage_contract import StorageContract
from prip_storage_s3.s3 import S3Storage


class TestS3Storage(StorageContract):
    @pytest.fixture
    def storage(self, s3_server: S3Endpoint) -> Storage:
        settings = S3Storage.Settings.model_validate(
            {
                "bucket": s3_server.new_bucket(),
                "prefix": "shelf/of-ours",
                "endpoint_url": s3_server.url,
                "access_key": s3_server.access_key,
                "secret_key": s3_server.secret_key,
                "part_size": 5,
                "concurrency": 2,
            }
        )
        return S3Storage(settings)
