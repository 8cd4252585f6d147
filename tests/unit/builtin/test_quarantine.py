"""Quarantine: nothing is lost, whatever crashes and wherever it lies."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from prip_core import Claimed, Finding, PermanentError, Rejection, Severity, TransientError
from prip_core.builtin.folder_inbox import FolderInbox
from tests.unit.builtin.conftest import put_border_between
from tests.unit.builtin.deliveries import UUID_1

WHEN = datetime(2025, 8, 1, 12, 30, tzinfo=UTC)
FINDING = Finding(rule="QC-07", severity=Severity.ERROR, message="not well-formed", member="manifest.safe")


def claim(inbox: FolderInbox, folder: Path, name: str = "product.tar", uuid: UUID = UUID_1) -> Claimed:
    (folder / f"{name}.prip.json").write_bytes(b"{}")
    (folder / name).write_bytes(b"bytes")
    (candidate,) = inbox.scan()
    return inbox.claim(candidate, uuid)


def rejection(name: str = "product.tar", uuid: UUID = UUID_1, when: datetime = WHEN) -> Rejection:
    said = "it is broken: größer"
    return Rejection(uuid=uuid, name=name, reason=said, when=when, findings=(FINDING,), inbox="chain")


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def test_rejecting_keeps_product_sidecar_and_reason(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path
) -> None:
    claimed = claim(inbox, folder)
    inbox.reject(claimed, rejection())
    place = quarantine / "2025-08-01" / str(UUID_1)
    assert tree(place) == ["product.tar", "product.tar.prip.json", "reason.json"]
    assert (place / "product.tar").read_bytes() == b"bytes"
    assert json.loads((place / "reason.json").read_text()) == {
        "uuid": str(UUID_1),
        "name": "product.tar",
        "reason": "it is broken: größer",
        "when": "2025-08-01T12:30:00.000Z",
        "inbox": "chain",
        "arrived_in": str(folder),
        "findings": [
            {"rule": "QC-07", "severity": "error", "message": "not well-formed", "member": "manifest.safe"},
        ],
    }
    assert tree(folder) == []
    assert [path.name for path in (folder / ".work").iterdir()] == [".spare"]
    assert list(inbox.rejected()) == [rejection()]


def test_rejecting_may_be_repeated_even_on_another_day(inbox: FolderInbox, folder: Path, quarantine: Path) -> None:
    claimed = claim(inbox, folder)
    for days in (0, 0, 1):
        inbox.reject(claimed, rejection(when=WHEN + timedelta(days=days)))
    assert [path.name for path in quarantine.iterdir()] == ["2025-08-01"]
    assert len(tree(quarantine)) == 3


@pytest.mark.parametrize("act", ["retry", "drop"])
def test_what_an_operator_took_away_is_not_rejected_again(
    inbox: FolderInbox, folder: Path, quarantine: Path, act: str
) -> None:
    """The worker died behind the move, and comes back to it: there is nothing that its reason could be of."""
    claimed = claim(inbox, folder)
    inbox.reject(claimed, rejection())
    (folder / ".work" / str(UUID_1)).mkdir()  # the worker had not removed it yet
    getattr(inbox, act)(rejection())
    inbox.reject(claimed, rejection())
    assert tree(quarantine) == []
    assert list(inbox.rejected()) == []
    assert [path.name for path in (folder / ".work").iterdir()] == [".spare"]


CALLS = ("rename", "replace", "fsync", "mkdir", "rmdir", "unlink")


def crashing_calls(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Crash at the so-manieth system call that changes something."""
    left = after

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def counting(*arguments: object, **named: object) -> object:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            return call(*arguments, **named)

        return counting

    for name in (*CALLS, "link"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))


def crash_points(monkeypatch: pytest.MonkeyPatch, action: Callable[[], None]) -> Iterator[int]:
    """Crash the action at its first system call, then its second …, until it comes through; the caller heals."""
    for after in range(100):
        with monkeypatch.context() as patched:
            crashing_calls(patched, after)
            try:
                action()
            except KeyboardInterrupt:
                crashed = True
            else:
                crashed = False
        yield after
        if not crashed:
            assert after > 3, "the action made no system calls to crash at"
            return
    raise AssertionError("the action never came through")


def test_a_rejection_that_crashes_anywhere_is_completed_by_its_repeat(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = UUID_1

    def crash_in_reject() -> None:
        inbox.reject(claimed, rejection(uuid=uuid))

    claimed = claim(inbox, folder, uuid=uuid)
    for _ in crash_points(monkeypatch, crash_in_reject):
        in_work = [path for path in tree(folder) if path.endswith("product.tar")]
        in_quarantine = [path for path in tree(quarantine) if path.endswith("product.tar")]
        assert in_work or in_quarantine, "the product is nowhere"
        inbox.reject(claimed, rejection(uuid=uuid))
        place = quarantine / "2025-08-01" / str(uuid)
        assert tree(place) == ["product.tar", "product.tar.prip.json", "reason.json"]
        assert (place / "product.tar").read_bytes() == b"bytes"
        assert tree(folder) == []
        uuid = uuid4()
        claimed = claim(inbox, folder, uuid=uuid)


def test_a_retry_that_crashes_anywhere_loses_nothing(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    for _ in crash_points(monkeypatch, lambda: inbox.retry(rejection())):
        places = [path for path in (*folder.iterdir(), *quarantine.rglob("*")) if path.name == "product.tar"]
        assert places, "the product is nowhere, or hidden"
        assert all(place.read_bytes() == b"bytes" for place in places)
        for name in ("product.tar", "product.tar.prip.json"):
            (folder / name).unlink(missing_ok=True)
        inbox.drop(rejection())
        for left in [path for path in folder.iterdir() if path.name != ".work"]:
            left.unlink()
        inbox.reject(claim(inbox, folder), rejection())


def test_a_release_that_crashes_anywhere_is_completed_by_its_repeat(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = claim(inbox, folder).uuid
    for _ in crash_points(monkeypatch, lambda: inbox.release(uuid)):
        assert any(path.endswith("product.tar") for path in tree(folder)), "the product is nowhere"
        inbox.release(uuid)
        assert tree(folder) == ["product.tar", "product.tar.prip.json"]
        assert list(inbox.claimed()) == []
        (candidate,) = inbox.scan()
        claimed = inbox.claim(candidate, uuid)
        assert claimed.sidecar == b"{}"


def test_a_retry_that_crashed_between_two_names_of_a_file_is_completed_by_its_repeat(
    inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    for _ in crash_points(monkeypatch, lambda: inbox.retry(rejection())):
        if any(path.endswith("/product.tar") for path in tree(quarantine)):
            inbox.retry(rejection())
        inbox.drop(rejection())  # a reason whose product is gone already may be left
        assert tree(folder) == ["product.tar", "product.tar.prip.json"]
        assert list(inbox.rejected()) == []
        inbox.reject(inbox.claim(next(inbox.scan()), UUID_1), rejection())


def test_what_cannot_be_kept_stays_where_it_is(
    inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    claimed = claim(inbox, folder)
    for call in ("fsync", "mkdir", "rename", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, call, full)
            with pytest.raises(TransientError, match="No space"):
                inbox.reject(claimed, rejection())
        assert inbox.source(claimed).read_bytes() == b"bytes"
    inbox.reject(claimed, rejection())
    assert len(tree(quarantine)) == 3


def test_folders_links_and_pipes_are_kept_as_they_are(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path
) -> None:
    product = folder / "PRODUCT.SAFE"
    (product / "annotation").mkdir(parents=True)
    (product / "annotation" / "a.xml").write_bytes(b"<a/>")
    (product / "link").symlink_to("annotation/a.xml")
    os.mkfifo(product / "fifo")
    (candidate,) = inbox.scan()
    claimed = inbox.claim(candidate, UUID_1)
    inbox.reject(claimed, rejection("PRODUCT.SAFE"))
    kept = quarantine / "2025-08-01" / str(UUID_1) / "PRODUCT.SAFE"
    assert tree(kept) == ["annotation/a.xml", "fifo", "link"]
    assert (kept / "link").readlink() == Path("annotation/a.xml")
    inbox.retry(rejection("PRODUCT.SAFE"))
    assert tree(product) == ["annotation/a.xml", "fifo", "link"]
    assert tree(quarantine) == []


def test_dropping_what_a_retry_that_crashed_was_copying_leaves_no_part_of_it(
    inbox: FolderInbox, folder: Path, quarantine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_border_between(monkeypatch, folder, quarantine)
    inbox.reject(claim(inbox, folder), rejection())
    for _ in crash_points(monkeypatch, lambda: inbox.retry(rejection())):
        inbox.drop(rejection())
        delivered = {path.name for path in folder.iterdir()} - {".work"}
        assert delivered <= {"product.tar", "product.tar.prip.json"}
        for name in delivered:
            (folder / name).unlink()
        inbox.reject(claim(inbox, folder), rejection())


def test_a_link_is_quarantined_itself(border: str, inbox: FolderInbox, folder: Path, quarantine: Path) -> None:
    (folder / "product.tar").symlink_to("/etc/hostname")
    (candidate,) = inbox.scan()
    inbox.reject(inbox.claim(candidate, UUID_1), rejection())
    assert (quarantine / "2025-08-01" / str(UUID_1) / "product.tar").readlink() == Path("/etc/hostname")


def test_a_product_called_as_the_reason_is_kept(inbox: FolderInbox, folder: Path, quarantine: Path) -> None:
    (folder / "reason.json").write_bytes(b"bytes")
    (candidate,) = inbox.scan()
    inbox.reject(inbox.claim(candidate, UUID_1), rejection("reason.json"))
    assert list(inbox.rejected()) == [rejection("reason.json")]
    inbox.retry(rejection("reason.json"))
    assert (folder / "reason.json").read_bytes() == b"bytes"


def test_rejections_come_oldest_first(inbox: FolderInbox, folder: Path) -> None:
    times = [WHEN, WHEN - timedelta(days=40), WHEN + timedelta(minutes=1), WHEN - timedelta(minutes=1)]
    expected = [rejection(f"product-{number}", uuid4(), when) for number, when in enumerate(times)]
    for one in expected:
        inbox.reject(claim(inbox, folder, one.name, one.uuid), one)
    assert list(inbox.rejected()) == sorted(expected, key=lambda one: one.when)


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"{}", b'"x"', b"\xff", b'{"uuid": "x"}', b'{"uuid": 1, "name": "../x"}']
)
def test_a_broken_reason_still_lists_its_product(
    inbox: FolderInbox, folder: Path, quarantine: Path, content: bytes | None
) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    reason = quarantine / "2025-08-01" / str(UUID_1) / "reason.json"
    reason.unlink() if content is None else reason.write_bytes(content)
    (found,) = inbox.rejected()
    assert (found.uuid, found.name) == (UUID_1, "product.tar")
    assert "reason.json" in found.reason
    inbox.retry(found)
    assert (folder / "product.tar").exists()


@pytest.mark.parametrize("name", ["../escaped", "/etc/passwd", "..", ""])
def test_a_reason_cannot_name_a_place_outside(inbox: FolderInbox, folder: Path, quarantine: Path, name: str) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    reason = quarantine / "2025-08-01" / str(UUID_1) / "reason.json"
    reason.write_text(json.dumps(json.loads(reason.read_text()) | {"name": name}))
    assert [found.name for found in inbox.rejected()] == ["product.tar"]


def test_what_is_no_quarantined_product_is_not_listed(inbox: FolderInbox, quarantine: Path) -> None:
    (quarantine / "notes.txt").write_bytes(b"")
    (quarantine / "2025-08-01" / "no-uuid").mkdir(parents=True)
    (quarantine / "2025-08-01" / str(UUID_1)).mkdir()
    (quarantine / "2025-08-02").write_bytes(b"")
    assert list(inbox.rejected()) == []


def test_retrying_gives_product_and_sidecar_back(
    border: str, inbox: FolderInbox, folder: Path, quarantine: Path
) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    inbox.retry(rejection())
    assert tree(folder) == ["product.tar", "product.tar.prip.json"]
    assert list(quarantine.iterdir()) == []
    (candidate,) = inbox.scan()
    assert inbox.claim(candidate, uuid4()).sidecar == b"{}"


@pytest.mark.parametrize("taken", ["product.tar", "product.tar.prip.json"])
def test_a_retry_replaces_nothing(border: str, inbox: FolderInbox, folder: Path, quarantine: Path, taken: str) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    (folder / taken).write_bytes(b"newer")
    with pytest.raises(PermanentError, match=taken):
        inbox.retry(rejection())
    assert (folder / taken).read_bytes() == b"newer"
    assert len(tree(quarantine)) == 3
    assert len(tree(folder)) == 1


def test_a_delivery_in_the_moment_of_a_retry_is_not_replaced(
    border: str, inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    link = os.link

    def deliver_first(source: Path, target: Path, **how: bool) -> None:
        if Path(target) == folder / "product.tar":
            (folder / "product.tar").write_bytes(b"newer")
        link(source, target, **how)

    monkeypatch.setattr(os, "link", deliver_first)
    with pytest.raises(PermanentError, match=r"product\.tar"):
        inbox.retry(rejection())
    assert (folder / "product.tar").read_bytes() == b"newer"
    assert [found.name for found in inbox.rejected()] == ["product.tar"]


def test_what_is_gone_cannot_be_retried_and_is_dropped_in_peace(
    inbox: FolderInbox, folder: Path, quarantine: Path
) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    inbox.drop(rejection())
    inbox.drop(rejection())
    assert list(quarantine.iterdir()) == []
    with pytest.raises(PermanentError, match="not in quarantine"):
        inbox.retry(rejection())


def test_a_quarantine_that_is_away_is_not_an_empty_one(inbox: FolderInbox, folder: Path, quarantine: Path) -> None:
    inbox.reject(claim(inbox, folder), rejection())
    claimed = claim(inbox, folder, uuid=uuid4())
    quarantine.rename(quarantine.with_name("away"))
    calls: list[Callable[[], object]] = [
        lambda: list(inbox.rejected()),
        lambda: inbox.reject(claimed, rejection(uuid=claimed.uuid)),
        lambda: inbox.retry(rejection()),
        lambda: inbox.drop(rejection()),
    ]
    for call in calls:
        with pytest.raises(TransientError):
            call()
    assert inbox.source(claimed).read_bytes() == b"bytes"
