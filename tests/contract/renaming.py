"""Delivering into a folder as production chains do: by renaming, the sidecar first."""

from __future__ import annotations

from pathlib import Path

from prip_core import SIDECAR_SUFFIX
from prip_core.testing.inbox_contract import Deliver


def deliver_into(folder: Path) -> Deliver:
    """What delivers into this folder."""

    def deliver(name: str, content: bytes, sidecar: bytes | None = None) -> None:
        delivered = {name + SIDECAR_SUFFIX: sidecar, name: content}
        for file, written in delivered.items():
            if written is not None:
                (folder / ".incoming").write_bytes(written)
                (folder / ".incoming").rename(folder / file)

    return deliver
