"""What this plugin registers."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import Inbox, Storage, hookimpl
from prip_storage_s3.inbox import S3Inbox
from prip_storage_s3.s3 import S3Storage


@hookimpl
def prip_register_storages() -> Sequence[type[Storage]]:
    return [S3Storage]


@hookimpl
def prip_register_inboxes() -> Sequence[type[Inbox]]:
    return [S3Inbox]
