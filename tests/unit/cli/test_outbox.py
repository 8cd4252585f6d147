"""Events told by the verbs alone: to the journal, to plugins that fail, and again by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

FAILING = """
from pathlib import Path
from prip_core import PermanentError, hookimpl

@hookimpl
def prip_product_rejected(event):
    if not Path("{flag}").exists():
        raise PermanentError("the flag is down")
    with open("{flag}", "a") as file:
        file.write(event.rejection.name + "\\n")
"""


def with_journal(instance: Any) -> Any:
    instance.config.write_text(instance.config.read_text() + '\n[plugins.journal]\npath = "rejected.ndjson"\n')
    return instance


def with_failing(instance: Any) -> Any:
    flag = instance.folder / "flag"
    (instance.folder / "failing.py").write_text(FAILING.format(flag=flag))
    instance.config.write_text(instance.config.read_text() + '\n[plugins]\nlocal = ["failing.py"]\n')
    return flag


def refuse(instance: Any, name: str = "nonsense.bin") -> None:
    (instance.inbox / name).write_bytes(b"what is this")
    assert "quarantined 1" in instance.done("ingest", "--once")


def journalled(instance: Any) -> list[Any]:
    return [json.loads(line) for line in (instance.folder / "rejected.ndjson").read_text().splitlines()]


def test_nobody_listens(instance: Any) -> None:
    refuse(instance)
    assert instance.json("outbox", "list") == []
    assert "Nothing is to be told" in instance.done("outbox", "list")
    assert instance.done("dispatch", "--once") == "No plugin listens.\n"


def test_the_journal_is_told(instance: Any) -> None:
    refuse(with_journal(instance))
    (waiting,) = instance.json("outbox", "list")
    assert waiting == {**waiting, "channel": "plugin:journal", "event": "rejected", "state": "waits", "attempts": 0}
    assert waiting["due"].endswith("Z")
    assert instance.done("dispatch", "--once") == "events 1\n"
    (line,) = journalled(instance)
    (quarantined,) = instance.json("inbox", "list")["quarantined"]
    assert (line["uuid"], line["reason"], line["inbox"]) == (
        quarantined["uuid"],
        quarantined["reason"],
        "inbox",
    )
    assert instance.json("outbox", "list") == []
    assert instance.done("dispatch", "--once") == "events 0\n"
    assert len(journalled(instance)) == 1


def test_the_journal_is_shown_among_plugins_and_settings(instance: Any) -> None:
    with_journal(instance)
    listed = {row["name"]: row for row in instance.json("plugins", "list")}
    assert "listener journal" in listed["builtin"]["brings"]
    assert listed["plugins.journal"]["hooks"] == ["prip_product_rejected"]
    settings = {row["setting"]: row["value"] for row in instance.json("config", "show")}
    assert settings["plugins.journal.path"] == str(instance.folder / "rejected.ndjson")


def test_an_event_is_told_again_after_a_crash_in_between(instance: Any) -> None:
    refuse(with_journal(instance))
    command = [sys.executable, "-m", "prip_core", "--config", str(instance.config), "dispatch", "--once"]
    killed = subprocess.run(command, env={**os.environ, "PRIP_CRASH_AT": "dispatch.told"}, check=False)
    assert killed.returncode == -9
    (in_work,) = instance.json("outbox", "list")
    assert in_work["state"] == "in work"
    catalogue = instance.catalogue()
    with catalogue._database.writing():
        catalogue._database.change("UPDATE outbox SET due_at = due_at - 3600000")
    catalogue.close()
    assert instance.done("dispatch", "--once") == "events 1\n"
    first, second = journalled(instance)
    assert first == second


def test_what_was_given_up_is_retried_by_hand(instance: Any) -> None:
    flag = with_failing(instance)
    refuse(instance, "one.bin")
    refuse(instance, "two.bin")
    assert instance.done("dispatch", "--once") == "events 2\n"
    dead = instance.json("outbox", "list", "--dead")
    assert [(row["state"], row["due"], row["last_error"]) for row in dead] == [("dead", None, "the flag is down")] * 2
    flag.touch()
    assert instance.done("outbox", "retry", dead[0]["id"]) == "due now: 1\n"
    assert instance.done("dispatch", "--once") == "events 1\n"
    assert instance.done("outbox", "retry", "--all") == "due now: 1\n"
    assert instance.done("dispatch", "--once") == "events 1\n"
    assert sorted(flag.read_text().split()) == ["one.bin", "two.bin"]
    refused = instance.prip("outbox", "retry", dead[0]["id"])
    assert refused.exit_code == 1
    assert "told already" in refused.stderr


def test_retry_needs_to_know_what(instance: Any) -> None:
    assert instance.prip("outbox", "retry").exit_code == 2
    assert instance.prip("outbox", "retry", "1", "--all").exit_code == 2


def test_a_long_list_says_what_it_leaves_out(instance: Any) -> None:
    with_journal(instance)
    for number in range(3):
        (instance.inbox / f"{number}.bin").write_bytes(b"what is this")
    instance.done("ingest", "--once")
    result = instance.prip("outbox", "list", "--limit", "2", "--json")
    assert len(json.loads(result.stdout)) == 2
    assert "and 1 more" in result.stderr
