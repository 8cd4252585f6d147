"""Objects as they are delivered into an S3 inbox, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from prip_core import Candidate, Claimed, Rejection
from prip_storage_s3.inbox import S3Inbox

NAME = "S2B_OPER_MSI_L1C_TL.tar"
WHEN = datetime(2025, 8, 1, 12, 30, tzinfo=UTC)
SIDECAR = b'{"campaign": "granite"}'
Make = Callable[..., S3Inbox]
Put = Callable[..., None]


def only(inbox: S3Inbox) -> Candidate:
    (candidate,) = inbox.scan()
    return candidate


def claim(inbox: S3Inbox, uuid: UUID | None = None) -> Claimed:
    return inbox.claim(only(inbox), uuid or uuid4())


def rejection(claimed: Claimed) -> Rejection:
    return Rejection(uuid=claimed.uuid, name=claimed.name, reason="broken", when=WHEN, inbox="chain")


def content_of(inbox: S3Inbox, claimed: Claimed) -> bytes:
    with inbox.source(claimed) as source:
        return source.read()
