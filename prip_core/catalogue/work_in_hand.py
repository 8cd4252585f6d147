"""The deliveries in work as a whole: how many there are, what they wait for, and how far they have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prip_core.catalogue.database import Database
from prip_core.catalogue.ingestion_rows import Ingestion
from prip_core.times import from_milliseconds

_COUNTS = """
    SELECT inbox,
        sum(CASE WHEN token <> '' THEN 1 ELSE 0 END),
        sum(CASE WHEN token = '' AND awaits IS NULL THEN 1 ELSE 0 END),
        min(CASE WHEN token <> '' OR awaits IS NULL THEN arrived END),
        sum(CASE WHEN token = '' AND awaits IS NOT NULL THEN 1 ELSE 0 END),
        min(CASE WHEN token = '' AND awaits IS NOT NULL THEN arrived END)
    FROM ingestion GROUP BY inbox ORDER BY inbox
"""
_IN_WORK = """
    SELECT uuid, name, inbox, size, attempts, step, bytes_read FROM ingestion
    WHERE token <> '' ORDER BY arrived, uuid LIMIT ?
"""
_NOTE = "UPDATE ingestion SET step = ?, bytes_read = ? WHERE uuid = ? AND token = ?"
_STUCK = "SELECT count(*) FROM ingestion WHERE inbox = ? AND token = '' AND awaits IS NULL"  # as its index has it


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionCount:
    """How many deliveries of an inbox are claimed.

    :param in_work: those that somebody works on, or worked on when it died.
    :param to_retry: those that wait for another attempt.
    :param oldest: when the first of these two kinds arrived, UTC; ``None``: there is none.
    :param waiting: those that wait for the product that they are about.
    :param waiting_since: when the first of those arrived, UTC.
    """

    inbox: str
    in_work: int = 0
    to_retry: int = 0
    oldest: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InWork:
    """A delivery that somebody works on.

    :param size: bytes.
    :param attempts: how often work on it has begun.
    :param step: the step of its way that it was in when that was noted last; ``None``: it never was.
    :param bytes_read: how far the one read of it had come then.
    """

    uuid: UUID
    name: str
    inbox: str
    size: int
    attempts: int
    step: str | None
    bytes_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a delivery has come.

    :param step: of its way, as logs call it.
    :param bytes_read: how far the one read of it has come.
    """

    ingestion: Ingestion
    step: str
    bytes_read: int


class WorkInHand:
    """Tells what is claimed, in work or waiting. Everything here may raise ``CatalogueUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_work(self, limit: int) -> Sequence[InWork]:
        """What somebody works on, or worked on when it died; oldest first.

        :param limit: the most.
        """
        return [
            InWork(
                uuid=UUID(bytes=bytes(uuid)),
                name=name,
                inbox=inbox,
                size=size,
                attempts=attempts,
                step=step,
                bytes_read=bytes_read,
            )
            for uuid, name, inbox, size, attempts, step, bytes_read in self._database.rows_of(_IN_WORK, (limit,))
        ]

    def note(self, progress: Sequence[Progress]) -> None:
        """Write down how far deliveries have come, for those who watch; nothing of one that another worker has now."""
        rows = [(each.step, each.bytes_read, each.ingestion.uuid.bytes, each.ingestion.token) for each in progress]
        with self._database.writing():
            self._database.execute_many(_NOTE, rows)

    def counts(self) -> Sequence[IngestionCount]:
        """How many of each inbox there are; of one that has none nothing is told."""
        return [
            IngestionCount(
                inbox=inbox,
                in_work=in_work,
                to_retry=to_retry,
                oldest=None if oldest is None else from_milliseconds(oldest),
                waiting=waiting,
                waiting_since=None if since is None else from_milliseconds(since),
            )
            for inbox, in_work, to_retry, oldest, waiting, since in self._database.rows_of(_COUNTS)
        ]

    def stuck(self, inbox: str) -> int:
        """How many of an inbox wait for another attempt; those that wait for a product that is to come do not count."""
        ((number,),) = self._database.rows_of(_STUCK, (inbox,))
        return int(number)
