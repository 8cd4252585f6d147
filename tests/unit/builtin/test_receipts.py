"""Receipts in a folder: their names, and that no reader sees half of one."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from prip_core import Claimed, Fate, Receipt, TransientError
from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.builtin.receipts import receipt_name, write_receipt

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def made(name: str = "A.tar", reason: str | None = None) -> Receipt:
    return Receipt(
        uuid=uuid4(),
        name=name,
        inbox="inbox",
        fate=Fate.QUARANTINED,
        id=None,
        publication_date=None,
        content_length=7,
        checksums=(),
        reason=reason,
        findings=(),
        arrived=NOW,
        written=NOW,
    )


@pytest.mark.parametrize(
    "name", ["A.tar", "é" * 125, "x" * 250, "x" * 251, "x" * 255, "ü" * 127, "line\nbreak", "a.json", "%41?"]
)
def test_every_name_has_a_receipt_that_fits(tmp_path: Path, name: str) -> None:
    write_receipt(tmp_path / "receipts", made(name))
    (file,) = (tmp_path / "receipts").iterdir()
    assert file.name == receipt_name(name)
    assert json.loads(file.read_bytes())["name"] == name
    if len(name.encode()) <= 250:
        assert file.name == f"{name}.json"


def test_long_names_that_begin_alike_are_told_apart() -> None:
    assert receipt_name("x" * 254 + "1") != receipt_name("x" * 254 + "2")
    assert receipt_name("x" * 255) == receipt_name("x" * 255)


def test_what_is_no_text_is_written(tmp_path: Path) -> None:
    write_receipt(tmp_path / "receipts", made(reason="a name \udcff"))
    assert json.loads((tmp_path / "receipts" / "A.tar.json").read_bytes())["reason"] == "a name ?"


def test_no_reader_sees_half_of_one(tmp_path: Path) -> None:
    folder = tmp_path / "receipts"
    write_receipt(folder, made())

    def write() -> None:
        for _ in range(30):
            write_receipt(folder, made(reason="because " * 5000))

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert json.loads((folder / "A.tar.json").read_bytes())["name"] == "A.tar"
    for writer in writers:
        writer.join()
    assert [file.name for file in folder.iterdir()] == ["A.tar.json"]


def test_a_folder_that_is_away_is_not_made(tmp_path: Path, folder: Path) -> None:
    """It may lie on a file system that is not mounted."""
    settings = FolderInboxSettings(
        path=folder, quarantine=tmp_path / "quarantine", receipts_folder=tmp_path / "absent" / "receipts"
    )
    claimed = Claimed(uuid=uuid4(), name="A.tar", path="A.tar", size=7, arrived=NOW)
    with pytest.raises(TransientError, match="absent"):
        FolderInbox(settings).tell(claimed, made())
    assert not (tmp_path / "absent").exists()


def test_receipts_lie_in_a_folder_of_the_instance(tmp_path: Path) -> None:
    settings = FolderInboxSettings.model_validate({"path": "inbox"}, context={"folder": tmp_path})
    assert settings.receipts_folder == tmp_path / "receipts"
