"""A real delivery point in a folder of its own, made and run by the ``prip`` command as an operator would."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from prip_core.testing.ports import ReservedPort

_Seen = TypeVar("_Seen")
_PASSWORD = "correct horse battery staple"  # noqa: S105 - of a delivery point that lives as long as a test
_PORT = "PRIP__SERVE__PORT"
_MIN_FREE = "PRIP__INGEST__MIN_FREE"
_PRIP = (sys.executable, "-m", "prip_core")
_LOOK_SECONDS = 0.05
_ANSWER_SECONDS = 120.0


def wait_for(look: Callable[[], _Seen], what: str, seconds: float = 120.0) -> _Seen:
    """Look again and again until something is there.

    :param look: what it returns counts as there when it is true.
    :param what: what is waited for, for the message.
    :raises TimeoutError: it did not come.
    """
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:g} s there is still no {what}")
        time.sleep(_LOOK_SECONDS)


class DeliveryPoint:
    """A delivery point with an inbox, a quarantine and an archive in its folder, and one user who may do everything.

    :param folder: where ``prip init`` made it, absolute.
    :param environment: settings that override its configuration: ``{"PRIP__INGEST__WORKERS": "1"}``.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        # A machine for tests may have little room.
        self.environment = {_PORT: str(self.port), _MIN_FREE: "0", **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def make(cls, folder: Path, missions: Sequence[str], environment: Mapping[str, str] | None = None) -> Self:
        """A new one, by ``prip init``."""
        password = folder.with_name(f"{folder.name}.password")
        password.write_text(_PASSWORD)
        point = cls(folder, environment)
        wanted = [word for mission in missions for word in ("--mission", mission)]
        options = [*wanted, "--admin", "ada", "--password-file", str(password)]
        made = point._run([*_PRIP, "init", str(folder), *options], {})
        if made.returncode != 0:
            raise RuntimeError(f"prip init failed: {made.stderr}")
        return point

    def copy(self, folder: Path) -> Self:
        """Another one like this, which must not be at work."""
        shutil.copytree(self.folder, folder)
        return type(self)(folder, {name: value for name, value in self.environment.items() if name != _PORT})

    @property
    def inbox(self) -> Path:
        """Where products are delivered."""
        return self.folder / "inbox"

    @property
    def archive(self) -> Path:
        """Where products are stored."""
        return self.folder / "archive"

    @property
    def database(self) -> Path:
        """The catalogue's file."""
        return self.folder / "prip.db"

    @property
    def log_file(self) -> Path:
        """What all of its processes wrote to standard error."""
        return self.folder.with_name(f"{self.folder.name}.log")

    @property
    def credentials(self) -> tuple[str, str]:
        """Name and password of its user."""
        return "ada", _PASSWORD

    @property
    def products_url(self) -> str:
        """Where its products are listed."""
        return f"http://127.0.0.1:{self.port}/odata/v1/Products"

    def command(self, *arguments: str) -> list[str]:
        """A ``prip`` command for this delivery point."""
        return [*_PRIP, "--config", str(self.folder / "prip.toml"), *arguments]

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of its processes."""
        return {**os.environ, **self.environment, **(more or {})}

    def prip(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a ``prip`` command to its end.

        :param more: further environment variables.
        :returns: what it wrote, and its exit code; any code is fine.
        """
        done = self._run(self.command(*arguments), more)
        with self.log_file.open("a") as log:
            log.write(f"--- prip {' '.join(arguments)} → {done.returncode}\n{done.stderr}")
        return done

    def _run(self, command: Sequence[str], more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the command is our own
            command, env=self.variables(more), capture_output=True, text=True, timeout=300, check=False
        )

    def spawn(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a ``prip`` command that runs on; the caller ends it."""
        with self.log_file.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the command is our own
                self.command(*arguments), env=self.variables(more), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def start(self, **more: str) -> None:
        """``prip run``, until it says that it is ready.

        :raises RuntimeError: it ended instead.
        """
        logged = self.log_file.stat().st_size if self.log_file.exists() else 0
        self.process = self.spawn("run", **more)
        wait_for(partial(self._said_ready, self.process, logged), "delivery point that is ready")

    def stop(self) -> int:
        """End ``prip run`` in order. Returns its exit code; 0 when it does not run."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(120)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _said_ready(self, process: subprocess.Popen[bytes], logged: int) -> bool:
        said = self.log_file.read_bytes()[logged:]
        if process.poll() is not None:
            raise RuntimeError(f"prip run ended with {process.returncode}: {said.decode(errors='replace')}")
        return b"ready: " in said

    def deliver(self, product: Path, *, name: str | None = None, sidecar: Mapping[str, Any] | None = None) -> str:
        """Copy a product under a temporary name into the inbox, then rename it, its sidecar first.

        :param name: the name to deliver it under, if another than its own.
        :returns: the name.
        """
        delivered = name or product.name
        if sidecar is not None:
            self._place(json.dumps(sidecar).encode(), f"{delivered}.prip.json")
        incoming = self.inbox / f".{delivered}.incoming"
        shutil.copyfile(product, incoming)
        incoming.rename(self.inbox / delivered)
        return delivered

    def _place(self, content: bytes, name: str) -> None:
        incoming = self.inbox / f".{name}.incoming"
        incoming.write_bytes(content)
        incoming.rename(self.inbox / name)

    def get(self, target: str) -> tuple[int, bytes]:
        """Ask its server. Returns status and body.

        :param target: an absolute URL, or a path with its query.
        """
        parts = urlsplit(target)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_SECONDS)
        try:
            login = b64encode(":".join(self.credentials).encode()).decode()
            connection.request("GET", path, headers={"Authorization": f"Basic {login}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def page(self, **options: object) -> dict[str, Any]:
        """A page of the list of products.

        :param options: OData's, without the dollar sign: ``filter="Online eq true"``, ``top=5``.
        :raises RuntimeError: the server refuses.
        """
        query = urlencode({f"${name}": value for name, value in options.items()}, safe="$", quote_via=quote)
        status, body = self.get(f"{self.products_url}?{query}")
        if status != 200:
            raise RuntimeError(f"{query}: {status} {body.decode(errors='replace')}")
        answer: dict[str, Any] = json.loads(body)
        return answer

    def listed(self, name: str, seconds: float = 120.0) -> dict[str, Any]:
        """The product of a name, with its attributes, as soon as it is listed.

        :raises TimeoutError: it never is.
        """

        def look() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = self.page(filter=f"Name eq '{name}'", expand="Attributes")["value"]
            return found

        return wait_for(look, f"{name} in the list", seconds)[0]

    def rejected(self, name: str, seconds: float = 120.0) -> dict[str, Any]:
        """The content of ``reason.json`` of a refused product, as soon as it lies in quarantine.

        :raises TimeoutError: it never does.
        """
        pattern = f"*/*/{name}"
        quarantine = self.folder / "quarantine"
        found = wait_for(lambda: list(quarantine.glob(pattern)), f"{name} in quarantine", seconds)
        reason: dict[str, Any] = json.loads((found[0].parent / "reason.json").read_bytes())
        return reason
