"""Receipts in a folder: ``<name>.json`` for each delivery, for the chain to read and to remove."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from prip_core import Receipt, receipt_document, sync_folder, write_durable

_LONGEST = 255  # bytes of a file's name
_KEPT = 200


def receipt_name(name: str) -> str:
    """The name of a product's receipt: ``<name>.json``.

    One that is too long for this is cut after 200 bytes; ``~`` and sixteen digits of the whole name's SHA-256 follow.
    """
    if len(name.encode()) + len(".json") <= _LONGEST:
        return f"{name}.json"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{name.encode()[:_KEPT].decode(errors='ignore')}~{digest[:16]}.json"


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Write a receipt durably, whole or not at all; it replaces an earlier one of the name.

    :raises OSError: the folder it is to be made in is away, or the file system fails.
    """
    if not folder.is_dir():
        # Not its parents: one that is missing may be a file system that is not mounted.
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    content = json.dumps(receipt_document(receipt), indent=2, ensure_ascii=False).encode("utf-8", "replace")
    # By its uuid: two deliveries of one name may be told of at the same time.
    passing = folder / f".{receipt.uuid}.tmp"
    write_durable(folder / receipt_name(receipt.name), content + b"\n", passing=passing)
