"""Large files go to the disk while they are written, and what the disk says of it is never lost."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path

import pytest

from prip_core import TransientError
from prip_core.testing.sources import WatchedSource, pattern
from prip_storage_posix import flushing
from prip_storage_posix.posix import PosixSettings, PosixStorage

BLOCK = 1024 * 1024
KEY = "T/2025/08/01/0f8d/a.tar"
CONTENT = pattern(5 * BLOCK)


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PosixStorage:
    monkeypatch.setattr(flushing, "STRIDE", BLOCK)
    return PosixStorage(PosixSettings(path=tmp_path))


def test_the_disk_has_some_before_the_last_comes(storage: PosixStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed, fsync = threading.Event(), os.fsync

    def note(descriptor: int) -> None:
        fsync(descriptor)
        flushed.set()

    monkeypatch.setattr(os, "fsync", note)
    source = WatchedSource(CONTENT, lambda: assert_set(flushed), after=4 * BLOCK)
    storage.put(KEY, source, size=len(CONTENT))
    with storage.open(KEY) as stored:
        assert stored.read() == CONTENT


def assert_set(event: threading.Event) -> None:
    assert event.wait(60)


@pytest.mark.parametrize("which", range(3))
def test_an_error_of_the_disk_is_heard_whenever_it_comes(
    storage: PosixStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    """The system tells an error once: an earlier flush must not hide it from the last."""
    calls, fsync = iter(range(100)), os.fsync

    def fail_once(descriptor: int) -> None:
        if next(calls) == which:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail_once)
        with pytest.raises(TransientError, match="Input/output error"):
            storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    assert list(storage.list("")) == []
    assert list((tmp_path / ".uploads").iterdir()) == []
    storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    with storage.open(KEY) as stored:
        assert stored.read() == CONTENT
