"""A delivered file that grows, is cut, written over, replaced or removed while it is read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from prip_core import crashpoints
from prip_core.catalogue import Ingestion
from prip_core.ingest.context import Outcome
from prip_core.testing.packages import write_tar
from prip_storage_posix.posix import PosixSettings, PosixStorage

Point = Any
LONG = timedelta(hours=1)
WHILE_READ = "while read"
LABELS = ("recognised", "inspected", "checked", "store.begun", WHILE_READ)
OLD, NEW = b'{"weight": 7}', b'{"weight": 8}'


def members(facts: bytes) -> dict[str, bytes]:
    """A rock whose picture, in front, and facts, behind, must be of one kind."""
    return {"ROCK_1/a.png": facts * 5000, "ROCK_1/rock.json": facts, "ROCK_1/z": bytes(200_000)}


def later_bytes(path: Path) -> bytes:
    other = path.with_name(".later")
    write_tar(other, members(NEW))
    content = other.read_bytes()
    other.unlink()
    return content


def grow(path: Path) -> None:
    """The chain had renamed it too early: it goes on writing."""
    with path.open("ab") as file:
        file.write(bytes(10240))


def cut_and_write_again(path: Path) -> None:
    content = later_bytes(path)
    with path.open("r+b") as file:
        file.truncate(2000)
        file.seek(0)
        file.write(content)


def write_over(path: Path) -> None:
    content = later_bytes(path)
    with path.open("r+b") as file:
        file.write(content)


def replace(path: Path) -> None:
    content = later_bytes(path)
    other = path.with_name(f".{path.name}.new")
    other.write_bytes(content)
    # As a copy with its times does: it is not the time that tells.
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


CHANGES = (grow, cut_and_write_again, write_over, replace)


class Interrupted(PosixStorage):
    """A storage that lets something happen, once, after it has read a part of a source."""

    def __init__(self, settings: PosixSettings, deed: Callable[[], None]) -> None:
        super().__init__(settings)
        self._deeds = [deed]

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        super().put(key, _Interrupted(source, self._deeds), size=size)  # type: ignore[arg-type]


class _Interrupted:
    def __init__(self, source: BinaryIO, deeds: list[Callable[[], None]]) -> None:
        self._source, self._deeds = source, deeds

    def read(self, size: int) -> bytes:
        block = self._source.read(min(size, 3000))
        if self._deeds:
            self._deeds.pop()()
        return block


@pytest.fixture
def happens(point: Point, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Path], None]], None]:
    """Lets something happen to the claimed file, once, at a labelled point or in the middle of the read."""

    def plan(label: str, change: Callable[[Path], None]) -> None:
        done: list[str] = []

        def deed() -> None:
            (path,) = (point.folder / "inbox" / ".work").glob("*/ROCK_1.tar")
            change(path)

        def reached(here: str) -> None:
            if here == label and not done:
                done.append(here)
                deed()

        monkeypatch.setattr(crashpoints, "reached", reached)
        if label == WHILE_READ:
            point.storage = Interrupted(PosixSettings(path=point.folder / "archive"), deed)

    return plan


def deliver(point: Point) -> None:
    building = point.folder / "building"
    write_tar(building, members(OLD))
    building.rename(point.folder / "inbox" / "ROCK_1.tar")


def waiting(point: Point) -> Ingestion:
    (ingestion,) = point.catalogue.ingestions.open()
    return ingestion


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("label", LABELS)
def test_a_file_that_changes_while_it_is_read_waits_and_is_published_as_it_is_then(
    point: Point, happens: Callable[..., None], label: str, change: Callable[[Path], None]
) -> None:
    deliver(point)
    happens(label, change)
    first = point.accept()
    if label == "recognised" and change is not grow:  # before the first look into it
        assert first is Outcome.PUBLISHED
    else:
        assert first is Outcome.POSTPONED
        assert re.search("changed|grown", waiting(point).last_error or "")
        assert point.catalogue.products.named("ROCK_1.tar") == []
        point.clock.advance(LONG)
        assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()
    (product,) = point.catalogue.products.named("ROCK_1.tar")
    weight = 7 if change is grow else 8
    attributes = json.loads(point.catalogue.products.row(product.id).attributes)
    assert {each["Name"]: each["Value"] for each in attributes} == {"weight": weight}
    with point.storage.open(product.key) as stored:
        assert (OLD if weight == 7 else NEW) * 5000 in stored.read()
    (picture,) = product.quicklooks
    with point.storage.open(picture) as stored:
        assert stored.read() == (OLD if weight == 7 else NEW) * 5000
    assert len(point.stored()) == 2


@pytest.mark.parametrize("change", [write_over, replace])
def test_a_file_that_is_taken_over_by_a_link_is_watched_as_well(
    point: Point, happens: Callable[..., None], change: Callable[[Path], None]
) -> None:
    deliver(point)
    happens("store.begun", change)
    assert point.accept(point.inbox("inbox", take_over="link")) is Outcome.POSTPONED
    point.clock.advance(LONG)
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once()


@pytest.mark.parametrize("label", ["claim.renamed", "recognised", "checked", "store.begun"])
def test_a_file_that_vanishes_is_forgotten_with_a_word(
    point: Point, happens: Callable[..., None], label: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(point)
    happens(label, Path.unlink)
    assert point.accept() is Outcome.POSTPONED
    point.clock.advance(LONG)
    assert point.resume() is Outcome.LOST
    assert "product vanished" in capsys.readouterr().out
    assert point.catalogue.products.named("ROCK_1.tar") == []
    assert (point.catalogue.ingestions.open(), point.stored(), point.rejections()) == ([], [], [])


@pytest.mark.parametrize("label", [WHILE_READ, "stored"])
def test_a_file_that_vanishes_when_it_is_open_is_published_whole(
    point: Point, happens: Callable[..., None], label: str
) -> None:
    deliver(point)
    happens(label, Path.unlink)
    assert point.accept() is Outcome.PUBLISHED
    point.assert_published_once()


def test_what_was_stored_of_a_file_that_vanished_goes_with_it(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is removed after its bytes were stored, and the worker dies before it can publish them."""

    class Killed(BaseException):
        pass

    def reached(label: str) -> None:
        if label == "publish.before":
            raise Killed

    monkeypatch.setattr(crashpoints, "reached", reached)
    deliver(point)
    with pytest.raises(Killed):
        point.accept()
    monkeypatch.undo()
    for path in (point.folder / "inbox" / ".work").glob("*/*"):
        path.unlink()
    assert len(point.stored()) == 2
    point.clock.advance(LONG)
    assert point.resume() is Outcome.LOST
    assert (point.catalogue.ingestions.open(), point.stored()) == ([], [])


def test_a_damaged_file_that_stays_as_it_is_is_refused(point: Point) -> None:
    deliver(point)
    path = point.folder / "inbox" / "ROCK_1.tar"
    os.truncate(path, 70_000)
    assert point.accept() is Outcome.REJECTED
    assert point.rejections()
    assert [kept.stat().st_size for kept in (point.folder / "quarantine").glob("*/*/ROCK_1.tar")] == [70_000]
