"""What products that go their way side by side take of memory, however small they are to look at."""

from __future__ import annotations

import gc
import gzip
import io
import json
import tarfile
import tracemalloc
import weakref
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import pytest

from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.ingest.context import Outcome
from prip_core.ingest.pipeline import HELD
from prip_core.model import Claimed
from prip_storage_posix.posix import PosixSettings, PosixStorage

Point = Any
MIB = 1024 * 1024


def deliver_folded(point: Point, name: str, unfolded: int) -> None:
    """A gzipped tar of a few kilobytes whose members, small each, unfold to so much."""
    text = json.dumps({"rock": name}).encode()
    members = {f"{name}/rock.json": text} | {
        f"{name}/{number}": bytes(4 * MIB) for number in range(unfolded // 4 // MIB)
    }
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for member, data in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    Path(point.folder / f"{name}.tar").write_bytes(gzip.compress(content.getvalue(), 1))
    (point.folder / f"{name}.tar").rename(point.folder / "inbox" / f"{name}.tar")


def test_small_files_that_unfold_to_much_are_not_in_memory_together(point: Point) -> None:
    names = [f"ROCK_{number}" for number in range(5)]
    for name in names:
        deliver_folded(point, name, 48 * MIB)
    chosen = [(point.served, candidate) for candidate in point.served.inbox.scan()]
    assert max(candidate.size for _, candidate in chosen) < MIB
    tracemalloc.start()
    try:
        outcomes = point.pipeline.accept_all(chosen)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outcomes == [Outcome.PUBLISHED] * len(names)
    assert peak < HELD + 64 * MIB, "no more than the limit, and one product that came last"


class Noting(PosixStorage):
    """Notes who gave it bytes, and holds nobody."""

    NAME: ClassVar[str] = "noting"

    def __init__(self, settings: PosixSettings) -> None:
        super().__init__(settings)
        self.readers: list[weakref.ref[BinaryIO]] = []

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        self.readers.append(weakref.ref(source))
        super().put(key, source, size=size)


def test_nothing_of_the_read_is_in_memory_behind_it(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows each member of a container, and they may be a hundred thousand."""
    point.storage = Noting(PosixSettings(path=point.folder / "archive"))
    left: list[int] = []
    finish = FolderInbox.finish

    def count_and_finish(inbox: FolderInbox, claimed: Claimed) -> None:
        gc.collect()
        left.append(sum(reader() is not None for reader in point.storage.readers))
        finish(inbox, claimed)

    monkeypatch.setattr(FolderInbox, "finish", count_and_finish)
    for number in range(3):
        point.deliver(f"ROCK_{number}.tar")
    chosen = [(point.served, candidate) for candidate in point.served.inbox.scan()]
    assert point.pipeline.accept_all(chosen) == [Outcome.PUBLISHED] * 3
    assert (len(point.storage.readers), left) == (3, [0, 0, 0])
