"""The dispatcher: tells plugins of what happened, each in a thread of its own, so that none holds up another."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from prip_core import crashpoints
from prip_core.back_off import back_off
from prip_core.catalogue import Catalogue, OutboxEntry
from prip_core.clock import Clock
from prip_core.errors import LeaseLost, PripError, ProductRejected, TransientError
from prip_core.ingest.failures import BUG_ATTEMPTS, DEATHS, is_fault, is_permanent, one_line
from prip_core.ingest.origin import origin_of
from prip_core.plugins import Listening
from prip_core.rejections import read_event

LEASE = timedelta(minutes=1)
"""After so long without a sign of life another dispatcher tells the event."""

_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.05
_COMPLAIN_SECONDS = 60.0
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(hours=1)
_DAY = timedelta(days=1)

_log = structlog.get_logger(__name__)


class Dispatcher:
    """Tells everyone who listens what stands in the outbox for them.

    :param stop: set to end the work of each plugin after the event that it is being told.
    """

    name = "dispatcher"

    def __init__(
        self, catalogue: Catalogue, listening: Sequence[Listening], clock: Clock, stop: threading.Event
    ) -> None:
        self._tellers = [_Teller(catalogue, each, clock, stop) for each in listening]

    def run_once(self, now: datetime) -> int:  # noqa: ARG002 - what is due is told by the catalogue's clock
        """Tell what is due. A plugin that takes longer than a few seconds goes on beside the next passes.

        :returns: how many events were told, put off or given up.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        before = sum(teller.settled for teller in self._tellers)
        for teller in self._tellers:
            teller.start_if_due()
        end = time.monotonic() + _PATIENCE_SECONDS
        while self.busy and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
        for teller in self._tellers:
            teller.keep()
        return sum(teller.settled for teller in self._tellers) - before

    @property
    def busy(self) -> Sequence[str]:
        """The names of those that are being told something now."""
        return [teller.listening.name for teller in self._tellers if teller.is_busy]


class _Teller:
    """Tells one plugin, one event after the other, in a thread that ends when nothing is due."""

    def __init__(self, catalogue: Catalogue, listening: Listening, clock: Clock, stop: threading.Event) -> None:
        self.listening = listening
        self.settled = 0
        self._catalogue = catalogue
        self._clock = clock
        self._stop = stop
        self._thread: threading.Thread | None = None
        self._current: OutboxEntry | None = None
        self._renewed = self._complained = 0.0

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start_if_due(self) -> None:
        if self.is_busy or self._stop.is_set() or not self._catalogue.outbox.is_due(self.listening.channel):
            return
        # A daemon: a plugin that never answers must not keep the process from ending. Its event is told again.
        self._thread = threading.Thread(target=self._run, name=self.listening.channel, daemon=True)
        self._thread.start()

    def keep(self) -> None:
        """Renew the lease of the event that is being told, and say when that takes very long."""
        entry, now = self._current, time.monotonic()
        if entry is None or now - self._renewed < LEASE.total_seconds() / 3:
            return
        self._renewed = now
        try:
            self._catalogue.outbox.renew(entry, LEASE)
        except LeaseLost:
            return  # it was told this moment, or another dispatcher tells it; the thread will find out
        if now - self._complained >= _COMPLAIN_SECONDS:
            self._complained = now
            _log.warning("plugin does not answer", plugin=self.listening.name, entry=entry.id, subject=entry.subject)

    def _run(self) -> None:
        try:
            while not self._stop.is_set() and self._tell_next():
                self.settled += 1
        except PripError as error:
            _log.warning("events not told", plugin=self.listening.name, error=str(error))
        except Exception as error:  # noqa: BLE001 - the lease runs out, and the event is told again
            _log.error("unexpected error", exc_info=error, **{**origin_of(error), "listening": self.listening.name})
        finally:
            self._current = None
            self._catalogue.leave()

    def _tell_next(self) -> bool:
        entry = self._catalogue.outbox.claim(self.listening.channel, LEASE)
        if entry is None:
            return False
        self._renewed = self._complained = time.monotonic()
        self._current = entry
        try:
            self._tell(entry)
        except LeaseLost as lost:
            _log.warning("event let go", plugin=self.listening.name, entry=entry.id, reason=str(lost))
        self._current = None
        return True

    def _tell(self, entry: OutboxEntry) -> None:
        if entry.faults >= DEATHS:
            self._bury(entry, f"{entry.faults} dispatchers died or failed while they told it; look into the log")
            return
        try:
            event = read_event(entry.payload)
        except ValueError as error:
            self._bury(entry, f"the event cannot be read: {error}")
            return
        try:
            self.listening.tell(event)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and holds up nobody
            self._settle(entry, error)
        except SystemExit as end:  # which would end this thread without a word
            self._settle(entry, RuntimeError(f"it wanted to end the process, by sys.exit({end.code!r})"))
        else:
            crashpoints.reached(crashpoints.TELLING)
            self._catalogue.outbox.done(entry)

    def _settle(self, entry: OutboxEntry, error: Exception) -> None:
        """Put an event off that could not be told, or give it up."""
        told = {"plugin": self.listening.name, "entry": entry.id, "subject": entry.subject}
        faulty = is_fault(error)
        if faulty:
            _log.error("plugin failed", exc_info=error, **{**origin_of(error), **told})
        else:
            _log.warning("event not told", error=one_line(error), **told)
        hopeless = isinstance(error, ProductRejected) or is_permanent(error)
        if hopeless or (faulty and entry.faults + 1 >= BUG_ATTEMPTS):
            self._bury(replace(entry, faults=entry.faults + faulty), one_line(error))
        else:
            until = self._clock.now() + _pause_after(error, entry.attempts)
            self._catalogue.outbox.postpone(entry, until, one_line(error), faults=int(faulty))

    def _bury(self, entry: OutboxEntry, reason: str) -> None:
        self._catalogue.outbox.bury(entry, reason)
        _log.error("event given up", plugin=self.listening.name, entry=entry.id, reason=reason)


def _pause_after(error: Exception, attempts: int) -> timedelta:
    """How long to wait before the next attempt; not shorter than the plugin asks, and a day at the most."""
    asked = error.retry_after if isinstance(error, TransientError) else None
    return min(max(back_off(attempts, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE), asked or timedelta(0)), _DAY)
