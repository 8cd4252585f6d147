"""Ports that are kept for servers to come."""

from __future__ import annotations

import socket

import pytest

from prip_core.components import port
from prip_core.testing.ports import ReservedPort


def take(number: int) -> None:
    """As one who wants this port for itself alone."""
    with socket.socket() as wanting:
        wanting.bind(("127.0.0.1", number))


def test_a_server_may_listen_again_and_again_and_others_may_not_even_between() -> None:
    reserved = ReservedPort()
    for _ in range(2):
        with pytest.raises(OSError, match="in use"):
            take(reserved.number)
        assert port.obstacle("127.0.0.1", reserved.number) is None
        with socket.create_server(("127.0.0.1", reserved.number)) as server:
            socket.create_connection(("127.0.0.1", reserved.number)).close()
            server.accept()[0].close()


def test_whoever_connects_before_the_server_is_there_is_refused() -> None:
    reserved = ReservedPort()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", reserved.number))


def test_it_is_given_back() -> None:
    reserved = ReservedPort()
    number = reserved.number
    del reserved
    take(number)
