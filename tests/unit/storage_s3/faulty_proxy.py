"""A real HTTP proxy in front of an S3 server, which does what networks and servers do on bad days."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive", "content-length"}


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cut_after: int | None = None
    """Bytes of the body, after which the connection is reset."""


Fault = Callable[[Request, Callable[[Request], Answer]], Answer | None]
"""Given a request and what asks the server, gives the answer; ``None`` resets the connection."""


@dataclass
class Proxy:
    """Passes everything on, but for the faults that a test puts in.

    :ivar seen: every request, in order.
    """

    server: str
    url: str = ""
    seen: list[Request] = field(default_factory=list)
    faults: list[tuple[str, str, Fault, list[int]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def does(self, fault: Fault, *, method: str, about: str = "", times: int = 1_000_000) -> None:
        """From now on, so many requests of this method whose path has these words meet this fault."""
        self.faults.append((method, about, fault, [times]))

    def heal(self) -> None:
        self.faults.clear()

    def asked(self, method: str, about: str = "") -> list[Request]:
        return [request for request in self.seen if request.method == method and about in request.path]

    def answer(self, request: Request) -> Answer | None:
        self.seen.append(request)
        for method, about, fault, left in self.faults:
            if method == request.method and about in request.path and left[0]:
                left[0] -= 1
                return fault(request, self.ask)
        return self.ask(request)

    def ask(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.server).netloc, timeout=120)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "expect"}
            connection.request(request.method, request.path, request.body, headers)
            told = connection.getresponse()
            return Answer(told.status, {name.lower(): value for name, value in told.getheaders()}, told.read())
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        with suppress(ConnectionError):
            super().handle_one_request()

    def log_message(self, *_: object) -> None:
        return

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.proxy.answer(Request(self.command, self.path, dict(self.headers.items()), body))
        if answer is None:
            self._reset()
            return
        self.send_response_only(answer.status)
        length = answer.headers.get("content-length") if self.command == "HEAD" else None
        for name, value in answer.headers.items():
            if name not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut_after])
        if answer.cut_after is not None:
            self._reset()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815 - http.server looks for these names

    def _reset(self) -> None:
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        # A duplicate in the file objects would keep the connection open.
        self.rfile.close()
        self.connection.close()


@contextmanager
def proxy_to(server: str) -> Iterator[Proxy]:
    proxy = Proxy(server)
    with _Server(proxy) as running:
        proxy.url = f"http://127.0.0.1:{running.server_address[1]}"
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.stopping.set()
            running.shutdown()


def refuse(status: int, code: str, **headers: str) -> Fault:
    """The server says no, and does nothing."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    sent = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    return lambda request, ask: Answer(status, {"content-type": "application/xml", **sent}, body)


def reset() -> Fault:
    """The connection breaks before the request is read by anybody."""
    return lambda request, ask: None


def stall(proxy: Proxy) -> Fault:
    """Nothing comes, for as long as anybody may wait."""

    def fault(request: Request, ask: Callable[[Request], Answer]) -> Answer | None:
        proxy.stopping.wait(240)
        return None

    return fault


def lose_the_answer() -> Fault:
    """The server does the work; nobody learns of it."""

    def fault(request: Request, ask: Callable[[Request], Answer]) -> Answer | None:
        ask(request)
        return None

    return fault


def do_then_refuse(status: int, code: str) -> Fault:
    """The server does the work; the answer says that it did not."""

    def fault(request: Request, ask: Callable[[Request], Answer]) -> Answer | None:
        ask(request)
        return refuse(status, code)(request, ask)

    return fault


def flip_a_byte_on_the_way_there() -> Fault:
    def fault(request: Request, ask: Callable[[Request], Answer]) -> Answer | None:
        return ask(Request(request.method, request.path, request.headers, _flipped(request.body)))

    return fault


def lose_half_on_the_way_there() -> Fault:
    def fault(request: Request, ask: Callable[[Request], Answer]) -> Answer | None:
        half = request.body[: len(request.body) // 2]
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        return ask(Request(request.method, request.path, {**headers, "Content-Length": str(len(half))}, half))

    return fault


def edit(change: Callable[[Answer], Answer]) -> Fault:
    """The answer is another one than the server's."""
    return lambda request, ask: change(ask(request))


def flip_a_byte_on_the_way_back() -> Fault:
    return edit(lambda answer: Answer(answer.status, answer.headers, _flipped(answer.body)))


def with_header(name: str, value: str) -> Fault:
    return edit(lambda answer: Answer(answer.status, {**answer.headers, name: value}, answer.body))


def cut_the_answer(after: int) -> Fault:
    """The connection breaks in the middle of the answer's body."""
    return edit(lambda answer: Answer(answer.status, answer.headers, answer.body, cut_after=after))


def ignore_the_range(whole: bytes) -> Fault:
    """All of an object comes where a part of it was asked for."""

    def change(answer: Answer) -> Answer:
        headers = {name: value for name, value in answer.headers.items() if name != "content-range"}
        return Answer(200, headers, whole)

    return edit(change)


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
