"""The folder inbox: what is a candidate, claims that race and crash, strange files."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core import AlreadyClaimed, ConfigError, ProductRejected, TransientError
from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from tests.unit.builtin.deliveries import UUID_1, UUID_2, deliver, let_time_pass, only, scanned


def crash(*arguments: object, **named: object) -> None:
    raise KeyboardInterrupt


def test_paths_are_resolved_against_the_folder_of_the_configuration(tmp_path: Path) -> None:
    settings = FolderInboxSettings.model_validate({"path": "inbox"}, context={"folder": tmp_path})
    assert settings.path == tmp_path / "inbox"
    assert settings.quarantine == tmp_path / "quarantine"


@pytest.mark.parametrize(("inbox", "quarantine"), [("absent", "quarantine"), ("inbox", "absent/quarantine")])
def test_a_folder_that_is_not_there_refuses_the_start_and_is_not_made(
    folder: Path, tmp_path: Path, inbox: str, quarantine: str
) -> None:
    """It may be a file system that is not mounted: an empty folder in its place would hide that."""
    with pytest.raises(ConfigError, match=r"there is no folder .*mount"):
        FolderInbox(FolderInboxSettings(path=tmp_path / inbox, quarantine=tmp_path / quarantine))
    assert not (tmp_path / "absent").exists()


def test_a_folder_that_cannot_be_used_refuses_the_start(folder: Path, tmp_path: Path) -> None:
    (folder / ".work").write_bytes(b"")
    with pytest.raises(ConfigError, match="cannot be used"):
        FolderInbox(FolderInboxSettings(path=folder, quarantine=tmp_path / "quarantine"))


def test_candidates_tell_when_they_arrived(inbox: FolderInbox, folder: Path) -> None:
    for name in ("c", "a", "b"):
        os.utime(deliver(folder, name), (5_000_000_000, 5_000_000_000))
        time.sleep(0.02)
    assert scanned(inbox) == ["c", "a", "b"]
    assert all(candidate.size == 5 and candidate.arrived.year < 2100 for candidate in inbox.scan())


@pytest.mark.parametrize("name", [".hidden", "product.tmp", "product.part", ".paused", "lost+found"])
def test_names_that_are_no_products_are_ignored(inbox: FolderInbox, folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"bytes")
    assert scanned(inbox) == []


def test_a_product_that_settles_is_left_alone_until_it_rests(
    folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = FolderInbox(FolderInboxSettings(path=folder, quarantine=quarantine, complete="settle", settle=30))
    os.utime(deliver(folder, "product.tar"), (0, 0))
    assert scanned(inbox) == []
    let_time_pass(monkeypatch, 29)
    assert scanned(inbox) == []
    let_time_pass(monkeypatch, 2)
    assert scanned(inbox) == ["product.tar"]


def test_a_product_settles_also_when_the_clock_was_put_back(
    folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten years ahead it was written, and would rest in ten years."""
    inbox = FolderInbox(FolderInboxSettings(path=folder, quarantine=quarantine, complete="settle", settle=30))
    deliver(folder, "product.tar")
    let_time_pass(monkeypatch, -29)
    assert scanned(inbox) == []
    let_time_pass(monkeypatch, -86_400 * 3650)
    assert scanned(inbox) == ["product.tar"]


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_product_settles_by_the_clock_of_its_file_system(
    folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """That of a file server may go otherwise: what is still written would seem to rest."""
    inbox = FolderInbox(FolderInboxSettings(path=folder, quarantine=quarantine, complete="settle", settle=30))
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + ahead)
    deliver(folder, "product.tar")
    assert scanned(inbox) == []
    assert list(inbox.news([folder / "product.tar"])) == []
    let_time_pass(monkeypatch, 31 - ahead)
    assert scanned(inbox) == ["product.tar"]


def test_whoever_may_only_look_sees_what_has_settled(
    folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = FolderInbox(FolderInboxSettings(path=folder, quarantine=quarantine, complete="settle", settle=30))
    deliver(folder, "product.tar")

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    assert scanned(inbox) == []
    let_time_pass(monkeypatch, 31)
    monkeypatch.setattr(os, "utime", refuse)
    assert scanned(inbox) == ["product.tar"]


def test_a_renamed_product_is_complete_whatever_the_clocks_say(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder, "product.tar")
    let_time_pass(monkeypatch, -5000)
    assert scanned(inbox) == ["product.tar"]


def test_claiming_may_be_repeated_with_the_same_uuid(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    candidate = only(inbox)
    assert inbox.claim(candidate, UUID_1) == inbox.claim(candidate, UUID_1)


def test_one_of_two_workers_gets_it(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    candidate = only(inbox)
    claimed = inbox.claim(candidate, UUID_1)
    with pytest.raises(AlreadyClaimed):
        inbox.claim(candidate, UUID_2)
    assert claimed.sidecar == b"{}"
    assert list(inbox.claimed()) == [UUID_1]


@pytest.mark.parametrize("crash_at", ["mkdir", "rename product", "rename sidecar"])
def test_a_claim_that_crashed_is_completed_by_the_next(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch, crash_at: str
) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    candidate = only(inbox)
    with monkeypatch.context() as patched:
        call, _, which = crash_at.partition(" ")
        patched.setattr(os, call, crash if not which else crash_on(os.rename, which))
        with pytest.raises(KeyboardInterrupt):
            inbox.claim(candidate, UUID_1)
    claimed = inbox.claim(candidate, UUID_1)
    assert claimed.sidecar == b"{}"
    assert inbox.source(claimed).read_bytes() == b"bytes"
    assert [path.name for path in folder.iterdir()] == [".work"]


def crash_on(rename: Callable[..., None], which: str) -> Callable[..., None]:
    def crashing(source: Path, target: Path) -> None:
        if str(source).endswith(".prip.json") == (which == "sidecar"):
            raise KeyboardInterrupt
        rename(source, target)

    return crashing


def test_a_paused_worker_does_not_hurt_the_one_that_resumed(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder, "product.tar")
    candidate, rename = only(inbox), os.rename

    def pause(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", rename)
        inbox.claim(candidate, UUID_1)
        rename(source, target)

    monkeypatch.setattr(os, "rename", pause)
    assert inbox.source(inbox.claim(candidate, UUID_1)).read_bytes() == b"bytes"


def test_finishing_removes_everything_and_may_be_repeated(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    claimed = inbox.claim(only(inbox), UUID_1)
    inbox.finish(claimed)
    inbox.finish(claimed)
    assert [path.name for path in (folder / ".work").iterdir()] == [".spare"]
    with pytest.raises(AlreadyClaimed):
        inbox.source(claimed)


@pytest.mark.parametrize("kind, word", [("link", "symbolic link"), ("dangling", "symbolic link"), ("fifo", "pipe")])
def test_special_files_are_refused_and_never_followed(
    inbox: FolderInbox, folder: Path, tmp_path: Path, kind: str, word: str
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    make: dict[str, Callable[[], object]] = {
        "link": lambda: (folder / "product.tar").symlink_to(tmp_path / "secret"),
        "dangling": lambda: (folder / "product.tar").symlink_to(tmp_path / "nothing"),
        "fifo": lambda: os.mkfifo(folder / "product.tar"),
    }
    make[kind]()
    candidate = only(inbox)
    assert candidate.size == 0
    claimed = inbox.claim(candidate, UUID_1)
    with pytest.raises(ProductRejected, match=word):
        inbox.source(claimed)
    inbox.finish(claimed)
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_folder_is_a_candidate_for_the_core_to_refuse(inbox: FolderInbox, folder: Path) -> None:
    (folder / "PRODUCT.SAFE").mkdir()
    (folder / "PRODUCT.SAFE" / "manifest.safe").write_bytes(b"<x/>")
    claimed = inbox.claim(only(inbox), UUID_1)
    assert inbox.source(claimed).is_dir()
    inbox.finish(claimed)
    assert [path.name for path in (folder / ".work").iterdir()] == [".spare"]


@pytest.mark.parametrize("name", [b"bad\xff\xfename.tar", "größe\n.tar".encode(), b"100%25.tar", b"n" * 250])
def test_any_name_can_be_claimed(inbox: FolderInbox, folder: Path, name: bytes) -> None:
    (folder / os.fsdecode(name)).write_bytes(b"bytes")
    candidate = only(inbox)
    candidate.name.encode("utf-8")
    candidate.path.encode("ascii")
    claimed = inbox.claim(candidate, UUID_1)
    assert claimed.name == candidate.name
    assert inbox.source(claimed).read_bytes() == b"bytes"
    assert inbox.claim(candidate, UUID_1) == claimed


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY])
def test_what_cannot_be_moved_leaves_no_folder(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise OSError(number, os.strerror(number))

    deliver(folder, "product.tar")
    candidate = only(inbox)
    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(TransientError, match=os.strerror(number)):
        inbox.claim(candidate, UUID_1)
    assert list(inbox.claimed()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["rename", "mkdir"])
def test_a_file_system_that_refuses_a_claim_is_transient(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise OSError(number, os.strerror(number))

    deliver(folder, "product.tar")
    candidate = only(inbox)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(TransientError, match=os.strerror(number)):
            inbox.claim(candidate, UUID_1)
    assert inbox.source(inbox.claim(candidate, UUID_1)).read_bytes() == b"bytes"


def test_a_file_that_cannot_be_looked_at_stops_no_other_and_is_told_of_once(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a damaged disk. In a folder that is away, no file can be looked at."""
    for name in ("one", "two", "three"):
        deliver(folder, name)
    lstat = os.lstat
    damaged = {f"{folder}/two"}

    def refuse(path: Path) -> os.stat_result:
        if str(path) in damaged:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return lstat(path)

    monkeypatch.setattr(os, "lstat", refuse)
    monkeypatch.setattr(Path, "lstat", refuse)
    with capture_logs() as lines:
        for _ in range(2):
            assert {candidate.name for candidate in inbox.scan()} == {"one", "three"}
        assert list(inbox.news([folder / "two"])) == []
    assert [(line["event"], line["name"]) for line in lines] == [("delivered file cannot be looked at", "two")]
    damaged |= {str(folder), f"{folder}/one", f"{folder}/three"}
    with pytest.raises(TransientError, match="Input/output error"):
        list(inbox.scan())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_emptied_by_claims_one_after_another(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Some file systems have no room for a new folder then, and get it by what is taken in alone."""

    def refuse(path: Path, *_: object) -> None:
        refusal = errno.EEXIST if path.exists() else number
        raise OSError(refusal, os.strerror(refusal))

    for name in ("one", "two"):
        deliver(folder, name)
    first, second = inbox.scan()
    with monkeypatch.context() as full:
        full.setattr(os, "mkdir", refuse)
        claimed = inbox.claim(first, UUID_1)
        assert inbox.source(claimed).read_bytes() == b"bytes"
        with pytest.raises(TransientError, match=os.strerror(number)):
            inbox.claim(second, UUID_2)
        assert list(inbox.claimed()) == [UUID_1]
    inbox.finish(claimed)
    monkeypatch.setattr(os, "mkdir", refuse)
    assert inbox.source(inbox.claim(second, UUID_2)).read_bytes() == b"bytes"


def test_an_inbox_that_is_away_is_transient_trouble(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar")
    candidate = only(inbox)
    claimed = inbox.claim(candidate, UUID_1)
    folder.rename(folder.with_name("away"))
    calls: list[Callable[[], object]] = [
        lambda: list(inbox.scan()),
        lambda: inbox.claim(candidate, uuid4()),
        lambda: inbox.source(claimed),
        lambda: inbox.finish(claimed),
    ]
    for call in calls:
        with pytest.raises(TransientError, match="inbox"):
            call()
    assert not folder.exists()
    assert (folder.with_name("away") / ".work" / str(UUID_1) / "product.tar").exists()


def test_an_inbox_that_was_swept_takes_deliveries_again(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar")
    gone = only(inbox)
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(TransientError, match="inbox"):
        inbox.claim(gone, UUID_1)
    assert not list(folder.iterdir()), "it may be where another file system is mounted"
    deliver(folder, "product.tar")
    assert inbox.source(inbox.claim(only(inbox), UUID_2)).read_bytes() == b"bytes"
    with pytest.raises(AlreadyClaimed):
        inbox.claim(gone, UUID_1)


def test_the_inbox_can_be_watched(inbox: FolderInbox, folder: Path) -> None:
    assert inbox.watch_path() == folder


def test_a_claim_whose_name_is_taken_is_not_released(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    uuid = uuid4()
    inbox.claim(only(inbox), uuid)
    deliver(folder, "product.tar", b"another")
    with pytest.raises(TransientError, match="the name is taken"):
        inbox.release(uuid)
    assert list(inbox.claimed()) == [uuid]
    assert not (folder / "product.tar.prip.json").exists()
