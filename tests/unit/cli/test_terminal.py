"""What a person at a terminal sees: questions, tables, bars."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from prip_core.cli.output import write_rows
from prip_core.passwords import verify_password


def at_terminal(
    instance: Any, *arguments: str, answers: Sequence[tuple[str, str]] = (), columns: int = 120
) -> tuple[int, str]:
    """Run the command on a terminal and type each answer once its question is seen: exit code, all that it shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "prip_core", "--config", str(instance.config), *arguments]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True)
    os.close(theirs)
    shown = ""
    waiting = list(answers)
    seen = 0
    while True:
        try:
            block = os.read(ours, 4096)
        except OSError:  # Linux says so when the last one at the other end has closed it
            break
        if not block:
            break
        shown += block.decode(errors="replace")
        if waiting and waiting[0][0] in shown[seen:]:
            question, answer = waiting.pop(0)
            seen = shown.index(question, seen) + len(question)
            os.write(ours, f"{answer}\n".encode())
    os.close(ours)
    return process.wait(120), shown


def test_a_password_is_asked_for_twice_and_not_shown(instance: Any) -> None:
    answers = [("Password:", "one thing"), ("Repeat", "another"), ("Password:", "the same"), ("Repeat", "the same")]
    code, shown = at_terminal(instance, "user", "add", "alice", answers=answers)
    assert code == 0, shown
    assert "the same" not in shown
    user = instance.catalogue().users.find("alice")
    assert user is not None
    assert verify_password(user.password_hash, "the same")


def test_lists_are_tables(instance: Any) -> None:
    code, shown = at_terminal(instance, "user", "list")
    assert code == 0
    assert "\x1b[1mname" in shown
    assert "Download, Reporting" in shown


def test_on_a_narrow_terminal_nothing_is_broken_over_lines(instance: Any) -> None:
    code, shown = at_terminal(instance, "user", "list", columns=40)
    assert code == 0
    assert "\x1b[1madmin\x1b[0m\r\n  roles     Download, Reporting\r\n" in shown


def test_long_work_shows_a_bar(instance: Any) -> None:
    (instance.folder / "empty.ndjson").write_text("\n")
    code, shown = at_terminal(instance, "import", str(instance.folder / "empty.ndjson"))
    assert code == 0
    assert "checking" in shown
    assert "imported 0" in shown


def test_a_broken_pipe_is_no_error_message(instance: Any) -> None:
    command = [sys.executable, "-m", "prip_core", "--config", str(instance.config), "config", "show"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(120)
    process.stderr.close()


def test_names_do_not_break_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"name": "two\nlines", "said": ["\x1b[2J", "\u202edrow"]}], as_json=False, empty="")
    assert capsys.readouterr().out.splitlines()[1:] == ["two\\nlines  \\x1b[2J, \\u202edrow"]


def test_a_closed_output_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    write_rows([{"name": "x"}], as_json=False, empty="")
