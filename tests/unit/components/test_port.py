"""Ports: free, taken, answering."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from prip_core.components import port
from prip_core.testing.ports import ReservedPort


@pytest.fixture
def reserved() -> ReservedPort:
    return ReservedPort()


@pytest.fixture
def listener(reserved: ReservedPort) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", reserved.number)) as server:
        yield server


def test_a_taken_port_is_a_sentence(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "_PATIENCE_SECONDS", 0.0)
    taken = listener.getsockname()[1]
    assert str(taken) in (port.obstacle("127.0.0.1", taken) or "")


def test_a_free_port_is_no_obstacle(reserved: ReservedPort) -> None:
    assert port.obstacle("127.0.0.1", reserved.number) is None
    assert port.obstacle("127.0.0.1", reserved.number) is None, "looking does not take it"


def test_a_port_that_is_given_up_is_waited_for(
    listener: socket.socket, reserved: ReservedPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "_PATIENCE_SECONDS", 120.0)
    monkeypatch.setattr(port.time, "sleep", lambda _: listener.close())
    assert port.obstacle("127.0.0.1", reserved.number) is None


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_a_sentence(host: str) -> None:
    assert host in (port.obstacle(host, 8080) or "")


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_answers_means_200(listener: socket.socket, reserved: ReservedPort, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not port.answers("127.0.0.1", reserved.number, "/good"), "it listens, and is silent"
    monkeypatch.setattr(port, "_ANSWER_SECONDS", 60.0)
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        number = server.server_address[1]
        assert port.answers("127.0.0.1", number, "/good")
        assert port.answers("0.0.0.0", number, "/good")
        assert not port.answers("127.0.0.1", number, "/bad")
        server.shutdown()
    assert not port.answers("127.0.0.1", number, "/good")


@pytest.mark.parametrize(
    "host, expected",
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("prip.example.org", "http://prip.example.org:80"),
    ],
)
def test_urls(host: str, expected: str) -> None:
    assert port.url(host, 80) == expected
