"""A TCP port to listen on: is it free, and who can tell that the server behind it answers."""

from __future__ import annotations

import errno
import http.client
import socket
import time

_PATIENCE_SECONDS = 3.0
_LOOK_SECONDS = 0.25
_ANSWER_SECONDS = 0.5
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - these are compared, not bound


def obstacle(host: str, port: int) -> str | None:
    """What keeps a server from listening here, as a sentence; ``None``: nothing.

    Waits a moment for a port whose server is just ending.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        error = _try(host, port)
        if error is None:
            return None
        if error.errno != errno.EADDRINUSE or time.monotonic() >= end:
            return _sentence(host, port, error)
        time.sleep(_LOOK_SECONDS)


def answers(host: str, port: int, path: str) -> bool:
    """Whether a server answers 200 to a GET of this path, now."""
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def url(host: str, port: int) -> str:
    """The root URL under which this machine reaches a server that listens here."""
    reachable = _ANYWHERE.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _try(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        return error
    return None


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"serve.port: port {port} on {host} is taken by another program; stop it or choose another port"
    if error.errno == errno.EACCES:
        return f"serve.port: this user may not listen on port {port}; choose one above 1023"
    return f"serve.host: cannot listen on {host}, port {port}: {error.strerror or error}"
