"""Folders of many levels and long names: no call is nested over them, and no path is longer than the system takes."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from prip_core import Rejection, TransientError
from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.builtin.trees import copy, remove
from tests.unit.builtin.conftest import put_border_between
from tests.unit.builtin.deliveries import UUID_1, deliver, only

LEVELS = 1100
NAME = "d" * 255
"""Of each level."""

WHEN = datetime(2025, 8, 1, tzinfo=UTC)
REFUSED = Rejection(uuid=UUID_1, name="PRODUCT.SAFE", reason="it is a folder", when=WHEN, inbox="chain")

FOLDER = os.O_RDONLY | os.O_DIRECTORY


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of folders would wait for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What a link at the bottom points to."""
    path = tmp_path / "outside"
    path.mkdir()
    (path / "file").write_bytes(b"not delivered")
    return path


@pytest.fixture
def deep(folder: Path, quarantine: Path, outside: Path) -> Iterator[Path]:
    """A folder that is delivered."""
    top = folder / REFUSED.name
    top.mkdir()
    bottom = descend(top, make=True)
    os.symlink(outside, "link", dir_fd=bottom)
    with os.fdopen(os.open("leaf", os.O_WRONLY | os.O_CREAT, dir_fd=bottom), "wb") as leaf:
        leaf.write(b"bytes")
    os.close(bottom)
    yield top
    for left in (folder, quarantine):  # what cleans up behind tests is nested over it
        remove(left)


def descend(top: Path, *, make: bool = False) -> int:
    """The lowest folder, open."""
    here = os.open(top, FOLDER)
    for _ in range(LEVELS):
        if make:
            os.mkdir(NAME, dir_fd=here)
        below = os.open(NAME, FOLDER, dir_fd=here)
        os.close(here)
        here = below
    return here


def is_whole(top: Path, outside: Path) -> bool:
    bottom = descend(top)
    with os.fdopen(os.open("leaf", os.O_RDONLY, dir_fd=bottom), "rb") as leaf:
        whole = leaf.read() == b"bytes" and os.readlink("link", dir_fd=bottom) == str(outside)
    os.close(bottom)
    return whole


def test_a_deep_folder_is_released_refused_given_back_and_dropped(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path, deep: Path, outside: Path
) -> None:
    inbox.release(inbox.claim(only(inbox), UUID_1).uuid)
    assert is_whole(deep, outside)
    inbox.reject(inbox.claim(only(inbox), UUID_1), REFUSED)
    assert is_whole(quarantine / "2025-08-01" / str(UUID_1) / REFUSED.name, outside)
    assert [path.name for path in folder.iterdir()] == [".work"]
    inbox.retry(REFUSED)
    assert is_whole(deep, outside)
    inbox.reject(inbox.claim(only(inbox), UUID_1), REFUSED)
    inbox.drop(REFUSED)
    assert list(quarantine.iterdir()) == []
    assert (outside / "file").read_bytes() == b"not delivered"


def test_of_a_copy_that_fails_nothing_is_left(
    inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or what was copied keeps the room that the next attempt wants, and all others."""
    put_border_between(monkeypatch, folder, quarantine)
    deliver(folder, REFUSED.name)
    claimed = inbox.claim(only(inbox), UUID_1)

    def fill_up(source: IO[bytes], target: IO[bytes], length: int) -> None:
        target.write(source.read(2))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfileobj", fill_up)
        with pytest.raises(TransientError, match="No space"):
            inbox.reject(claimed, REFUSED)
    assert [path.name for path in (quarantine / "2025-08-01" / str(UUID_1)).iterdir()] == ["reason.json"]
    inbox.reject(claimed, REFUSED)
    assert (quarantine / "2025-08-01" / str(UUID_1) / REFUSED.name).read_bytes() == b"bytes"


@pytest.mark.parametrize("work", ["copy", "remove"])
def test_a_folder_that_is_moved_meanwhile_leads_nowhere_else(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    """Its way up would be one into a folder that nobody spoke of."""
    (tmp_path / "top" / "first" / "second").mkdir(parents=True)
    listdir = os.listdir

    def move(folder: int) -> list[str]:
        found = listdir(folder)
        if not found:
            (tmp_path / "top" / "first" / "second").rename(outside / "second")
        return found

    monkeypatch.setattr(os, "listdir", move)
    monkeypatch.setattr(os, "rmdir", refuse_first(os.rmdir))
    with pytest.raises(OSError, match="somebody moves"):
        copy(tmp_path / "top", tmp_path / "copy") if work == "copy" else remove(tmp_path / "top")
    assert (outside / "file").read_bytes() == b"not delivered"


def refuse_first(rmdir: Callable[..., None]) -> Callable[..., None]:
    """As of a folder with something in it."""
    refused: set[str] = set()

    def removing(name: str, *, dir_fd: int) -> None:
        if name not in refused:
            refused.add(name)
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        rmdir(name, dir_fd=dir_fd)

    return removing
