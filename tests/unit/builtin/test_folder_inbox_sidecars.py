"""Sidecars in a folder inbox: which product they go with, whenever they come, and strange ones."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from prip_core import SIDECAR_LIMIT, AlreadyClaimed, ProductRejected
from prip_core.builtin.folder_inbox import FolderInbox
from tests.unit.builtin.deliveries import UUID_1, UUID_2, deliver, let_time_pass, only, scanned


def test_a_sidecar_without_product_is_a_candidate_after_an_hour(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder, "lonely.tar.prip.json")
    deliver(folder, "product.tar.prip.json")
    deliver(folder, "product.tar")
    assert scanned(inbox) == ["product.tar"]
    let_time_pass(monkeypatch, 3601)
    assert sorted(scanned(inbox)) == ["lonely.tar.prip.json", "product.tar"]


def test_a_sidecar_whose_product_came_at_last_is_not_claimed_alone(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder, "late.tar.prip.json")
    let_time_pass(monkeypatch, 3601)
    lonely = only(inbox)
    deliver(folder, "late.tar")
    with pytest.raises(AlreadyClaimed, match="belongs to a product that has come since"):
        inbox.claim(lonely, UUID_1)
    let_time_pass(monkeypatch, -3601)
    assert inbox.claim(only(inbox), UUID_2).sidecar == b"bytes"


def test_claiming_takes_product_and_sidecar(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    candidate = only(inbox)
    claimed = inbox.claim(candidate, UUID_1)
    assert (claimed.name, claimed.size, claimed.sidecar) == ("product.tar", 5, b"{}")
    assert claimed.arrived == candidate.arrived
    assert inbox.source(claimed) == folder / ".work" / str(UUID_1) / "product.tar"
    assert inbox.source(claimed).read_bytes() == b"bytes"
    assert [path.name for path in folder.iterdir()] == [".work"]


def test_claiming_without_sidecar(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar")
    assert inbox.claim(only(inbox), UUID_1).sidecar is None


def test_the_worker_that_comes_too_late_leaves_the_next_sidecar(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar")
    candidate = only(inbox)
    inbox.claim(candidate, UUID_1)
    deliver(folder, "product.tar.prip.json", b"{}")
    with pytest.raises(AlreadyClaimed):
        inbox.claim(candidate, UUID_2)
    assert (folder / "product.tar.prip.json").exists()


def test_a_resumed_claim_leaves_the_sidecar_of_the_next_delivery(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar")
    candidate = only(inbox)
    inbox.claim(candidate, UUID_1)
    time.sleep(0.02)
    deliver(folder, "product.tar.prip.json", b"{}")
    assert inbox.claim(candidate, UUID_1).sidecar is None
    deliver(folder, "product.tar", b"newer")
    assert inbox.claim(only(inbox), UUID_2).sidecar == b"{}"


def test_a_sidecar_goes_with_its_product_also_when_the_clock_was_put_back(inbox: FolderInbox, folder: Path) -> None:
    """Both were delivered while it was ahead, and seem to come after the claim."""
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    candidate = only(inbox)
    work = folder / ".work" / str(UUID_1)
    work.mkdir()
    (folder / "product.tar").rename(work / "product.tar")
    os.utime(work, (0, 0))  # the product is claimed by now, with the clock put back
    assert inbox.claim(candidate, UUID_1).sidecar == b"{}"
    assert not (folder / "product.tar.prip.json").exists()


@pytest.mark.parametrize("kind", ["link", "folder", "fifo", "large"])
def test_strange_sidecars_are_refused(inbox: FolderInbox, folder: Path, kind: str) -> None:
    sidecar = folder / "product.tar.prip.json"
    make: dict[str, Callable[[], object]] = {
        "link": lambda: sidecar.symlink_to("/etc/hostname"),
        "folder": sidecar.mkdir,
        "fifo": lambda: os.mkfifo(sidecar),
        "large": lambda: sidecar.write_bytes(b" " * (SIDECAR_LIMIT + 1)),
    }
    make[kind]()
    deliver(folder, "product.tar")
    claimed = inbox.claim(only(inbox), UUID_1)
    assert claimed.sidecar is not None
    assert len(claimed.sidecar) in {0, SIDECAR_LIMIT}
    with pytest.raises(ProductRejected, match=r"product.tar.prip.json"):
        inbox.source(claimed)


@pytest.mark.parametrize("name", ["product.tar", "product.tar.prip.json"])
def test_what_may_not_be_read_is_refused(
    inbox: FolderInbox, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    deliver(folder, "product.tar.prip.json")
    deliver(folder, "product.tar")
    opened = Path.open

    def refuse(path: Path, *arguments: Any, **named: Any) -> Any:
        """As the system does for those who are not root."""
        if path.name == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuse)
    claimed = inbox.claim(only(inbox), UUID_1)
    with pytest.raises(ProductRejected, match=f"^{name} may not be read"):
        inbox.source(claimed)


def test_a_released_claim_is_delivered_again_with_its_sidecar(inbox: FolderInbox, folder: Path) -> None:
    deliver(folder, "product.tar.prip.json", b"{}")
    deliver(folder, "product.tar")
    uuid = uuid4()
    inbox.claim(only(inbox), uuid)
    assert list(inbox.claimed()) == [uuid]
    inbox.release(uuid)
    inbox.release(uuid)
    assert list(inbox.claimed()) == []
    assert inbox.claim(only(inbox), uuid4()).sidecar == b"{}"
