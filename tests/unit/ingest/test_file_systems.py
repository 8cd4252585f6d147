"""Inbox, quarantine and archive on file systems of their own: nothing can be renamed or linked across."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.ingest.context import ConfiguredInbox, Outcome
from prip_core.settings import InboxSection

Point = Any
MEMORY = Path("/dev/shm")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than that of all other temporary folders."""
    if not MEMORY.is_dir() or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here: mount a tmpfs at /dev/shm")
    folder = Path(tempfile.mkdtemp(dir=MEMORY, prefix="prip-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def served(point: Point, elsewhere: Path) -> ConfiguredInbox:
    (elsewhere / "inbox").mkdir()
    settings = FolderInboxSettings(path=elsewhere / "inbox", quarantine=point.folder / "quarantine")
    return ConfiguredInbox(section=InboxSection(name="inbox", take_over="link"), inbox=FolderInbox(settings))


def deliver(point: Point, elsewhere: Path, name: str, **delivery: Any) -> bytes:
    built = point.deliver(name, **delivery)
    content = built.read_bytes()
    shutil.move(built, elsewhere / "inbox" / name)
    return content


def test_what_cannot_be_linked_is_copied(point: Point, elsewhere: Path, served: ConfiguredInbox) -> None:
    content = deliver(point, elsewhere, "ROCK_1.tar")
    assert point.accept(served) is Outcome.PUBLISHED
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    with point.storage.open(product.key) as stored:
        assert stored.read() == content
    assert [path.name for path in (elsewhere / "inbox").rglob("*")] == [".work", ".spare"]


def test_what_is_refused_crosses_to_quarantine_and_back(point: Point, elsewhere: Path, served: ConfiguredInbox) -> None:
    content = deliver(point, elsewhere, "ROCK_1.tar", facts={"weight": -1})
    (elsewhere / "inbox" / "ROCK_1.tar.prip.json").write_text("{}")
    assert point.accept(served) is Outcome.REJECTED
    (rejection,) = served.inbox.rejected()
    assert [path.name for path in (elsewhere / "inbox").rglob("*")] == [".work", ".spare"]
    served.inbox.retry(rejection)
    assert (elsewhere / "inbox" / "ROCK_1.tar").read_bytes() == content
    assert (elsewhere / "inbox" / "ROCK_1.tar.prip.json").read_text() == "{}"
    assert list((point.folder / "quarantine").iterdir()) == []
