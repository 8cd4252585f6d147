"""The outbox: work that a verdict about a product causes, written in its transaction, done at least once after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
from peewee import Case, fn

from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.due import FURTHEST, first_due
from prip_core.catalogue.tables import OutboxRow
from prip_core.clock import Clock
from prip_core.errors import LeaseLost
from prip_core.products import NewProduct
from prip_core.times import from_milliseconds, to_milliseconds

_WAITING = OutboxRow.done_at.is_null() & OutboxRow.dead_at.is_null()
_DEAD = OutboxRow.dead_at.is_null(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A piece of work for one channel.

    :param subject: what it is about, e.g. the Id of a product.
    :param payload: a JSON object.
    :param due_at: it is not to be taken up before, UTC; while somebody works on it, when that one's lease ends.
    :param attempts: how often work on it has begun.
    :param faults: how often that ended in an unexpected error, or with the worker's death.
    :param token: the right to act on it; ``None``: nobody works on it.
    :param last_error: what went wrong at the last attempt.
    :param dead_at: when it was given up, UTC; ``None``: it is not.
    """

    id: int
    channel: str
    subject: str
    payload: Mapping[str, Any]
    due_at: datetime
    attempts: int
    faults: int
    token: str | None
    last_error: str | None
    dead_at: datetime | None


_COLUMNS = (
    OutboxRow.id,
    OutboxRow.channel,
    OutboxRow.subject,
    OutboxRow.payload,
    OutboxRow.due_at,
    OutboxRow.attempts,
    OutboxRow.faults,
    OutboxRow.token,
    OutboxRow.last_error,
    OutboxRow.dead_at,
)


def post(database: Database, channels: Sequence[str], subject: str, payload: Mapping[str, Any], due: int) -> None:
    """Write work for each of several channels; inside a writing transaction only.

    :param payload: what JSON can hold.
    :param due: milliseconds.
    """
    text = orjson.dumps(payload).decode()
    for channel in channels:
        row = {"channel": channel, "subject": subject, "payload": text, "due_at": due, "attempts": 0, "faults": 0}
        database.execute(OutboxRow.insert(row))


def post_publication(database: Database, product: NewProduct, date: int, channels: Sequence[str]) -> None:
    """Tell each channel that a product is published; inside a writing transaction only.

    :param date: of the publication, milliseconds.
    """
    payload = {"event": "published", "id": str(product.id), "name": product.name}
    post(database, channels, str(product.id), payload, date)


class Outbox:
    """The work that is to be done. What changes an entry raises ``LeaseLost`` when its token is no longer valid."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def is_due(self, channel: str) -> bool:
        """Whether there is something to take up now; it costs a look into an index."""
        return self._next(channel, self._now()) is not None

    def claim(self, channel: str, lease: timedelta) -> OutboxEntry | None:
        """Take up what is due longest of a channel.

        Where it was not handed back, its worker died over it, which counts as a fault.

        :param lease: how long nobody else may take it up.
        :returns: the entry under a new token, one attempt more; ``None`` when nothing is due.
        """
        now = self._now()
        # Most looks find nothing: they must not queue for the write lock.
        if self._next(channel, now) is None:
            return None
        with self._database.writing():
            number = self._next(channel, now)
            if number is None:
                return None
            self._database.execute(
                OutboxRow.update(
                    token=uuid4().hex,
                    due_at=now + lease // timedelta(milliseconds=1),
                    attempts=OutboxRow.attempts + 1,
                    faults=OutboxRow.faults + Case(None, [(OutboxRow.token.is_null(), 0)], 1),
                ).where(OutboxRow.id == number)
            )
            row = self._database.row(OutboxRow.select(*_COLUMNS).where(OutboxRow.id == number))
        assert row is not None, "read in the transaction that wrote it"
        return _entry(row)

    def renew(self, entry: OutboxEntry, lease: timedelta) -> None:
        """Keep the right to act for this long from now."""
        self._change(entry, due_at=self._now() + lease // timedelta(milliseconds=1))

    def done(self, entry: OutboxEntry) -> None:
        """Record that the work is done."""
        self._change(entry, token=None, done_at=self._now(), last_error=None)

    def postpone(self, entry: OutboxEntry, until: datetime, error: str, *, faults: int = 0) -> None:
        """Hand it back after a failure that may pass: it is due again at this time, in a day at the latest.

        :param error: what went wrong, for the operator.
        :param faults: 1 when the error was an unexpected one, which will not pass for ever.
        """
        due = min(to_milliseconds(until), self._now() + FURTHEST // 2)
        self._change(entry, token=None, due_at=due, last_error=_storable(error), faults=entry.faults + faults)

    def bury(self, entry: OutboxEntry, error: str) -> None:
        """Give it up: it waits for an operator.

        :param error: why.
        """
        self._change(entry, token=None, dead_at=self._now(), last_error=_storable(error))

    def retry(self, number: int) -> bool:
        """Let an entry be taken up now, with no faults, that was given up or waits for another attempt.

        :returns: ``False``: there is none of this number, it is done, or somebody works on it now.
        """
        at_rest = _DEAD | (_WAITING & OutboxRow.token.is_null())
        with self._database.writing():
            changed = self._database.execute(
                OutboxRow.update(due_at=self._now(), dead_at=None, faults=0).where((OutboxRow.id == number) & at_rest)
            )
        return changed > 0

    def waiting(self, limit: int) -> Sequence[OutboxEntry]:
        """What is to be done, what is due longest first.

        :param limit: the most entries.
        """
        return self._entries(OutboxRow.select(*_COLUMNS).where(_WAITING).order_by(OutboxRow.due_at).limit(limit))

    def dead(self, limit: int) -> Sequence[OutboxEntry]:
        """What was given up, the latest first.

        :param limit: the most entries.
        """
        newest = OutboxRow.dead_at.desc()
        return self._entries(OutboxRow.select(*_COLUMNS).where(_DEAD).order_by(newest).limit(limit))

    def counts(self) -> tuple[int, int]:
        """How many entries wait, and how many are given up."""
        waiting, dead = (
            self._database.row(OutboxRow.select(fn.COUNT(OutboxRow.id)).where(which)) for which in (_WAITING, _DEAD)
        )
        assert waiting is not None
        assert dead is not None
        return waiting[0], dead[0]

    def depths(self) -> Sequence[tuple[str, int, datetime]]:
        """How many entries of each channel wait, and when the first of them is due."""
        count, first = fn.COUNT(OutboxRow.id), fn.MIN(OutboxRow.due_at)
        query = OutboxRow.select(OutboxRow.channel, count, first).where(_WAITING).group_by(OutboxRow.channel)
        return [(channel, number, from_milliseconds(due)) for channel, number, due in self._database.rows(query)]

    def _entries(self, query: Any) -> list[OutboxEntry]:
        return [_entry(row) for row in self._database.rows(query)]

    def _next(self, channel: str, now: int) -> int | None:
        """The entry that is due longest."""
        query = OutboxRow.select(OutboxRow.id).where((OutboxRow.channel == channel) & _WAITING)
        row = first_due(self._database, query.order_by(OutboxRow.due_at, OutboxRow.id), OutboxRow.due_at, now)
        return None if row is None else int(row[0])

    def _change(self, entry: OutboxEntry, **values: Any) -> None:
        held = (OutboxRow.id == entry.id) & (OutboxRow.token == entry.token)
        with self._database.writing():
            changed = self._database.execute(OutboxRow.update(**values).where(held))
        if not changed:
            raise LeaseLost(f"the outbox entry {entry.id} ({entry.channel}) has passed to another worker")

    def _now(self) -> int:
        return to_milliseconds(self._clock.now())


def _entry(row: Row) -> OutboxEntry:
    number, channel, subject, payload, due_at, attempts, faults, token, last_error, dead_at = row
    return OutboxEntry(
        id=number,
        channel=channel,
        subject=subject,
        payload=orjson.loads(payload),
        due_at=from_milliseconds(due_at),
        attempts=attempts,
        faults=faults,
        token=token,
        last_error=last_error,
        dead_at=None if dead_at is None else from_milliseconds(dead_at),
    )


def _storable(error: str) -> str:
    """What a plugin says of its failure may hold what is no text to a database."""
    return error.encode("utf-8", "replace").decode().replace("\0", "?")
