"""The publication clock: hands out seq, change_seq and dates that never repeat, go back or run ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prip_core.catalogue.database import Database
from prip_core.catalogue.tables import ClockRow
from prip_core.clock import Clock
from prip_core.errors import ClockJumped
from prip_core.times import format_utc, from_milliseconds, to_milliseconds

_PACE = 1000  # ms that the last date may be ahead of now; a publisher waits beyond it
_JUMP = 60_000  # ms beyond which it is no longer haste, but a clock that cannot be right


class RanAhead(Exception):
    """Others published so fast that this publication has to wait once more, outside the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStatus:
    """What the publication clock says.

    :param now: the wall clock, UTC.
    :param last: the last date handed out, ``None`` before the first.
    :param lead: how far ``last`` is ahead of ``now``; zero when it is not.
    :param trusted: products can be dated now.
    :param reason: why not, and what to do; ``None`` when they can.
    """

    now: datetime
    last: datetime | None
    lead: timedelta
    trusted: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one change of the catalogue is given: its numbers and its date in milliseconds.

    :param seq: number of the last product published so far.
    :param change_seq: number of this change.
    """

    seq: int
    change_seq: int
    date: int


@dataclass(frozen=True, slots=True)
class _State:
    last_seq: int
    last_change_seq: int
    last_date: int | None
    accepted: int
    accepted_lead: int

    def lead(self, now: int) -> int:
        return 0 if self.last_date is None else self.last_date - now

    def excess(self, now: int) -> int:
        """Milliseconds that the last date is ahead of now, what an operator accepted taken off."""
        return self.lead(now) - self.accepted_lead


class PublicationClock:
    """One for each process and database: it remembers how wall clock and boot clock stood when it was made."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._accepted = self._state().accepted
        self._offset = self._measured_offset()

    def status(self) -> ClockStatus:
        """Whether products can be dated now.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        state = self._state()
        now = self._clock.now()
        reason = self._distrust(state)
        return ClockStatus(
            now=now,
            last=None if state.last_date is None else from_milliseconds(state.last_date),
            lead=timedelta(milliseconds=max(0, state.lead(to_milliseconds(now)))),
            trusted=reason is None,
            reason=reason,
        )

    def accept(self, by: str) -> ClockStatus:
        """Declare the wall clock right, for all processes: dates go on after the last one, however far ahead it is.

        :param by: who says so.
        :raises TransientError: the database is locked or the disk full.
        """
        with self._database.writing():
            state = self._state()
            now = to_milliseconds(self._clock.now())
            self._database.execute(
                ClockRow.update(
                    accepted=state.accepted + 1,
                    accepted_lead=max(0, state.lead(now)),
                    accepted_by=by,
                    accepted_at=now,
                )
            )
        return self.status()

    def check(self) -> None:
        """Go on only while the wall clock can be trusted.

        :raises ClockJumped: it cannot.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        if (reason := self._distrust(self._state())) is not None:
            raise ClockJumped(reason)

    def wait(self, changes: int = 1) -> None:
        """Let time pass until the last date of so many changes is at most a second ahead, outside the write lock.

        A clock that cannot be trusted is not waited for: :meth:`advance` says what is wrong.
        """
        while True:
            state = self._state()
            excess = state.excess(self._now()) + changes - 1
            if excess <= _PACE or self._distrust(state) is not None:
                return
            self._clock.sleep((excess - _PACE) / 1000)

    def advance(self, *, products: int = 0, online: int = 0) -> Turn:
        """Hand out the next numbers and date; inside a writing transaction only.

        :param products: how many products this change adds, 0 or 1.
        :param online: by how many the number of products online changes.
        :raises ClockJumped: nothing can be dated.
        :raises RanAhead: end the transaction, :meth:`wait`, begin again.
        """
        return self.advance_by(1, products=products, online=online)[0]

    def advance_by(self, changes: int, *, products: int = 0, online: int = 0) -> Sequence[Turn]:
        """Hand out as many turns at once, each later than the one before, as :meth:`advance` does.

        :param products: how many products are added: none, or one by each change.
        """
        state = self._state()
        if (reason := self._distrust(state)) is not None:
            raise ClockJumped(reason)
        now = self._now()
        if state.excess(now) + changes - 1 > _PACE:
            raise RanAhead
        before = now - 1 if state.last_date is None else max(now - 1, state.last_date)
        turns = [
            Turn(
                seq=state.last_seq + min(number, products),
                change_seq=state.last_change_seq + number,
                date=before + number,
            )
            for number in range(1, changes + 1)
        ]
        self.record(
            turns[-1],
            products=products,
            online=online,
            # What was accepted shrinks as time catches up, and never comes back.
            accepted_lead=min(state.accepted_lead, max(0, turns[-1].date - now)),
        )
        return turns

    def last(self) -> Turn:
        """The numbers and the date that were handed out last; the date is 0 before the first."""
        state = self._state()
        return Turn(seq=state.last_seq, change_seq=state.last_change_seq, date=state.last_date or 0)

    def record(self, turn: Turn, *, products: int, online: int, accepted_lead: int | None = None) -> None:
        """Make a turn the last one; inside a writing transaction only.

        :param products: how many products were added since the turn before.
        :param online: by how many the number of products online changed.
        """
        changed = {} if accepted_lead is None else {ClockRow.accepted_lead: accepted_lead}
        self._database.execute(
            ClockRow.update(
                {
                    ClockRow.last_seq: turn.seq,
                    ClockRow.last_change_seq: turn.change_seq,
                    ClockRow.last_date: turn.date,
                    ClockRow.products: ClockRow.products + products,
                    ClockRow.online: ClockRow.online + online,
                    **changed,
                }
            )
        )

    def _distrust(self, state: _State) -> str | None:
        if state.accepted != self._accepted:
            # In this order: another thread that sees the new count must not meet the old offset.
            self._offset = self._measured_offset()
            self._accepted = state.accepted
        drift = self._measured_offset() - self._offset
        if abs(drift) > timedelta(milliseconds=_JUMP):
            direction = "ahead" if drift > timedelta() else "back"
            return (
                f"the clock jumped {abs(drift).total_seconds():.0f} s {direction} while this process ran; "
                "check the machine's time, then run prip clock accept"
            )
        if state.last_date is not None and state.excess(self._now()) > _JUMP:
            return (
                f"the last date given, {format_utc(from_milliseconds(state.last_date))}, is "
                f"{state.lead(self._now()) // 1000} s ahead of the clock; check the machine's time, "
                "then run prip clock accept"
            )
        return None

    def _state(self) -> _State:
        row = self._database.row(
            ClockRow.select(
                ClockRow.last_seq,
                ClockRow.last_change_seq,
                ClockRow.last_date,
                ClockRow.accepted,
                ClockRow.accepted_lead,
            )
        )
        assert row is not None, "the first migration writes the row"
        return _State(*row)

    def _now(self) -> int:
        return to_milliseconds(self._clock.now())

    def _measured_offset(self) -> timedelta:
        """What the wall clock read when the boot clock stood at zero, by both clocks' present word."""
        return self._clock.now() - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=self._clock.boot_seconds())
