"""The delivery point of the demo: a real one, in a temporary folder, run by the same command as any other."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from prip_core.cli.errors import Failure
from prip_core.components.parent import PARENT
from prip_core.components.port import answers

USER = "demo"
_START_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPoint:
    """A running delivery point.

    :param process: its ``prip run``.
    """

    folder: Path
    port: int
    password: str = field(repr=False)
    process: subprocess.Popen[bytes]

    @property
    def products_url(self) -> str:
        """Where its products are listed."""
        return f"http://127.0.0.1:{self.port}/odata/v1/Products"

    def products(self, **options: str) -> dict[str, Any]:
        """The answer to a query for products; ``options`` are OData's, without the dollar sign.

        :raises Failure: the server does not answer it.
        """
        query = "&".join(f"${name}={quote(value, safe='')}" for name, value in options.items())
        login = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/odata/v1/Products?{query}", headers={"Authorization": f"Basic {login}"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"the server does not answer: {error}\n{self.log()}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise Failure(f"the server answers {answer.status}: {body.decode(errors='replace')}")
        found: dict[str, Any] = json.loads(body)
        return found

    def refused(self) -> Sequence[str]:
        """Why products are in quarantine, one sentence each."""
        reasons = (self.folder / "quarantine").glob("*/*/reason.json")
        return [str(json.loads(path.read_bytes())["reason"]) for path in reasons]

    def require_running(self) -> None:
        """:raises Failure: it ended by itself."""
        if self.process.poll() is not None:
            raise Failure(f"the delivery point ended with exit code {self.process.returncode}\n{self.log()}")

    def log(self) -> str:
        """The last lines that it logged."""
        return "\n".join((self.folder / "prip.log").read_text(errors="replace").splitlines()[-20:])


@contextmanager
def running(missions: Sequence[str], port: int) -> Iterator[DemoPoint]:
    """Make a delivery point, run it, and leave nothing behind.

    :raises Failure: it does not start.
    """
    with TemporaryDirectory(prefix="prip-demo-") as temporary:
        folder = Path(temporary) / "prip"
        password = _make(folder, missions, port)
        point = DemoPoint(folder=folder, port=port, password=password, process=_start(folder))
        try:
            _wait_until_ready(point)
            yield point
        finally:
            _stop(point.process)


def _make(folder: Path, missions: Sequence[str], port: int) -> str:
    password = secrets.token_hex(8)
    password_file = folder.with_name("password")
    password_file.write_text(password)
    chosen = [word for mission in missions for word in ("--mission", mission)]
    made = subprocess.run(  # noqa: S603 - the command is our own
        _prip(
            "init", str(folder), *chosen, "--admin", USER, "--port", str(port), "--password-file", str(password_file)
        ),
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise Failure(made.stderr.strip().removeprefix("prip: "))
    return password


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Run it in a session of its own: Ctrl-C reaches the demo alone, which then ends it in order."""
    with (folder / "prip.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - the command is our own
            _prip("--config", str(folder / "prip.toml"), "run"),
            env={**_environment(), PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _prip(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "prip_core", *arguments]


def _environment() -> dict[str, str]:
    """What overrides another delivery point's settings is not meant for this one, which does with little room."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("PRIP_")}
    return {**others, "PRIP__INGEST__MIN_FREE": "0"}


def _wait_until_ready(point: DemoPoint) -> None:
    end = time.monotonic() + _START_SECONDS
    while not answers("127.0.0.1", point.port, "/health/ready"):
        point.require_running()
        if time.monotonic() > end:
            raise Failure(f"the delivery point is not ready after {_START_SECONDS:g} s\n{point.log()}")
        time.sleep(_LOOK_SECONDS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
