"""Help: every verb says what it does, shows an example and, where there is one, the next step."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from prip_core.cli import prip
from prip_core.cli.verbs import VERBS


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from leaves(below, (*path, name))


ALL = sorted(leaves(prip))


def test_the_table_of_verbs_says_what_the_verbs_say() -> None:
    for name, verb in VERBS.items():
        command = prip.get_command(click.Context(prip), name)
        assert command is not None
        assert command.name == name
        assert verb.summary.endswith(".")


@pytest.mark.parametrize("group", sorted({path[0] for path in ALL if len(path) > 1}))
def test_no_line_of_a_group_is_cut_short(group: str, run_prip: Any) -> None:
    assert "...\n" not in run_prip(group, "--help").stdout.partition("Commands:")[2]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_verb_teaches(path: tuple[str, ...], run_prip: Any) -> None:
    text = run_prip(*path, "--help").stdout
    examples = rf"(?m)^ +(.* \| )?prip (--config \S+ )?{' '.join(path)}\b"
    assert re.search(examples, text.partition("\n")[2])
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("path", [path for path in ALL if path[-1] in {"list", "status", "show"}], ids=" ".join)
def test_every_listing_verb_speaks_json(path: tuple[str, ...], run_prip: Any) -> None:
    assert "--json" in run_prip(*path, "--help").stdout


def test_help_imports_no_verb() -> None:
    program = """
import sys
from prip_core.cli import prip
try:
    prip(["--help"], prog_name="prip")
except SystemExit as end:
    assert end.code == 0
heavy = {"flask", "peewee", "gunicorn", "rich.table", "structlog", "watchfiles", "prip_core.cli.run"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version(run_prip: Any) -> None:
    assert run_prip("--version").stdout.startswith("prip 0.")


@pytest.mark.parametrize("arguments", [["nonsense"], ["user", "nonsense"], ["init"], ["--nonsense"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str], run_prip: Any) -> None:
    result = run_prip(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr
