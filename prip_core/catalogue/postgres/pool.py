"""A few connections for many threads: each is lent for one statement or one transaction."""

from __future__ import annotations

from collections import deque
from threading import BoundedSemaphore
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from prip_core.errors import CatalogueUnavailable

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_MOST = 8  # of each process: more do not make a server faster, and it may have a hundred for all
_PATIENCE = 30.0  # seconds

_DEFAULTS: dict[str, str] = {
    "application_name": "prip",
    "connect_timeout": "10",
    # A server that went away without a word is noticed within half a minute.
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_SESSION = (
    "SET lock_timeout = '60s'",  # a writer holds the lock for milliseconds, an import's batch for less than a second
    "SET idle_in_transaction_session_timeout = '30s'",  # a writer that was stopped must not stop all others
    "SET default_transaction_isolation = 'read committed'",
    "SET TimeZone = 'UTC'",
    # Questions are written for one way to their answer: indexes first, then a look at each row. What else a planner
    # may take for quicker reads whole tables, as it cannot know how soon a page is full.
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET max_parallel_workers_per_gather = 0",
    "SET plan_cache_mode = force_custom_plan",
    "SET random_page_cost = 1.1",
    "SET jit = off",
)


class Pool:
    """Connections to one database.

    :param url: ``postgresql://user:password@host/database``.
    :param answer_within: seconds that a statement may take, outside of writing transactions; ``None``: as long as the
        server lets it.
    :raises psycopg.ProgrammingError: the URL is not understood.
    """

    def __init__(self, url: str, answer_within: float | None = None) -> None:
        self._parameters: dict[str, Any] = {**_DEFAULTS, **conninfo_to_dict(url), "client_encoding": "utf-8"}
        limit = () if answer_within is None else (f"SET statement_timeout = {max(1, round(answer_within * 1000))}",)
        self._session = "; ".join([*_SESSION, *limit])
        self._places = BoundedSemaphore(_MOST)
        self._idle: deque[Connection] = deque()

    def take(self, *, fresh: bool = False) -> Connection:
        """A connection for the calling thread alone, until it gives it back.

        :param fresh: a new one: those that lie idle are suspect, and closed.
        :raises psycopg.OperationalError: the server is not to be had.
        :raises CatalogueUnavailable: none came free for half a minute.
        """
        if not self._places.acquire(timeout=_PATIENCE):
            raise CatalogueUnavailable(
                f"the catalogue is too busy: all {_MOST} connections of this process are in use for {_PATIENCE:g} s"
            )
        try:
            if fresh:
                self.close()
            return self._popped() or self._connected()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Let others use a connection, or close it when it is not as it was."""
        if connection.info.transaction_status is TransactionStatus.IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        self._places.release()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while (connection := self._popped()) is not None:
            connection.close()

    def _popped(self) -> Connection | None:
        try:
            return self._idle.pop()  # the one that was used last: its statements are prepared
        except IndexError:
            return None

    def _connected(self) -> Connection:
        connection = psycopg.connect(**self._parameters, autocommit=True, cursor_factory=psycopg.RawCursor)
        # One type for all whole numbers: otherwise each statement is prepared anew for small ones and large ones.
        for dumper in (Int8Dumper, Int8BinaryDumper):
            connection.adapters.register_dumper(int, dumper)
        connection.execute(self._session)
        return connection
