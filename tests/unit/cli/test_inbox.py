"""Products refused and taken in, by the verbs alone."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from prip_core.builtin import relocation
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2, sentinel2_file_name

TILE = Sentinel2Specification(product_type="MSI_L1C_TL", size=50_000)


def refuse(instance: Any, name: str = "nonsense.bin") -> str:
    """Let a product be refused; its uuid."""
    before = {row["uuid"] for row in instance.json("inbox", "list")["quarantined"]}
    (instance.inbox / name).write_bytes(b"what is this")
    assert instance.done("ingest", "--once").strip().endswith("quarantined 1, postponed 0, waiting 0")
    (new,) = [row for row in instance.json("inbox", "list")["quarantined"] if row["uuid"] not in before]
    assert new["name"] == name
    return str(new["uuid"])


def test_nothing_is_there_at_first(instance: Any) -> None:
    (inbox,) = instance.json("inbox", "list").pop("inboxes")
    assert (inbox["inbox"], inbox["unclaimed"], inbox["oldest"]) == ("inbox", 0, None)
    assert instance.json("inbox", "list") == {"inboxes": [inbox], "quarantined": [], "in_work": []}
    assert "Nothing is in quarantine" in instance.done("inbox", "list")
    assert instance.done("ingest", "--once") == "published 0, duplicates 0, quarantined 0, postponed 0, waiting 0\n"


def test_ingest_says_what_became_of_each_product(instance: Any, tmp_path: Path) -> None:
    product = build_sentinel2(TILE, tmp_path)
    content = product.read_bytes()
    product.rename(instance.inbox / product.name)
    (instance.inbox / "nonsense.bin").write_bytes(b"what is this")
    assert instance.done("ingest", "--once") == "published 1, duplicates 0, quarantined 1, postponed 0, waiting 0\n"
    (instance.inbox / product.name).write_bytes(content)
    assert instance.done("ingest", "--once") == "published 0, duplicates 1, quarantined 0, postponed 0, waiting 0\n"
    (found,) = instance.json("product", "show", product.name)
    assert found["state"] == "ONLINE"
    assert found["type"] == "MSI_L1C_TL"
    assert found["bytes"] == len(content)
    assert (instance.folder / "archive" / found["key"]).read_bytes() == content
    assert instance.json("product", "show", found["id"]) == [found]
    plain = instance.done("product", "show", product.name)
    assert all(str(value) in plain for value in (found["id"], found["md5"], found["blake3"], found["published"]))
    assert instance.json("db", "status")["products"] == 1


def test_a_name_does_not_speak_to_the_terminal(instance: Any) -> None:
    uuid = refuse(instance, "two\nlines\x1b[2J")
    assert "two\\nlines\\x1b[2J  " in instance.done("inbox", "list")
    assert instance.done("inbox", "drop", uuid, "--yes") == "two\\nlines\\x1b[2J is deleted\n"


def test_a_refused_product_is_listed_with_its_reason(instance: Any) -> None:
    uuid = refuse(instance)
    (row,) = instance.json("inbox", "list")["quarantined"]
    assert row == {**row, "uuid": uuid, "inbox": "inbox"}
    assert "no mission claims this name" in row["reason"]
    assert uuid in instance.done("inbox", "list")


def test_a_refused_product_is_listed_with_all_that_its_rules_found(instance: Any) -> None:
    uuid = refuse(instance)
    (row,) = instance.json("inbox", "list")["quarantined"]
    assert [(finding["rule"], finding["severity"]) for finding in row["findings"]] == [("QC-01", "error")]
    (reason,) = (instance.folder / "quarantine").glob(f"*/{uuid}/reason.json")
    found = [
        {"rule": rule, "severity": severity, "message": "not as it is to be", "member": member}
        for rule, severity, member in (
            ("QC-08", "error", "a.xml"),
            ("QC-08", "error", None),
            ("QC-17", "warning", None),
        )
    ]
    reason.write_text(json.dumps(json.loads(reason.read_text()) | {"findings": found}))
    (row,) = instance.json("inbox", "list")["quarantined"]
    assert row["findings"] == found
    assert "  QC-08, QC-17  " in instance.done("inbox", "list")


def test_what_is_no_container_is_called_so(instance: Any) -> None:
    (instance.inbox / sentinel2_file_name(TILE)).write_bytes(b"hello")
    instance.done("ingest", "--once")
    (row,) = instance.json("inbox", "list")["quarantined"]
    assert "is no tar" in row["reason"]


@pytest.mark.parametrize("by_uuid", [True, False])
def test_retry_puts_it_back(instance: Any, by_uuid: bool) -> None:
    uuid = refuse(instance)
    instance.done("inbox", "retry", uuid if by_uuid else "nonsense.bin")
    assert (instance.inbox / "nonsense.bin").read_bytes() == b"what is this"
    assert instance.json("inbox", "list")["quarantined"] == []


def test_retry_puts_it_back_where_it_came_through(instance: Any) -> None:
    """Inboxes may share a quarantine."""
    (instance.folder / "other").mkdir()
    instance.config.write_text(instance.config.read_text() + '[[inbox]]\nname = "other"\npath = "other"\n')
    (instance.folder / "other" / "nonsense.bin").write_bytes(b"what is this")
    assert "quarantined 1" in instance.done("ingest", "--once")
    (row,) = instance.json("inbox", "list")["quarantined"]
    assert row["inbox"] == "other"
    instance.done("inbox", "retry", "nonsense.bin")
    assert (instance.folder / "other" / "nonsense.bin").read_bytes() == b"what is this"
    assert not (instance.inbox / "nonsense.bin").exists()


@pytest.mark.parametrize("answer, code, left", [("y\n", 0, 0), ("n\n", 1, 1), ("", 1, 1)])
def test_drop_asks_first(instance: Any, answer: str, code: int, left: int) -> None:
    refuse(instance)
    result = instance.prip("inbox", "drop", "nonsense.bin", stdin=answer)
    assert result.exit_code == code
    assert "no mission claims this name" in result.stdout
    assert len(instance.json("inbox", "list")["quarantined"]) == left


def test_a_name_that_stands_twice_needs_the_uuid(instance: Any) -> None:
    uuids = {refuse(instance), refuse(instance)}
    for verb in (["retry"], ["drop", "--yes"]):
        result = instance.prip("inbox", *verb, "nonsense.bin")
        assert result.exit_code == 1
        assert all(uuid in result.stderr for uuid in uuids)
    instance.done("inbox", "drop", "--yes", uuids.pop())
    assert [row["uuid"] for row in instance.json("inbox", "list")["quarantined"]] == list(uuids)


@pytest.mark.parametrize("verb", [["retry"], ["drop", "--yes"]])
def test_an_unknown_name_is_exit_code_1(instance: Any, verb: list[str]) -> None:
    for name in ("unheard-of", str(uuid4())):
        result = instance.prip("inbox", *verb, name)
        assert result.exit_code == 1
        assert name in result.stderr


def test_retry_does_not_overwrite(instance: Any) -> None:
    refuse(instance)
    (instance.inbox / "nonsense.bin").write_bytes(b"another one")
    result = instance.prip("inbox", "retry", "nonsense.bin")
    assert result.exit_code == 1
    assert "nonsense.bin" in result.stderr
    assert (instance.inbox / "nonsense.bin").read_bytes() == b"another one"
    assert len(instance.json("inbox", "list")["quarantined"]) == 1


def test_what_is_in_work_is_listed(instance: Any, tmp_path: Path) -> None:
    product = build_sentinel2(TILE, tmp_path)
    product.rename(instance.inbox / product.name)
    command = [sys.executable, "-m", "prip_core", "--config", str(instance.config), "ingest", "--once"]
    full_disk = {**os.environ, "PRIP_CRASH_AT": "store.begun:ENOSPC"}
    done = subprocess.run(command, env=full_disk, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "published 0, duplicates 0, quarantined 0, postponed 1, waiting 0\n")
    (row,) = instance.json("inbox", "list")["in_work"]
    assert (row["name"], row["state"]) == (product.name, "CLAIMED")
    assert row["last_error"]
    assert product.name in instance.done("inbox", "list")
    with sqlite3.connect(instance.folder / "prip.db") as database:
        assert database.execute("SELECT count(*) FROM product").fetchone() == (0,)


def test_many_that_wait_hide_nothing(instance: Any, tmp_path: Path) -> None:
    reports = [Sentinel2Specification(product_type="OLQC_REPORT", detector=number) for number in (1, 2, 3)]
    for report in reports:
        path = build_sentinel2(report, tmp_path)
        path.rename(instance.inbox / path.name)
    instance.done("ingest", "--once")
    assert len(instance.json("inbox", "list")["in_work"]) == 3
    listed = instance.prip("inbox", "list", "--limit", "1", "--json")
    assert len(json.loads(listed.stdout)["in_work"]) == 1
    assert "and 2 more" in listed.stderr


def test_a_full_quarantine_is_said_in_the_inbox_until_it_is_emptied(
    instance: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIP__INGEST__MAX_QUARANTINE", "1")
    refuse(instance)
    product = build_sentinel2(TILE, tmp_path)
    product.rename(instance.inbox / product.name)
    assert instance.done("ingest", "--once").startswith("published 0")
    mark = (instance.inbox / ".paused").read_text()
    assert "`prip inbox list`" in mark
    (row,) = instance.json("inbox", "list")["inboxes"]
    assert row["paused"] == mark.strip()
    assert f"inbox: {mark}" in instance.done("inbox", "list")
    instance.done("inbox", "drop", "nonsense.bin", "--yes")
    assert instance.done("ingest", "--once").startswith("published 1")
    assert not (instance.inbox / ".paused").exists()
    (row,) = instance.json("inbox", "list")["inboxes"]
    assert row["paused"] is None
    assert "Nothing is taken in" not in instance.done("inbox", "list")


def test_each_inbox_tells_how_much_waits(instance: Any) -> None:
    refuse(instance)
    (instance.inbox / "later.bin").write_bytes(b"what is this")
    (row,) = instance.json("inbox", "list")["inboxes"]
    assert row == {
        "inbox": "inbox",
        "unclaimed": 1,
        "oldest": row["oldest"],
        "in_work": 0,
        "to_retry": 0,
        "await_parent": 0,
        "quarantined": 1,
        "paused": None,
    }
    assert row["oldest"].endswith("Z")


def test_all_are_retried_but_those_that_cannot_be(instance: Any) -> None:
    for name in ("one.bin", "two.bin"):
        refuse(instance, name)
    (instance.inbox / "one.bin").write_bytes(b"another of this name")
    result = instance.prip("inbox", "retry", "--all")
    assert result.exit_code == 1
    assert "one.bin; take it away first" in result.stderr
    assert "two.bin is back in the inbox 'inbox'" in result.stdout
    assert [row["name"] for row in instance.json("inbox", "list")["quarantined"]] == ["one.bin"]


def test_all_of_an_empty_quarantine_is_said_to_be_nothing(instance: Any) -> None:
    assert instance.done("inbox", "retry", "--all") == "Nothing is in quarantine.\n"


def test_several_are_retried_or_dropped_at_once(instance: Any) -> None:
    names = ["one.bin", "two.bin", "three.bin", "four.bin"]
    for name in names:
        refuse(instance, name)
    assert instance.prip("inbox", "drop", "one.bin", "five.bin", "--yes").exit_code == 1
    assert len(instance.json("inbox", "list")["quarantined"]) == 4
    instance.done("inbox", "drop", "one.bin", "two.bin", stdin="y\n")
    instance.done("inbox", "retry", "three.bin", "four.bin")
    assert instance.json("inbox", "list")["quarantined"] == []
    assert {path.name for path in instance.inbox.iterdir() if path.is_file()} == {"three.bin", "four.bin"}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("retry",), "one of the two"),
        (("retry", "--all", "one.bin"), "one of the two"),
        (("drop", "--yes"), "Missing argument"),
    ],
)
def test_it_must_be_said_what_is_meant(instance: Any, arguments: tuple[str, ...], said: str) -> None:
    result = instance.prip("inbox", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("verb", [("drop", "--yes"), ("retry",)])
def test_what_is_on_its_way_to_quarantine_is_left_alone(
    instance: Any, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    """To another disk that takes a while: the reason is there, the product is not, and would come back."""
    rename, copy = os.rename, relocation.copy
    answers: list[Any] = []

    def to_another_disk(source: Path, target: Path) -> None:
        if Path(source).name == Path(target).name == "nonsense.bin" and "quarantine" in Path(target).parts:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(source, target)

    def while_copied(*arguments: Any, **named: Any) -> None:
        answers.append(instance.prip("inbox", *verb, "nonsense.bin"))
        copy(*arguments, **named)

    monkeypatch.setattr(os, "rename", to_another_disk)
    monkeypatch.setattr(relocation, "copy", while_copied)
    uuid = refuse(instance)
    (answer,) = answers
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "nonsense.bin is still on its way to quarantine; wait" in answer.stderr
    instance.done("inbox", *verb, uuid)
    assert instance.json("inbox", "list")["quarantined"] == []
