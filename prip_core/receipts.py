"""Receipts as JSON objects: what the chain reads of its deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prip_core.model import Receipt
from prip_core.rejections import finding_documents
from prip_core.times import format_utc


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """A receipt as what JSON can hold; times to the millisecond."""
    return {
        "uuid": str(receipt.uuid),
        "name": receipt.name,
        "inbox": receipt.inbox,
        "outcome": receipt.fate.value,
        "id": None if receipt.id is None else str(receipt.id),
        "publication_date": _time(receipt.publication_date),
        "content_length": receipt.content_length,
        "checksums": {checksum.algorithm: checksum.value for checksum in receipt.checksums},
        "reason": receipt.reason,
        "findings": finding_documents(receipt.findings),
        "arrived": _time(receipt.arrived),
        "written": _time(receipt.written),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_utc(moment)
