"""Folders and small files that survive a power cut."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from prip_core import make_folders, sync_folder, write_durable


def note_syncs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    fsync, synced = os.fsync, []

    def noting(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    monkeypatch.setattr(os, "fsync", noting)
    return synced


def test_every_new_folder_is_synced_into_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = note_syncs(monkeypatch)
    make_folders(tmp_path / "a" / "b" / "c")
    make_folders(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


def test_a_file_in_the_way_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    for folder in ("a", "a/b"):
        with pytest.raises(NotADirectoryError):
            make_folders(tmp_path / folder)


def test_only_folders_are_synced(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "missing")


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_folders_is_left_to_its_own_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """As some of file servers; that it cannot sync a file is said."""
    fsync = os.fsync

    def refuse(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir():
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    make_folders(tmp_path / "a" / "b")
    write_durable(tmp_path / "a" / "b" / "file", b"content")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"content"
    monkeypatch.setattr(os, "fsync", lambda _: refused(number))
    with pytest.raises(OSError, match=re.escape(os.strerror(number))):
        write_durable(tmp_path / "a" / "b" / "file", b"newer")


def refused(number: int) -> None:
    raise OSError(number, os.strerror(number))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "reason.json"
    synced = note_syncs(monkeypatch)
    write_durable(path, b"first")
    assert synced == [tmp_path / ".reason.json.tmp", tmp_path]

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durable(path, b"second")
    assert path.read_bytes() == b"first"
