"""Files as they are delivered into a folder inbox, and what it makes of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import UUID

import pytest

from prip_core import Candidate
from prip_core.builtin.folder_inbox import FolderInbox

UUID_1 = UUID("11111111-1111-4111-8111-111111111111")
UUID_2 = UUID("22222222-2222-4222-8222-222222222222")


def deliver(folder: Path, name: str, content: bytes = b"bytes") -> Path:
    temporary = folder / f".{name[:100]}.tmp"
    temporary.write_bytes(content)
    return temporary.rename(folder / name)


def scanned(inbox: FolderInbox) -> list[str]:
    return [candidate.name for candidate in sorted(inbox.scan(), key=lambda candidate: candidate.arrived)]


def only(inbox: FolderInbox) -> Candidate:
    (candidate,) = inbox.scan()
    return candidate


def let_time_pass(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """By the clock of the file system, which tells the time when something is touched, and by that of the machine."""
    now, touch = time.time, os.utime

    def touched(path: Path, times: tuple[float, float] | None = None) -> None:
        touch(path, times or (now() + seconds,) * 2)

    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    monkeypatch.setattr(os, "utime", touched)
