"""The supervisor, with real processes and real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from prip_core.testing.delivery_point import wait_for
from tests.living import alive

PATIENCE = 120.0

CHILD = """
import os, pathlib, signal, sys, time
from prip_core.components.parent import die_with_parent
die_with_parent()
name, folder, ending = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
def note(what):
    with (folder / "journal").open("a") as journal:
        journal.write(f"{name} {what} {os.getpid()}\\n")
def told(*_):
    note("told")
    if ending == "stubborn":
        return
    time.sleep(0.3)
    note("gone")
    os._exit(0)
signal.signal(signal.SIGTERM, told)
note("started")
if ending.isdigit():
    sys.exit(int(ending))
while True:
    time.sleep(0.05)
"""

PARENT = """
import pathlib, sys
from prip_core import log
from prip_core.components.supervisor import ChildProgram, RestartPauses, Supervisor
log.configure("info")
folder = pathlib.Path(sys.argv[1])
def program(text):
    name, ending, order, readiness = text.split(":")
    command = (sys.executable, str(folder / "child.py"), name, str(folder), ending)
    ready = {"at-once": None, "never": lambda: False, "file": (folder / "ready").exists}[readiness]
    return ChildProgram(name=name, command=command, stop_order=int(order), ready=ready, grace=float(sys.argv[2]))
supervisor = Supervisor(
    [program(text) for text in sys.argv[3:]],
    pauses=RestartPauses(first=0.2, longest=0.4, forgiven=3600),
    on_ready=lambda: print("ready", flush=True),
)
sys.exit(supervisor.run())
"""


class Supervised:
    """A supervisor in a process of its own, and the journal that its children write."""

    def __init__(self, folder: Path, *programs: str, grace: float = PATIENCE) -> None:
        (folder / "child.py").write_text(textwrap.dedent(CHILD))
        (folder / "parent.py").write_text(textwrap.dedent(PARENT))
        self._folder = folder
        self.process = subprocess.Popen(
            [sys.executable, folder / "parent.py", folder, str(grace), *programs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def journal(self) -> list[tuple[str, str, int]]:
        path = self._folder / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(name, what, int(pid)) for name, what, pid in map(str.split, lines)]

    def events(self, what: str) -> list[str]:
        return [name for name, event, _ in self.journal() if event == what]

    def pids(self) -> list[int]:
        return [pid for _, event, pid in self.journal() if event == "started"]

    def children(self) -> list[psutil.Process]:
        """Those that run, of all that have ever begun."""
        begun = []
        for pid in self.pids():
            with suppress(psutil.NoSuchProcess):
                begun.append(psutil.Process(pid))
        return alive(begun)

    def end(self) -> tuple[int, str, str]:
        output, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output, errors


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    begun: list[Supervised] = []

    def _start(*programs: str, grace: float = PATIENCE) -> Supervised:
        begun.append(Supervised(tmp_path, *programs, grace=grace))
        return begun[-1]

    yield _start
    for supervised in begun:
        if supervised.process.poll() is None:
            supervised.process.kill()
            supervised.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_its_children_in_order(start: Callable[..., Supervised], number: signal.Signals) -> None:
    supervised = start("server:run:1:at-once", "ingest-1:run:0:at-once", "ingest-2:run:0:at-once")
    wait_for(lambda: len(supervised.events("started")) == 3, "three children")
    supervised.process.send_signal(number)
    code, _, errors = supervised.end()
    assert code == 0, errors
    order = [(name.partition("-")[0], what) for name, what, _ in supervised.journal() if what != "started"]
    assert order[-2:] == [("server", "told"), ("server", "gone")]
    assert sorted(order[:-2]) == [("ingest", "gone")] * 2 + [("ingest", "told")] * 2
    assert supervised.children() == []


def test_it_starts_a_child_that_dies_again_and_says_why(start: Callable[..., Supervised]) -> None:
    supervised = start("worker:run:0:at-once")
    for deaths in range(1, 4):
        wait_for(lambda deaths=deaths: len(supervised.pids()) == deaths, "next child")  # type: ignore[misc]
        os.kill(supervised.pids()[-1], signal.SIGKILL)
    wait_for(lambda: len(supervised.pids()) == 4, "last child")
    supervised.process.terminate()
    code, _, errors = supervised.end()
    assert code == 0
    pauses = [line.split("restart_in_seconds=")[1].split()[0] for line in errors.splitlines() if "child died" in line]
    assert pauses == ["0.2", "0.4", "0.4"]
    assert errors.count("signal SIGKILL") == 3


@pytest.mark.parametrize(
    "program, code",
    [("worker:2:0:at-once", 2), ("server:1:0:never", 1), ("server:0:0:never", 1), ("server:7:0:never", 7)],
)
def test_it_gives_up_when_a_child_cannot_start(start: Callable[..., Supervised], program: str, code: int) -> None:
    supervised = start(program, "other:run:1:never")
    found, output, errors = supervised.end()
    assert found == code
    assert "child cannot start" in errors
    assert output == ""
    assert supervised.children() == []


def test_a_configuration_that_is_spoilt_later_leaves_the_others_at_work(start: Callable[..., Supervised]) -> None:
    supervised = start("worker:2:0:at-once", "server:run:1:at-once")
    wait_for(lambda: supervised.events("started").count("worker") >= 3, "worker that is tried again")
    assert supervised.events("started").count("server") == 1
    supervised.process.terminate()
    assert supervised.end()[0] == 0


def test_it_says_once_that_all_are_ready(start: Callable[..., Supervised], tmp_path: Path) -> None:
    supervised = start("server:run:0:file", "worker:run:0:at-once")
    wait_for(lambda: len(supervised.events("started")) == 2, "two children")
    (tmp_path / "ready").touch()
    assert supervised.process.stdout is not None
    assert supervised.process.stdout.readline() == "ready\n"
    supervised.process.terminate()
    assert supervised.end()[:2] == (0, "")


def test_a_second_signal_kills(start: Callable[..., Supervised]) -> None:
    supervised = start("worker:stubborn:0:at-once", grace=1000)
    wait_for(lambda: supervised.events("started"), "child")
    supervised.process.terminate()
    wait_for(lambda: supervised.events("told"), "child that was told")
    assert supervised.process.poll() is None
    supervised.process.terminate()
    code, _, errors = supervised.end()
    assert code == 0, errors
    assert supervised.children() == []


def test_a_child_that_ignores_the_signal_is_killed_after_its_grace(start: Callable[..., Supervised]) -> None:
    supervised = start("worker:stubborn:0:at-once", grace=0.5)
    wait_for(lambda: supervised.events("started"), "child")
    supervised.process.terminate()
    code, _, errors = supervised.end()
    assert code == 0
    assert "child killed" in errors
    assert supervised.children() == []


def test_children_die_with_a_supervisor_that_is_killed(start: Callable[..., Supervised]) -> None:
    supervised = start("server:stubborn:1:at-once", "worker:run:0:at-once")
    wait_for(lambda: len(supervised.pids()) == 2, "two children")
    supervised.process.kill()
    supervised.process.communicate()
    wait_for(lambda: supervised.children() == [], "end of the children")
    assert supervised.events("told") == []
