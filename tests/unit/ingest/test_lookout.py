"""Looking into inboxes that go away and come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.lookout import Lookout
from prip_core.model import Candidate
from prip_core.settings import InboxSection


class Faulty(FolderInbox):
    """A plugin's inbox with a bug, or one that can be looked through half-way only."""

    def scan(self) -> Iterator[Candidate]:
        yield from super().scan()
        raise ZeroDivisionError("a bug")

    def still_there(self, candidate: Candidate) -> bool:
        raise ZeroDivisionError("another bug")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def configured(folder: Path, cls: type[FolderInbox] = FolderInbox) -> ConfiguredInbox:
    settings = FolderInboxSettings(path=folder, quarantine=folder.parent / "quarantine")
    return ConfiguredInbox(section=InboxSection(name="chain"), inbox=cls(settings))


def test_an_inbox_that_is_away_is_said_once_until_it_is_back(folder: Path) -> None:
    served, lookout = configured(folder), Lookout()
    (folder / "product.tar").write_bytes(b"bytes")
    unmounted = folder.rename(folder.parent / "elsewhere")
    with capture_logs() as lines:
        assert [list(lookout.scan(served)), list(lookout.scan(served))] == [[], []]
    assert [line["event"] for line in lines] == ["inbox away"]
    assert str(folder) in lines[0]["error"]
    unmounted.rename(folder)
    with capture_logs() as lines:
        (candidate,) = lookout.scan(served)
        assert list(lookout.scan(served)) == [candidate]
    assert [line["event"] for line in lines] == ["inbox back"]
    folder.rename(unmounted)
    with capture_logs() as lines:
        assert list(lookout.scan(served)) == []
    assert [line["event"] for line in lines] == ["inbox away"]


def test_a_faulty_inbox_gives_what_it_has_and_stops_nobody(folder: Path) -> None:
    served, lookout = configured(folder, Faulty), Lookout()
    (folder / "product.tar").write_bytes(b"bytes")
    with capture_logs() as lines:
        for _ in range(3):
            (candidate,) = lookout.scan(served)
            assert not lookout.still_there(served, candidate)
            assert list(lookout.news(served, [folder / "product.tar"])) == [candidate]
    (line,) = lines
    assert isinstance(line["exc_info"], ZeroDivisionError)


def test_looking_at_the_first_alone_is_no_failure(folder: Path) -> None:
    served, lookout = configured(folder), Lookout()
    for name in ("a", "b"):
        (folder / name).write_bytes(b"bytes")
    with capture_logs() as lines:
        first = next(lookout.scan(served))
        assert lookout.still_there(served, first)
    assert lines == []
