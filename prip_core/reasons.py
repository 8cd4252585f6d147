"""``reason.json``: why a product lies in quarantine, for people and programs."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from prip_core.model import Rejection
from prip_core.rejections import read_rejection, rejection_document


def write_reason(rejection: Rejection, arrived_in: str) -> bytes:
    """The content of ``reason.json``.

    :param arrived_in: the place where the product had arrived.
    """
    content = {**rejection_document(rejection), "arrived_in": arrived_in}
    return json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def read_reason(content: bytes, uuid: UUID) -> Rejection:
    """What :func:`write_reason` wrote about this ingestion.

    :raises ValueError: it is something else.
    """
    rejection = read_rejection(json.loads(content))
    if rejection.uuid != uuid:
        raise ValueError(f"it is about {rejection.uuid}")
    if not rejection.name or "/" in rejection.name or rejection.name in {".", ".."}:
        raise ValueError(f"{rejection.name!r} is no name of a product")
    return rejection


def unexplained(uuid: UUID, name: str, when: datetime, why: str) -> Rejection:
    """A product whose reason cannot be told."""
    return Rejection(uuid=uuid, name=name, when=when, reason=f"its reason.json cannot be read: {why}")
