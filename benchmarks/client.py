"""A light HTTP client: connections that stay open, requests that are bytes, answers that are counted."""

from __future__ import annotations

import socket
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from typing import Self
from urllib.parse import quote

_BLOCK = 1 << 20


class Refused(Exception):
    """A server answers with another status than 200; the text says which one to what."""


class Client:
    """One connection to one server."""

    def __init__(self, port: int, login: tuple[str, str] | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = f"Host: 127.0.0.1:{port}\r\n"
        if login:
            self._headers += f"Authorization: Basic {b64encode(':'.join(login).encode()).decode()}\r\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def get(self, target: str) -> bytes:
        """The body of an answer with status 200.

        :param target: path and query, percent-encoded.
        :raises Refused: another status.
        """
        head, begun, size = self._ask(target)
        body = bytearray(begun)
        while len(body) < size:
            body += self._socket.recv(_BLOCK)
        if not head.startswith(b"HTTP/1.1 200"):
            raise Refused(f"{target}: {_first_line(head)} {body.decode(errors='replace')}")
        return bytes(body)

    def drain(self, target: str) -> int:
        """Read an answer with status 200 without keeping it. Returns the number of its bytes.

        :raises Refused: another status.
        """
        head, begun, size = self._ask(target)
        if not head.startswith(b"HTTP/1.1 200"):
            raise Refused(f"{target}: {_first_line(head)}")
        left, block = size - len(begun), bytearray(_BLOCK)
        while left:
            left -= self._socket.recv_into(block)
        return size

    def _ask(self, target: str) -> tuple[bytes, bytes, int]:
        self._socket.sendall(f"GET {target} HTTP/1.1\r\n{self._headers}\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = self._socket.recv(65536)
            if not received:
                raise RuntimeError(f"{target}: the server closed the connection")
            answer += received
        head, _, begun = answer.partition(b"\r\n\r\n")
        lines = (line.partition(b":") for line in head.split(b"\r\n"))
        return head, begun, next(int(value) for name, _, value in lines if name.lower() == b"content-length")


def _first_line(head: bytes) -> str:
    return head.partition(b"\r\n")[0].decode(errors="replace")


def query(path: str, **options: object) -> str:
    """A path with OData options, percent-encoded."""
    return path + "?" + "&".join(f"${name}={quote(str(value), safe='')}" for name, value in options.items())


def rate(port: int, targets: Sequence[str], login: tuple[str, str] | None, connections: int = 4) -> float:
    """Requests per second when several clients at once share these targets."""

    def work(mine: Sequence[str]) -> None:
        with Client(port, login) as client:
            for target in mine:
                client.drain(target)

    threads = [threading.Thread(target=work, args=(targets[number::connections],)) for number in range(connections)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(targets) / (time.perf_counter() - begin)
