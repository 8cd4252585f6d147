"""Objects are written past the page cache where that goes, and are right and durable wherever they lie."""

from __future__ import annotations

import errno
import fcntl
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core import TransientError
from prip_core.testing.sources import pattern
from prip_storage_posix.direct import BLOCK
from prip_storage_posix.posix import PosixSettings, PosixStorage

KEY = "T/2025/08/01/0f8d/a.tar"
CONTENT = pattern(3 * BLOCK + 77)


@pytest.fixture
def storage(tmp_path: Path) -> PosixStorage:
    return PosixStorage(PosixSettings(path=tmp_path))


class Dripping(io.BytesIO):
    """Gives less than is asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 1, 300_001))


def stored(storage: PosixStorage) -> bytes:
    with storage.open(KEY) as found:
        return found.read()


def is_direct(descriptor: int) -> bool:
    return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & getattr(os, "O_DIRECT", 0))


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 77])
@pytest.mark.parametrize("source", [io.BytesIO, Dripping])
def test_what_is_stored_is_what_was_given(
    storage: PosixStorage, size: int, source: Callable[[bytes], Dripping]
) -> None:
    storage.put(KEY, source(CONTENT[:size]), size=size)
    assert stored(storage) == CONTENT[:size]


def test_whole_blocks_go_directly(storage: PosixStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open(tmp_path / "probe", os.O_WRONLY | os.O_CREAT)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, getattr(os, "O_DIRECT", 0))
        supported = is_direct(descriptor)
    except OSError:
        supported = False
    finally:
        os.close(descriptor)
    ways, write = [], os.write

    def note(descriptor: int, data: memoryview) -> int:
        ways.append((is_direct(descriptor), len(data)))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", note)
    storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    assert ways == [(supported, BLOCK)] * 3 + [(False, 77)]
    assert stored(storage) == CONTENT


@pytest.mark.parametrize("refused", range(4))
def test_a_file_system_may_refuse_it_at_any_time(
    storage: PosixStorage, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    calls, write = iter(range(100)), os.write

    def refuse(descriptor: int, data: memoryview) -> int:
        if next(calls) >= refused and is_direct(descriptor):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", refuse)
    storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    assert stored(storage) == CONTENT


def test_a_file_system_may_not_know_it(storage: PosixStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    control = fcntl.fcntl

    def refuse(descriptor: int, command: int, flags: int = 0) -> int:
        if command == fcntl.F_SETFL:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return control(descriptor, command, flags)

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    assert stored(storage) == CONTENT


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_an_error_of_the_disk_is_heard(
    storage: PosixStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(TransientError, match="Input/output error"):
            storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    assert list(storage.list("")) == []
    assert list((tmp_path / ".uploads").iterdir()) == []
    storage.put(KEY, io.BytesIO(CONTENT), size=len(CONTENT))
    assert stored(storage) == CONTENT
