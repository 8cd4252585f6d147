"""A folder inbox in a temporary folder."""

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
