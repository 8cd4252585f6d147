"""Everything on this machine: started once, stopped in order, never left behind."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from prip_core.cli.run import LOCK
from prip_core.components import port
from prip_core.testing.delivery_point import wait_for
from prip_core.testing.ports import ReservedPort
from tests.living import alive

PATIENCE = 120.0


@pytest.fixture
def reserved() -> ReservedPort:
    return ReservedPort()


@pytest.fixture
def free_port(reserved: ReservedPort) -> int:
    return reserved.number


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the end of a server that has not been told to end."""
    monkeypatch.setattr(port, "_PATIENCE_SECONDS", 0.0)


@pytest.fixture
def point(instance: Any, free_port: int) -> Any:
    instance.config.write_text(instance.config.read_text().replace("port = 8080", f"port = {free_port}"))
    return instance


@contextmanager
def spawned(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "prip_core", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_it_says_where_it_is_ready_and_stops_in_order(point: Any, free_port: int) -> None:
    with spawned("--config", point.config, "run") as process:
        assert read_line(process) == f"ready: http://127.0.0.1:{free_port}/odata/v1/Products\n"
        wait_for(lambda: port.answers("127.0.0.1", free_port, "/health/ready"), "answer")
        children = family(process)
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
        assert not alive(children)


def test_nothing_survives_a_kill_and_the_next_run_starts_at_once(point: Any) -> None:
    with spawned("--config", point.config, "run") as process:
        assert read_line(process).startswith("ready: ")
        children = family(process)
        assert len(children) >= 3
        process.kill()
        process.wait()
        with spawned("--config", point.config, "run") as second:
            assert read_line(second).startswith("ready: ")
            wait_for(lambda: not alive(children), "end of the first one's processes")
            second.terminate()
            second.communicate(timeout=PATIENCE)
            assert second.returncode == 0


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("verb", ["run", "serve"])
def test_a_taken_port_is_a_sentence_and_exit_code_1(point: Any, free_port: int, verb: str) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        result = point.prip(verb)
    assert result.exit_code == 1
    assert f"port {free_port} on 127.0.0.1 is taken" in result.stderr


def test_only_one_run_works_in_a_folder(point: Any) -> None:
    with FileLock(point.folder / LOCK):
        result = point.prip("run")
    assert result.exit_code == 1
    assert "another `prip run` works here" in result.stderr


@pytest.mark.parametrize("verb", ["serve", "ingest"])
def test_a_component_runs_alone_until_it_is_told_to_stop(point: Any, free_port: int, verb: str) -> None:
    with spawned("--config", point.config, verb) as process:
        if verb == "serve":
            wait_for(lambda: port.answers("127.0.0.1", free_port, "/health/live"), "answer")
        else:
            (point.inbox / "nonsense.bin").write_bytes(b"what is this")
            wait_for(lambda: list((point.folder / "quarantine").glob("*/*/reason.json")), "refusal")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors


@pytest.mark.needs("curl")
def test_the_demo_works_as_it_says(free_port: int, tmp_path: Path) -> None:
    with spawned("demo", "--port", free_port, "--products", 3) as process:
        text = "".join(iter(lambda: read_line(process), "Ctrl-C stops it and removes its folder.\n"))
        folder = Path(re.findall(r"folder    (\S+)", text)[0])
        children = family(process)
        listing, search, download = [shlex.split(line) for line in text.splitlines() if line.startswith("  curl ")]
        products = f"http://127.0.0.1:{free_port}/odata/v1/Products"
        assert '"@odata.count":3' in fetch(listing)
        assert "MSI_L1C_TL" in fetch(search)
        assert '"Attributes":[' in fetch(search)
        assert download[-1].startswith(f"{products}(")
        fetch(download, tmp_path)
        (tile,) = tmp_path.glob("S2B_OPER_MSI_L1C_TL_*.tar")
        assert tile.stat().st_size > 4_000_000
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
        assert not alive(children)
        assert not folder.exists()


def fetch(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run([*command, "--fail"], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_delivers_to_another_inbox(run_prip: Any, instance: Any) -> None:
    result = run_prip("demo", "--products", 9, "--deliver-to", instance.inbox)
    assert result.exit_code == 0, result.output
    names = [path.name for path in instance.inbox.iterdir() if not path.name.startswith(".")]
    assert len(names) == 9
    assert not list(instance.inbox.glob(".demo-*"))
    assert instance.done("ingest", "--once").startswith("published 9,")


@pytest.mark.usefixtures("impatient")
def test_the_demo_says_that_its_port_is_taken(run_prip: Any, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        result = run_prip("demo", "--port", free_port)
    assert result.exit_code == 1
    assert f"port {free_port} on 127.0.0.1 is taken" in result.stderr
    assert "--port N" in result.stderr
