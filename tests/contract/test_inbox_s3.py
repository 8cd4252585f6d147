"""The contract of inboxes, over the S3 inbox and a real server."""

from __future__ import annotations

from functools import partial

import pytest

from prip_core import SIDECAR_SUFFIX, Inbox
from prip_core.testing.ceph import S3Endpoint
from prip_core.testing.inbox_contract import Deliver, InboxContract
from prip_storage_s3.inbox import S3Inbox


class TestS3Inbox(InboxContract):
    @pytest.fixture
    def bucket(self, s3_server: S3Endpoint) -> str:
        return s3_server.new_bucket()

    @pytest.fixture
    def inbox(self, s3_server: S3Endpoint, bucket: str) -> Inbox:
        settings = {
            "bucket": bucket,
            "prefix": "chain/inbox",
            "quarantine": "chain/refused",
            "endpoint_url": s3_server.url,
            "access_key": s3_server.access_key,
            "secret_key": s3_server.secret_key,
        }
        return S3Inbox(S3Inbox.Settings.model_validate(settings))

    @pytest.fixture
    def another(self, inbox: Inbox) -> Inbox:
        return S3Inbox(inbox.settings)

    @pytest.fixture
    def deliver(self, s3_server: S3Endpoint, bucket: str) -> Deliver:
        def deliver(name: str, content: bytes, sidecar: bytes | None = None) -> None:
            put = partial(s3_server.client().put_object, Bucket=bucket)
            if sidecar is not None:
                put(Key=f"chain/inbox/{name}{SIDECAR_SUFFIX}", Body=sidecar)
            put(Key=f"chain/inbox/{name}", Body=content)

        return deliver
