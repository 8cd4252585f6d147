"""A TCP proxy in front of PostgreSQL that cuts connections at a COMMIT: before it is sent, or before its answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Moment = Literal["before", "after"]
_BLOCK = 65536
_COMMIT = b"COMMIT\0"


class CuttingProxy:
    """Passes everything on, but for the COMMITs that a test has in mind.

    :ivar commits: how many were asked for so far.
    :ivar cuts: how many of them were cut.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._decide: Callable[[int], Moment | None] = lambda number: None
        self.commits = self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def cut(self, decide: Callable[[int], Moment | None]) -> None:
        """From now on, ask what is to become of each COMMIT, by its number; ``None``: nothing."""
        self._decide, self.commits, self.cuts = decide, 0, 0

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the end of the listener
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                threading.Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
        back.start()
        with suppress(OSError):
            while block := client.recv(_BLOCK):
                if _COMMIT in block and (moment := self._cut_now()) is not None:
                    if moment == "after":
                        self._carry_out(server, client, block)
                    break
                server.sendall(block)
        _reset(client, server)

    def _cut_now(self) -> Moment | None:
        with self._lock:
            self.commits += 1
            moment = self._decide(self.commits)
            self.cuts += moment is not None
            return moment

    def _carry_out(self, server: socket.socket, client: socket.socket, block: bytes) -> None:
        """Let the server do it; nobody hears of it."""
        _reset(client)
        server.sendall(block)
        # The other thread reads the answer, and cannot send it on; what follows waits for the server, too.
        server.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while server.recv(_BLOCK):
                pass


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(_BLOCK):
            target.sendall(block)
    _reset(target)


def _reset(*connections: socket.socket) -> None:
    for connection in connections:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


@contextmanager
def proxy_to(port: int) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
