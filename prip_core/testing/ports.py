"""TCP ports for servers that are started later: of this machine, and of nobody else until then."""

from __future__ import annotations

import os
import socket
import weakref


class ReservedPort:
    """A TCP port of 127.0.0.1 on which nothing listens, for one's own server to listen on whenever it likes.

    As long as this lives, nobody else is given the port: no other server that asks for any free port, and no
    connection as its own end. It is bound without listening, which Linux lets the server do beside it, as servers say
    SO_REUSEADDR; who connects meanwhile is refused.

    :ivar number: of the port.
    """

    def __init__(self) -> None:
        with socket.socket() as kept:
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind(("127.0.0.1", 0))
            self.number: int = kept.getsockname()[1]
            weakref.finalize(self, os.close, kept.detach())
