"""A folder inbox in a temporary folder."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.mkdir()
    return path


@pytest.fixture
def quarantine(tmp_path: Path) -> Path:
    return tmp_path / "quarantine"


@pytest.fixture
def inbox(folder: Path, quarantine: Path) -> FolderInbox:
    return FolderInbox(FolderInboxSettings(path=folder, quarantine=quarantine))


@pytest.fixture(params=["same file system", "another file system"])
def border(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    if request.param == "another file system":
        put_border_between(monkeypatch, tmp_path / "inbox", tmp_path / "quarantine")
    return str(request.param)


def put_border_between(monkeypatch: pytest.MonkeyPatch, *systems: Path) -> None:
    """Let the system calls answer as they do between file systems."""

    def guarded(call: Callable[..., None]) -> Callable[..., None]:
        def checked(source: Path, target: Path, **how: bool) -> None:
            if any(Path(source).is_relative_to(system) != Path(target).is_relative_to(system) for system in systems):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            call(source, target, **how)

        return checked

    for name in ("rename", "link", "replace"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))
