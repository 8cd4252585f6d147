"""The clock that all machines share: the database server's."""

from __future__ import annotations

from datetime import datetime

from prip_core.catalogue.database import Database
from prip_core.clock import Clock
from prip_core.times import from_milliseconds


class ServerClock:
    """The server's wall clock, in milliseconds, beside this machine's clock that nobody can set.

    A wall clock that jumps, or a fail-over to a server with another time, shows as with a clock of this machine.
    """

    def __init__(self, database: Database, machine: Clock) -> None:
        self._database = database
        self._machine = machine

    def now(self) -> datetime:
        """The server's wall clock: aware, UTC.

        :raises CatalogueUnavailable: it does not answer.
        """
        ((milliseconds,),) = self._database.rows_of(
            "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        )
        return from_milliseconds(milliseconds)

    def boot_seconds(self) -> float:
        """This machine's."""
        return self._machine.boot_seconds()

    def sleep(self, seconds: float) -> None:
        """Let this much time pass."""
        self._machine.sleep(seconds)
