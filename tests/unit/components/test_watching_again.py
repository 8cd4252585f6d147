"""Watching inboxes whose folders come and go: what is delivered is noticed again, without a scan."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.components import inbox_watch as module
from prip_core.components.inbox_watch import InboxWatch

BETWEEN = timedelta(seconds=0.1)
"""Between two deliveries: the first may come before the watch has begun."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.05)


@pytest.fixture
def inboxes(tmp_path: Path) -> list[FolderInbox]:
    """Two of them, so that one is watched whatever becomes of the other."""
    found = []
    for folder in (tmp_path / "steady", tmp_path / "disk" / "restless"):
        folder.mkdir(parents=True)
        found.append(FolderInbox(FolderInboxSettings(path=folder, quarantine=tmp_path / f"refused-{folder.name}")))
    return found


@pytest.fixture
def watch(inboxes: list[FolderInbox]) -> Iterator[InboxWatch]:
    with InboxWatch(inboxes, BETWEEN, threading.Event()) as begun:
        yield begun


def deliver_until_noticed(watch: InboxWatch, folder: Path, inbox: FolderInbox, prefix: str) -> None:
    for number in range(600):
        (folder / f"{prefix}-{number}").touch()
        watch.wait()
        for told, changed in watch.news():
            if any(path.name.startswith(prefix) for path in changed):
                assert told is inbox
                assert {path.parent for path in changed} == {folder}
                return
    raise AssertionError(f"a minute of deliveries into {folder} was not noticed")


def removed(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def renamed(folder: Path) -> None:
    folder.rename(folder.with_name("old"))
    folder.mkdir()


def hidden(folder: Path) -> None:
    """As when a file system is mounted: nothing happens to the folder, but another one has its name."""
    folder.parent.rename(folder.parent.with_name("below"))
    folder.mkdir(parents=True)


@pytest.mark.parametrize("replaced", [removed, renamed, hidden])
def test_a_folder_that_is_replaced_is_watched_again(
    watch: InboxWatch, inboxes: list[FolderInbox], tmp_path: Path, replaced: Callable[[Path], None]
) -> None:
    steady, restless = inboxes
    folder = tmp_path / "disk" / "restless"
    deliver_until_noticed(watch, folder, restless, "before")
    replaced(folder)
    deliver_until_noticed(watch, folder, restless, "after")
    deliver_until_noticed(watch, tmp_path / "steady", steady, "beside")


def test_a_folder_that_was_away_is_watched_when_it_comes(inboxes: list[FolderInbox], tmp_path: Path) -> None:
    names = ("steady", "disk")
    for name in names:
        (tmp_path / name).rename(tmp_path / f"away-{name}")
    with InboxWatch(inboxes, BETWEEN, threading.Event()) as watch:
        watch.wait()
        for name, folder, inbox in zip(names, ("steady", "disk/restless"), inboxes, strict=True):
            (tmp_path / f"away-{name}").rename(tmp_path / name)
            deliver_until_noticed(watch, tmp_path / folder, inbox, "after")


def test_a_system_that_cannot_watch_for_now_is_said_once_and_asked_again(
    inboxes: list[FolderInbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when all watches that the system has are in use."""
    asked = threading.Semaphore(0)

    def refuse(*_: object, **__: object) -> Iterator[set[tuple[object, str]]]:
        asked.release()
        raise OSError("OS file watch limit reached.")

    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(module.watchfiles, "watch", refuse)
        with InboxWatch(inboxes, BETWEEN, threading.Event()) as watch:
            for _ in range(3):
                assert asked.acquire(timeout=60)
            patched.undo()
            deliver_until_noticed(watch, tmp_path / "steady", inboxes[0], "after")
    assert [each["event"] for each in logs] == ["inbox changes not noticed"]
