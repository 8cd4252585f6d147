"""Folders of many levels and long names: no call is nested over them, and no path is longer than the system takes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import Rejection
from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.builtin.trees import copy, remove
from tests.unit.builtin.conftest import put_border_between
from tests.unit.builtin.deliveries import UUID_1, only

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


def test_a_deep_folder_is_refused_and_dropped(
    inbox: FolderInbox, folder: Path, quarantine: Path, deep: Path, outside: Path
) -> None:
    inbox.release(inbox.claim(only(inbox), UUID_1).uuid)
    inbox.reject(inbox.claim(only(inbox), UUID_1), REFUSED)
    assert is_whole(quarantine / "2025-08-01" / str(UUID_1) / REFUSED.name, outside)
    inbox.drop(REFUSED)
    assert list(quarantine.iterdir()) == []
    assert (outside / "file").read_bytes() == b"not delivered"


def test_a_deep_folder_goes_to_another_file_system_and_returns(
    inbox: FolderInbox, folder: Path, quarantine: Path, deep: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_border_between(monkeypatch, folder, quarantine)
    inbox.reject(inbox.claim(only(inbox), UUID_1), REFUSED)
    assert is_whole(quarantine / "2025-08-01" / str(UUID_1) / REFUSED.name, outside)
    assert [path.name for path in folder.iterdir()] == [".work"]
    inbox.retry(REFUSED)
    assert is_whole(deep, outside)
    assert list(quarantine.iterdir()) == []


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


def test_a_folder_that_looks_empty_and_is_not_is_no_endless_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file server may show less than there is."""
    (tmp_path / "top").mkdir()
    tried = []

    def refuse(name: str, *, dir_fd: int) -> None:
        tried.append(name)
        assert len(tried) < 10
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))

    monkeypatch.setattr(os, "rmdir", refuse)
    with pytest.raises(OSError, match="not empty"):
        remove(tmp_path / "top")
