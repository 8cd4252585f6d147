"""The HTTP server: gunicorn's threads in a few processes, each of which builds the application for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.http import message

from prip_core.web.worker import Worker, write_refusal

_REQUEST_LINE_LIMIT = 64 * 1024
"""A filter of 16 000 characters, each of which may be percent-encoded, and the rest of the line."""
_GRACE_SECONDS = 20
_KEEP_ALIVE_SECONDS = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where and how broad the server listens.

    :param threads: of each process; a slow download holds one.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    processes: int = 2
    threads: int = 256


def serve(listening: Listening, build: Callable[[], Flask]) -> None:
    """Serve until SIGTERM or SIGINT; downloads under way get twenty seconds to end.

    :param build: makes the application. Each process calls it after the fork, so that no database connection, lock or
        random key is shared.
    :raises SystemExit: always, with gunicorn's exit code.
    """
    # gunicorn cuts its limit_request_line to this constant; the only other choice that it gives is no limit.
    message.MAX_REQUEST_LINE = _REQUEST_LINE_LIMIT
    util.write_error = write_refusal  # there is no setting for it, and gunicorn's own is a page of HTML
    _Server(listening, build).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, listening: Listening, build: Callable[[], Flask]) -> None:
        self._listening = listening
        self._build = build
        super().__init__()

    def load_config(self) -> None:
        for name, value in _configuration(self._listening).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._build()


def _configuration(listening: Listening) -> dict[str, Any]:
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    return {
        "bind": f"{host}:{listening.port}",
        "workers": listening.processes,
        "worker_class": Worker,
        "threads": listening.threads,
        "worker_connections": max(1000, 4 * listening.threads),
        "keepalive": _KEEP_ALIVE_SECONDS,
        "graceful_timeout": _GRACE_SECONDS,
        "timeout": 60,
        "limit_request_line": _REQUEST_LINE_LIMIT,
        "forwarded_allow_ips": "",  # X-Forwarded-* and the like are nobody's to send
        "control_socket_disable": True,  # it would be written into the home folder
        "loglevel": "warning",
        "proc_name": "prip serve",
    }
