"""Real ``prip`` processes that are there at once: forked from one that has imported everything and done nothing yet.

A fault test needs two or three processes; starting Python and importing a delivery point takes longer than all that
they do. A forked process has a life of its own: it can be killed, paused and looked at like any other.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from prip_core.testing.delivery_point import DeliveryPoint

CLOCK = "PRIP_TEST_CLOCK"
"""Environment variable with the path of a file, which says by how many seconds the clocks of a process are wrong."""


class ForkedProcess:
    """As much of ``subprocess.Popen`` as tests use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):  # it has ended, and nobody has said so yet
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def ended(self, code: int) -> None:
        self.returncode = code
        self._ended.set()


class Forge:
    """The process that others are forked from. What it forked ends with it, and it ends with this process."""

    def __init__(self) -> None:
        self._server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._begun: list[ForkedProcess] = []
        self._known: dict[int, ForkedProcess] = {}
        self._lock = threading.Lock()
        self._answered = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(60)

    def start(self, arguments: Sequence[str], variables: Mapping[str, str], out: Path, err: Path) -> ForkedProcess:
        """Run ``prip`` with these arguments and environment; what it writes is appended to files."""
        asked = {"arguments": arguments, "variables": dict(variables), "out": str(out), "err": str(err)}
        with self._lock, self._answered:
            assert self._server.stdin is not None
            self._server.stdin.write(json.dumps(asked).encode() + b"\n")
            self._server.stdin.flush()
            assert self._answered.wait_for(lambda: self._begun, 60), "the forge does not answer"
            return self._begun.pop()

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            told = json.loads(line)
            with self._answered:
                if "code" in told:
                    self._known.pop(told["pid"]).ended(told["code"])
                else:
                    process = self._known[told["pid"]] = ForkedProcess(told["pid"])
                    self._begun.append(process)
                    self._answered.notify_all()


class ForkedDeliveryPoint(DeliveryPoint):
    """A delivery point whose processes are forked."""

    forge: Forge

    def prip(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        out, err = (self.folder.with_name(f"{self.folder.name}.{name}") for name in ("out", "err"))
        for path in (out, err):
            path.write_bytes(b"")
        process = self.forge.start(self._arguments(*arguments), self.variables(more), out, err)
        code = process.wait(300)
        done = subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())
        with self.log_file.open("a") as log:
            log.write(f"--- prip {' '.join(arguments)} → {code}\n{done.stderr}")
        return done

    def spawn(self, *arguments: str, **more: str) -> Any:
        self.log_file.touch()
        return self.forge.start(self._arguments(*arguments), self.variables(more), self.log_file, self.log_file)

    def _arguments(self, *arguments: str) -> list[str]:
        return self.command(*arguments)[3:]  # behind python -m prip_core


def _serve() -> None:
    _import_everything()
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    lock = threading.Lock()

    def tell(**facts: int) -> None:
        with lock:
            answers.write(json.dumps(facts).encode() + b"\n")
            answers.flush()

    def reap(pid: int) -> None:
        _, status = os.waitpid(pid, 0)
        running.discard(pid)
        tell(pid=pid, code=os.waitstatus_to_exitcode(status))

    running: set[int] = set()
    for line in requests:
        with lock:  # no other thread holds what the child would wait for
            pid = os.fork()
            if pid == 0:
                _become(json.loads(line))
        running.add(pid)
        tell(pid=pid)
        threading.Thread(target=reap, args=(pid,), daemon=True).start()
    for pid in tuple(running):
        os.kill(pid, signal.SIGKILL)


def _import_everything() -> None:
    import boto3  # noqa: F401
    import psycopg  # noqa: F401

    from prip_core.cli.ingest import Ingestor  # noqa: F401
    from prip_core.plugins import load_plugins

    for kind in load_plugins().missions().values():
        kind(kind.Settings()).product_types()


def _become(asked: dict[str, Any]) -> None:
    from prip_core import crashpoints
    from prip_core.cli import prip

    code = 1
    try:
        for number, path in ((1, asked["out"]), (2, asked["err"])):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(asked["variables"])
        importlib.reload(crashpoints)  # it looks into the environment once
        if CLOCK in os.environ:
            _set_clocks(Path(os.environ[CLOCK]))
        prip(asked["arguments"], prog_name="prip")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _set_clocks(wrong_by: Path) -> None:
    """Let the wall clocks of this process, and what a database server says to it, step whenever the file says so."""
    from prip_core.catalogue.postgres.clock import ServerClock
    from prip_core.clock import SystemClock

    now, servers, seconds = SystemClock.now, ServerClock.now, time.time
    SystemClock.now = lambda self: now(self) + timedelta(seconds=float(wrong_by.read_text()))
    ServerClock.now = lambda self: servers(self) + timedelta(seconds=float(wrong_by.read_text()))
    time.time = lambda: seconds() + float(wrong_by.read_text())


if __name__ == "__main__":
    _serve()
