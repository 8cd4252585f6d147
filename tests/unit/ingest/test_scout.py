"""Looking into inboxes a little at a time, and hearing of what is new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.ingest import queue as queue_module
from prip_core.ingest import scout as module
from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.queue import Queue
from prip_core.ingest.scout import Scout
from prip_core.ingest.urgency import Rank
from prip_core.model import Candidate
from prip_core.settings import InboxSection

NEVER = timedelta(days=1)


class Counting(FolderInbox):
    """Counts the candidates that it has given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(FolderInboxSettings(path=folder, quarantine=folder.parent / "quarantine"))
        self.given = 0

    def scan(self) -> Iterator[Candidate]:
        for candidate in super().scan():
            self.given += 1
            yield candidate


class Field:
    """A scout before one inbox."""

    def __init__(self, point: Any, rescan: timedelta) -> None:
        self.point = point
        self.inbox = Counting(point.folder / "inbox")
        self.served = ConfiguredInbox(section=InboxSection(), inbox=self.inbox)
        self.queue = Queue()
        self.scout = Scout(point.context, [self.served], self.queue, rescan)

    def deliver(self, *names: str) -> list[Path]:
        paths = [self.point.folder / "inbox" / name for name in names]
        for path in paths:
            path.write_text(path.name)
        return paths

    def take(self, most: int = 100) -> set[str]:
        return {waiting.candidate.name for waiting in self.queue.take(self.point.clock.now().timestamp(), most)}


@pytest.fixture
def field(point: Any) -> Field:
    return Field(point, NEVER)


def test_all_that_lies_there_is_found_and_counted(field: Field) -> None:
    field.deliver("ROCK_1", "ROCK_2", "rubbish")
    field.scout.look()
    assert field.scout.waiting == {Rank.DUE: 3}
    assert field.take() == {"ROCK_1", "ROCK_2", "rubbish"}


def test_what_waits_already_waits_once(point: Any) -> None:
    field = Field(point, timedelta())
    field.deliver("ROCK_1")
    field.scout.look()
    while field.inbox.given < 2:
        field.scout.look()
    assert len(field.queue) == 1


def test_no_scan_is_begun_before_its_time(field: Field) -> None:
    field.deliver("ROCK_1")
    field.scout.look()
    field.deliver("ROCK_2")
    field.scout.look()
    assert field.take() == {"ROCK_1"}


def test_a_scan_begins_when_nothing_waits(field: Field) -> None:
    field.scout.look()
    field.deliver("ROCK_1")
    field.scout.look()
    assert field.take() == {"ROCK_1"}


def test_news_are_heard_without_a_scan(field: Field) -> None:
    field.deliver("ROCK_1")
    field.scout.look()
    changed = [*field.deliver("ROCK_2", ".hidden", "part.tmp"), field.point.folder / "inbox" / "gone"]
    field.scout.hear([(field.inbox, changed)])
    assert field.take() == {"ROCK_1", "ROCK_2"}
    assert field.inbox.given == 1


def test_an_inbox_that_cannot_tell_what_is_new_is_scanned(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FolderInbox, "news")
    field.scout.hear([(field.inbox, field.deliver("ROCK_1"))])
    assert field.take() == {"ROCK_1"}


def test_news_of_an_inbox_that_is_not_served_are_nothing(field: Field) -> None:
    other = field.point.inbox("other")
    field.scout.hear([(other.inbox, field.deliver("ROCK_1"))])
    assert field.take() == set()


def test_work_begins_before_everything_was_looked_at(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_A_TIME", 1e-9)
    field.deliver(*(f"ROCK_{each}" for each in range(3 * module._LOOKS)))
    pieces = 0
    while any(path.is_file() for path in (field.point.folder / "inbox").iterdir()):
        field.scout.look()
        assert 0 < len(field.queue) <= module._LOOKS
        for name in field.take(module._LOOKS):
            (field.point.folder / "inbox" / name).unlink()
        pieces += 1
    assert pieces == 3


def test_the_scan_rests_while_work_has_its_share(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_A_TIME", 1e-9)
    monkeypatch.setattr(module, "SHARE", 1e-9)
    field.deliver(*(f"ROCK_{each}" for each in range(3 * module._LOOKS)))
    for _ in range(10):
        field.scout.look()
    assert field.inbox.given == module._LOOKS


def test_more_than_can_be_kept_in_mind_is_found_by_later_scans(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "KEPT", 10)
    names = {f"ROCK_{each}" for each in range(25)}
    paths = {path.name: path for path in field.deliver(*names)}
    taken: set[str] = set()
    with capture_logs() as lines:
        for _ in range(3):
            field.scout.look()
            found = field.take()
            for name in found:
                paths[name].unlink()
            taken |= found
    assert taken == names
    said = [line["due"] for line in lines if line["event"] == "products wait"]
    assert said == [25, 15]
