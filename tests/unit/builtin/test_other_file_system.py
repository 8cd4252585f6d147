"""A quarantine on another file system: copies take no more than they must, give no rights, and lose nothing."""

from __future__ import annotations

import errno
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import Claimed, Rejection, TransientError
from prip_core.builtin import relocation
from prip_core.builtin.folder_inbox import FolderInbox
from tests.unit.builtin.conftest import put_border_between
from tests.unit.builtin.deliveries import UUID_1, deliver, only

NAME = "product.tar"
WHEN = datetime(2025, 8, 1, tzinfo=UTC)
REFUSED = Rejection(uuid=UUID_1, name=NAME, reason="it is broken", when=WHEN, inbox="chain")


@pytest.fixture
def kept(quarantine: Path) -> Path:
    return quarantine / "2025-08-01" / str(UUID_1) / NAME


def claim(inbox: FolderInbox) -> Claimed:
    return inbox.claim(only(inbox), UUID_1)


@pytest.fixture
def claimed(inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch) -> Claimed:
    """A file that will have to cross to the quarantine's file system."""
    put_border_between(monkeypatch, folder, quarantine)
    deliver(folder, NAME)
    return claim(inbox)


def test_a_copy_keeps_rights_and_times_but_runs_as_nobody_else(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path, kept: Path
) -> None:
    """What ran as its sender would run as the ingest worker, who owns the copy."""
    delivered = folder / NAME
    delivered.write_bytes(b"#!/bin/sh")
    delivered.chmod(0o6751)
    os.utime(delivered, (1_000_000, 1_000_000))
    inbox.reject(claim(inbox), REFUSED)
    facts = kept.stat()
    assert facts.st_mtime == 1_000_000
    assert facts.st_mode & 0o7777 == (0o6751 if border == "same file system" else 0o751)


def test_holes_of_a_file_take_no_room_in_a_quarantine_elsewhere(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path, kept: Path
) -> None:
    """A file may say that it is larger than the disk."""
    size, begin, middle = 1 << 40, b"begin" * 100_000, b"middle"
    with (folder / NAME).open("wb") as file:
        file.write(begin)
        file.seek(size // 2)
        file.write(middle)
        file.truncate(size)
    inbox.reject(claim(inbox), REFUSED)
    assert kept.stat().st_size == size
    assert kept.stat().st_blocks * 512 < 4 * 1024 * 1024
    with kept.open("rb") as file:
        assert file.read(len(begin) + 1) == begin + b"\0"
        file.seek(size // 2 - 1)
        assert file.read(len(middle) + 2) == b"\0" + middle + b"\0"


def test_what_is_still_written_is_not_moved_to_another_file_system(
    inbox: FolderInbox, claimed: Claimed, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sender would go on writing into a file that nobody has any more."""
    fchmod = os.fchmod

    def write_on(target: int, mode: int) -> None:
        with inbox.source(claimed).open("ab") as file:
            file.write(b" and more")
        fchmod(target, mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fchmod", write_on)
        with pytest.raises(TransientError, match="still writes"):
            inbox.reject(claimed, REFUSED)
    assert inbox.source(claimed).read_bytes() == b"bytes and more"
    inbox.reject(claimed, REFUSED)
    assert kept.read_bytes() == b"bytes and more"


def test_a_folder_that_is_still_filled_is_not_moved_to_another_file_system(
    inbox: FolderInbox, folder: Path, quarantine: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes into it behind the copy would be removed with it."""
    put_border_between(monkeypatch, folder, quarantine)
    (folder / NAME / "below").mkdir(parents=True)
    (folder / NAME / "below" / "first").write_bytes(b"bytes")
    os.utime(folder / NAME / "below", (1_000_000, 1_000_000))  # file systems tell no two changes of a moment apart
    claimed = claim(inbox)
    fchmod = os.fchmod

    def fill(target: int, mode: int) -> None:
        (inbox.source(claimed) / "below" / "second").write_bytes(b"more")
        fchmod(target, mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fchmod", fill)
        with pytest.raises(TransientError, match="still writes"):
            inbox.reject(claimed, REFUSED)
    assert not kept.exists()
    inbox.reject(claimed, REFUSED)
    assert sorted(path.name for path in (kept / "below").iterdir()) == ["first", "second"]


def test_a_worker_that_is_killed_behind_a_copy_leaves_no_folder_of_it(
    inbox: FolderInbox, claimed: Claimed, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_killed(copied: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(relocation, "_clear", be_killed)
        with pytest.raises(KeyboardInterrupt):
            inbox.reject(claimed, REFUSED)
    inbox.reject(claimed, REFUSED)
    assert sorted(path.name for path in kept.parent.iterdir()) == [NAME, "reason.json"]


def test_a_file_system_that_keeps_no_rights_keeps_products(
    inbox: FolderInbox, claimed: Claimed, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fchmod", refuse)
    inbox.reject(claimed, REFUSED)
    assert kept.read_bytes() == b"bytes"


def test_of_a_copy_that_fails_nothing_is_left(
    inbox: FolderInbox, claimed: Claimed, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or what was copied keeps the room that the next attempt wants, and all others."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fchmod", fail)
        with pytest.raises(TransientError, match="No space"):
            inbox.reject(claimed, REFUSED)
    assert [path.name for path in kept.parent.iterdir()] == ["reason.json"]
    inbox.reject(claimed, REFUSED)
    assert kept.read_bytes() == b"bytes"


def test_a_worker_that_was_paused_over_a_copy_takes_no_part_of_another_for_the_whole(
    inbox: FolderInbox, claimed: Claimed, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes while the one that took over copies, and that one is killed then."""
    begun, woken = threading.Event(), threading.Event()
    lseek, paused = os.lseek, threading.Thread(target=lambda: woken_in_vain(inbox, claimed))

    def pause(descriptor: int, start: int, how: int) -> int:
        if threading.current_thread() is paused and not begun.is_set():
            begun.set()
            assert woken.wait(60)
        elif threading.current_thread() is not paused:
            woken.set()
            paused.join()
            raise KeyboardInterrupt
        return lseek(descriptor, start, how)

    with monkeypatch.context() as patched:
        patched.setattr(os, "lseek", pause)
        paused.start()
        assert begun.wait(60)
        with pytest.raises(KeyboardInterrupt):
            inbox.reject(claimed, REFUSED)
    assert inbox.source(claimed).read_bytes() == b"bytes"
    inbox.reject(claimed, REFUSED)
    assert kept.read_bytes() == b"bytes"
    assert sorted(path.name for path in kept.parent.iterdir()) == [NAME, "reason.json"]


def test_a_worker_goes_on_with_no_copy_of_which_another_has_removed_a_part(
    inbox: FolderInbox, folder: Path, quarantine: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that took over, and was killed over that. Of a file nothing is left then, but of a folder much."""
    put_border_between(monkeypatch, folder, quarantine)
    (folder / NAME).mkdir()
    for number in (1, 2):
        (folder / NAME / f"file-{number}").write_bytes(b"bytes")
    claimed = claim(inbox)
    fchmod, unlink, copied = os.fchmod, os.unlink, []

    def be_killed(name: str, dir_fd: int | None = None) -> None:
        unlink(name, dir_fd=dir_fd)
        raise KeyboardInterrupt

    def take_over(target: int, mode: int) -> None:
        fchmod(target, mode)
        copied.append(target)
        if len(copied) == 2:
            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr(os, "unlink", be_killed)
                inbox.reject(claimed, REFUSED)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fchmod", take_over)
        with pytest.raises(TransientError, match="No such file"):
            inbox.reject(claimed, REFUSED)
    inbox.reject(claimed, REFUSED)
    assert sorted(path.name for path in kept.iterdir()) == ["file-1", "file-2"]
    assert sorted(path.name for path in kept.parent.iterdir()) == [NAME, "reason.json"]


def woken_in_vain(inbox: FolderInbox, claimed: Claimed) -> None:
    with pytest.raises(TransientError):
        inbox.reject(claimed, REFUSED)
