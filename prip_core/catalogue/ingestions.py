"""Ingestions: who works on which delivery, by leases whose token every later step has to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from peewee import Case, Field, fn

from prip_core.catalogue.database import Database
from prip_core.catalogue.due import FURTHEST, first_due
from prip_core.catalogue.ingestion_rows import (
    BEGUN,
    COLUMNS,
    HANDED_BACK,
    HELD,
    Ingestion,
    IngestionState,
    begun,
    held,
    ingestion_of,
    new_row,
    new_token,
)
from prip_core.catalogue.outbox import post
from prip_core.catalogue.relatives import is_published, stems
from prip_core.catalogue.tables import Product, StoredIngestion
from prip_core.clock import Clock
from prip_core.errors import LeaseLost, PermanentError
from prip_core.model import Candidate, ProductRejectedEvent, Rejection
from prip_core.rejections import event_document, rejection_document
from prip_core.times import to_milliseconds

_STATE = f"SELECT state FROM ingestion {HELD}"  # noqa: S608  # constants
_DELETE = f"DELETE FROM ingestion {HELD}"  # noqa: S608  # constants


class Ingestions:
    """The deliveries in work. What changes one raises ``LeaseLost`` when its token is no longer valid."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin_all(self, claims: Sequence[tuple[UUID, str, Candidate]], lease: timedelta) -> Sequence[Ingestion]:
        """Announce claims, before the inbox is touched.

        :param claims: a new UUID, the future product's Id, the name of its inbox, and what lies there.
        :param lease: how long nobody else may take them over.
        """
        now = self._now()
        new = [begun(*claim, now) for claim in claims]
        leased_until = now + lease // timedelta(milliseconds=1)
        with self._database.writing():
            self._database.insert("ingestion", BEGUN, [new_row(each, leased_until) for each in new])
        return new

    def take_over_all(self, inboxes: Sequence[str], lease: timedelta, *, most: int, small: int) -> Sequence[Ingestion]:
        """Take up ingestions that nobody works on, in one transaction: those that have been due for longest.

        Where one was not handed back, its worker died over it, which counts as a fault. It is taken up alone, and so is
        a large one.

        :param inboxes: names of the inboxes that the worker serves.
        :param lease: how long nobody else may take them over.
        :param most: how many at the most.
        :param small: bytes; what has no more may be taken up together with others.
        :returns: each under a new token, one attempt more; none when there is nothing to take up.
        """
        now = self._now()
        # Most looks find nothing: they must not queue for the write lock.
        if self._next(inboxes, now) is None:
            return []
        taken: list[Ingestion] = []
        with self._database.writing():
            while len(taken) < most and (uuid := self._next(inboxes, now, small if taken else None)) is not None:
                taken.append(self._taken(uuid, now, lease))
                if taken[0].faults or taken[0].size > small:
                    break
        return taken

    def _taken(self, uuid: UUID, now: int, lease: timedelta) -> Ingestion:
        self._database.execute(
            StoredIngestion.update(
                token=new_token(),
                leased_until=now + lease // timedelta(milliseconds=1),
                attempts=StoredIngestion.attempts + 1,
                faults=StoredIngestion.faults + Case(None, [(StoredIngestion.token == HANDED_BACK, 0)], 1),
                waited=fn.COALESCE(StoredIngestion.awaits, StoredIngestion.waited),
                awaits=None,
            ).where(StoredIngestion.uuid == uuid.bytes)
        )
        return self._read(uuid)

    def _next(self, inboxes: Sequence[str], now: int, beside_others: int | None = None) -> UUID | None:
        """What is to be taken up.

        :param beside_others: bytes; only one that has no more, and that nobody may have died over.
        """
        free = StoredIngestion.inbox.in_(list(inboxes)) & _passed(StoredIngestion.leased_until, now)
        if beside_others is not None:
            harmless = (StoredIngestion.token == HANDED_BACK) & (StoredIngestion.faults == 0)
            free &= harmless & (StoredIngestion.size <= beside_others)
        in_order = (StoredIngestion.due_at, StoredIngestion.arrived, StoredIngestion.uuid)
        query = StoredIngestion.select(StoredIngestion.uuid).where(free).order_by(*in_order)
        row = first_due(self._database, query, StoredIngestion.due_at, now)
        return None if row is None else UUID(bytes=bytes(row[0]))

    def renew(self, ingestion: Ingestion, lease: timedelta) -> None:
        """Keep the right to act for this long from now."""
        _raise_first(self.renew_all([ingestion], lease))

    def renew_all(self, ingestions: Sequence[Ingestion], lease: timedelta) -> Sequence[LeaseLost | None]:
        """Keep the right to act on several, where it is not lost."""
        until = {"leased_until": self._now() + lease // timedelta(milliseconds=1)}
        return self._change_all([(ingestion, until) for ingestion in ingestions])

    def store_all_at(self, places: Sequence[tuple[Ingestion, str, str]]) -> Sequence[LeaseLost | None]:
        """Say where bytes will be, before the first is written, so that whoever comes later can find them.

        :param places: whose, the name of the storage, and the key there.
        """
        return self._change_all([(ingestion, {"storage": storage, "key": key}) for ingestion, storage, key in places])

    def postpone(self, ingestion: Ingestion, until: datetime, error: str, *, faults: int = 0) -> None:
        """Hand it back after a failure that may pass: the lease ends, and it is due again at this time.

        :param error: what went wrong, for the operator.
        :param faults: 1 when the error was an unexpected one, which will not pass for ever.
        """
        self._change(
            ingestion,
            token=HANDED_BACK,
            leased_until=self._now(),
            due_at=to_milliseconds(until),
            last_error=error,
            faults=ingestion.faults + faults,
        )

    def wait(self, ingestion: Ingestion, parent: str, at_most: timedelta) -> bool:
        """Hand it back until a product is published that it is about, or for so long.

        That is looked up under the write lock, which the publication holds, too: none is missed. Waiting is no attempt.

        :param parent: the product's name, without suffix.
        :returns: whether it waits now; otherwise the product is there, and nothing has changed.
        """
        now = self._now()
        with self._database.writing():
            if is_published(self._database, parent):
                return False
            self._change(
                ingestion,
                token=HANDED_BACK,
                leased_until=now,
                due_at=now + at_most // timedelta(milliseconds=1),
                attempts=ingestion.attempts - 1,
                awaits=parent,
                last_error=f"{parent} is not published yet",
            )
        return True

    def release(self, names: Sequence[str]) -> None:
        """Make all due that wait for products; in the transaction that publishes these.

        :param names: the products', with their suffixes.
        """
        called = sorted({stem for name in names for stem in stems(name)})
        self._database.change(
            f"UPDATE ingestion SET due_at = ? WHERE awaits IN ({', '.join('?' * len(called))})",  # noqa: S608
            (self._now(), *called),
        )

    def reject(self, ingestion: Ingestion, rejection: Rejection, *, channels: Sequence[str] = ()) -> Ingestion:
        """Record the verdict, before anything is moved or deleted; repeating it is fine.

        :param channels: the outbox channels that are to be told, once.
        :raises PermanentError: it is published, or a duplicate: it cannot be refused any more.
        """
        with self._database.writing():
            state = self.check(ingestion)
            published = self._database.row(Product.select(Product.seq).where(Product.id == ingestion.uuid.bytes))
            if published is not None or state not in {IngestionState.CLAIMED, IngestionState.REJECTED}:
                raise PermanentError(f"{ingestion.name} ({ingestion.uuid}) cannot be refused: it is {state}")
            document = orjson.dumps(rejection_document(rejection)).decode()
            self.settle(ingestion, IngestionState.REJECTED, rejection=document)
            if state is IngestionState.CLAIMED:
                self._post(ingestion, rejection, channels)
            return self._read(ingestion.uuid)

    def close(self, ingestion: Ingestion) -> None:
        """Forget an ingestion: all its work is done, or there is none, as its file could not be claimed."""
        _raise_first(self.close_all([ingestion]))

    def close_all(self, ingestions: Sequence[Ingestion]) -> Sequence[LeaseLost | None]:
        """Forget several, as :meth:`close` does."""
        with self._database.writing():
            return [
                None if self._database.change(_DELETE, held(ingestion)) else _lost(ingestion)
                for ingestion in ingestions
            ]

    def open(self, limit: int | None = None) -> Sequence[Ingestion]:
        """Those that do not wait for a parent, oldest first, then those that do.

        :param limit: the most; ``None``: all.
        """
        waiting = Case(None, [(StoredIngestion.awaits.is_null(), 0)], 1)
        query = StoredIngestion.select(*COLUMNS).order_by(waiting, StoredIngestion.arrived, StoredIngestion.uuid)
        return [ingestion_of(row) for row in self._database.rows(query.limit(limit))]

    def count(self) -> int:
        """How many there are."""
        ((number,),) = self._database.rows_of("SELECT count(*) FROM ingestion")
        return int(number)

    def uuids(self) -> set[UUID]:
        """Those of all of them; tens of thousands of reports may be waiting."""
        return {UUID(bytes=bytes(uuid)) for (uuid,) in self._database.rows_of("SELECT uuid FROM ingestion")}

    def check(self, ingestion: Ingestion) -> IngestionState:
        """What is decided about an ingestion: the last word inside a writing transaction, a glance outside of one.

        :raises LeaseLost: the token is not valid.
        """
        rows = self._database.rows_of(_STATE, held(ingestion))
        if not rows:
            raise _lost(ingestion)
        return IngestionState(rows[0][0])

    def is_forgotten(self, uuid: UUID) -> bool:
        """Tell whether an Id is nobody's and never will be anybody's again: it is neither in work nor published.

        :raises TransientError: the database is locked or the disk full.
        """
        with self._database.writing():
            in_work = StoredIngestion.select(StoredIngestion.uuid).where(StoredIngestion.uuid == uuid.bytes)
            published = Product.select(Product.seq).where(Product.id == uuid.bytes)
            return self._database.row(in_work) is None and self._database.row(published) is None

    def settle(self, ingestion: Ingestion, state: IngestionState, **values: Any) -> None:
        """Record a decision after :meth:`check`, in the same transaction."""
        changed = {"state": state.value, **values}
        self._database.change(
            f"UPDATE ingestion SET {_assigned(changed)} WHERE uuid = ?",  # noqa: S608  # names of ours
            (*changed.values(), ingestion.uuid.bytes),
        )

    def _post(self, ingestion: Ingestion, rejection: Rejection, channels: Sequence[str]) -> None:
        event = ProductRejectedEvent(rejection=rejection, size=ingestion.size, arrived=ingestion.arrived)
        post(self._database, channels, str(ingestion.uuid), event_document(event), self._now())

    def _change(self, ingestion: Ingestion, **values: Any) -> None:
        _raise_first(self._change_all([(ingestion, values)]))

    def _change_all(self, changes: Sequence[tuple[Ingestion, Mapping[str, Any]]]) -> Sequence[LeaseLost | None]:
        """In one transaction; the error of each that has passed to another worker."""
        with self._database.writing():
            return [
                None
                if self._database.change(_update(values), (*values.values(), *held(ingestion)))
                else _lost(ingestion)
                for ingestion, values in changes
            ]

    def _read(self, uuid: UUID) -> Ingestion:
        row = self._database.row(StoredIngestion.select(*COLUMNS).where(StoredIngestion.uuid == uuid.bytes))
        assert row is not None, "read in the transaction that wrote it"
        return ingestion_of(row)

    def _now(self) -> int:
        return to_milliseconds(self._clock.now())


def _raise_first(errors: Sequence[LeaseLost | None]) -> None:
    for error in errors:
        if error is not None:
            raise error


def _update(values: Mapping[str, Any]) -> str:
    return f"UPDATE ingestion SET {_assigned(values)} {HELD}"  # noqa: S608  # names of ours


def _assigned(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{column} = ?" for column in values)


def _lost(ingestion: Ingestion) -> LeaseLost:
    return LeaseLost(f"the ingestion of {ingestion.name} ({ingestion.uuid}) has passed to another worker")


def _passed(moment: Field, now: int) -> Any:
    return (moment <= now) | (moment > now + FURTHEST)
