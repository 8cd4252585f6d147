"""gunicorn's threads, made fit for clients that dawdle or talk nonsense."""

from __future__ import annotations

import select
import socket
import time
from http import HTTPStatus
from typing import Any

from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from prip_core.web.errors import error_response

_REQUEST_SECONDS = 10.0
"""Within which a request must have come; its sender holds a thread meanwhile, before any password is asked for."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A server process."""

    def handle(self, conn: TConn) -> object:
        """Read a request and answer it, in a thread."""
        if not isinstance(conn.sock, _Connection):
            conn.sock = _Connection(conn.sock)
        conn.sock.due = time.monotonic() + _REQUEST_SECONDS
        return super().handle(conn)


class _Connection(socket.socket):
    """A client's connection. One that has not sent its request when it is due counts as closed by the client."""

    due = 0.0

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        readable = select.poll()
        readable.register(self, select.POLLIN)
        left = max(0.0, self.due - time.monotonic())
        return super().recv(bufsize, flags) if readable.poll(left * 1000) else b""


def write_refusal(client: Any, status: int, _reason: str, message: str) -> None:
    """Answer what is no request, so that the application never sees it; as gunicorn's ``write_error``.

    :param message: what gunicorn found wrong with it.
    """
    phrase = HTTPStatus(status).phrase
    answer = error_response(status, message or phrase)
    answer.headers["OData-Version"] = "4.0"
    answer.headers["Connection"] = "close"
    head = f"HTTP/1.1 {status} {phrase}\r\n{answer.headers}"
    write_nonblock(client, head.encode("latin-1") + answer.get_data())
