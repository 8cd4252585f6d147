"""The ingestor: takes up what other workers left, then what lies in its inboxes, the most urgent first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from prip_core.catalogue import Ingestion
from prip_core.ingest.brake import Brake
from prip_core.ingest.context import ConfiguredInbox, IngestContext, Outcome
from prip_core.ingest.inheriting import pass_on
from prip_core.ingest.pace import Pace
from prip_core.ingest.patience import Patience
from prip_core.ingest.pipeline import Pipeline
from prip_core.ingest.queue import KEPT, SMALL, Queue, Waiting, is_small
from prip_core.ingest.scout import News, Scout
from prip_core.ingest.sweep import release_forgotten, remove_unfinished_uploads, tell_of_unserved
from prip_core.ingest.urgency import Rank

PICKS = 16
"""So many products a pass takes up that others left, and so many that are new."""

SWEEP_EVERY = timedelta(hours=1)
"""How often a worker looks for what is left of work that nobody will go on with."""

_log = structlog.get_logger(__name__)


class Ingestor:
    """A worker that takes products in.

    :param inboxes: the inboxes that it serves.
    :param stop: set to make a pass end after the products in work.
    :param rescan: the time between two scans of the inboxes, while there is work.
    :param news: what has changed in the watched folders of inboxes since the last call.
    :ivar outcomes: what became of the products so far.
    """

    name = "ingestor"

    def __init__(
        self,
        context: IngestContext,
        inboxes: Sequence[ConfiguredInbox],
        stop: threading.Event,
        *,
        rescan: timedelta = timedelta(seconds=2),
        news: Callable[[], News] = tuple,
    ) -> None:
        self._context = context
        self._inboxes = inboxes
        self._stop = stop
        self._news = news
        self._served = {served.section.name: served for served in inboxes}
        self._pipeline = Pipeline(context, Patience(stop, context.grace))
        self._pace = Pace()
        self._queue = Queue()
        self._brake = Brake(context, inboxes)
        self._scout = Scout(context, inboxes, self._queue, rescan, self._brake.is_on)
        self._distrusted = False
        self._swept: datetime | None = None
        self.outcomes: Counter[Outcome] = Counter()

    @property
    def waiting(self) -> Mapping[Rank, int]:
        """How many products lay in the inboxes when all of them were last looked through, by rank."""
        return self._scout.waiting

    def run_once(self, now: datetime) -> int:
        """Take up ingestions that nobody works on, then some of what lies in the inboxes, the most urgent first.

        Nothing is claimed or swept away while the publication clock cannot be trusted: the bytes wait.

        :param now: tells when it swept last; leases and dates come from the clock of the catalogue.
        :returns: how many products this worker published, refused or put off.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        if not self._clock_is_trusted():
            return 0
        self._pipeline.hand_back()
        self._sweep(now)  # behind the doubt: by a clock that is ahead, everybody's uploads would look abandoned
        return pass_on(self._context) + self._count(self._take_over()) + self._count(self._take_in())

    def _sweep(self, now: datetime) -> None:
        if self._swept is not None and abs(now - self._swept) < SWEEP_EVERY:
            return
        self._swept = now
        remove_unfinished_uploads(self._context)
        release_forgotten(self._context, self._inboxes)
        tell_of_unserved(self._context, self._inboxes)

    def _clock_is_trusted(self) -> bool:
        status = self._context.catalogue.clock.status()
        if not status.trusted and not self._distrusted:
            _log.error("ingest waits", reason=status.reason)
        if not status.trusted:
            self._brake.stop_all(str(status.reason))
        self._distrusted = not status.trusted
        return status.trusted

    def _count(self, batches: Iterator[Sequence[Outcome]]) -> int:
        done = 0
        for outcomes in batches:
            self.outcomes.update(outcomes)
            done += sum(outcome is not Outcome.LOST for outcome in outcomes)
            pass_on(self._context)
        return done

    def _take_over(self) -> Iterator[Sequence[Outcome]]:
        taken = 0
        # Very many may have become due at once: what is fresh is looked for in between.
        while taken < PICKS and not self._stop.is_set() and (left := self._left()):
            taken += len(left)
            work = partial(self._pipeline.resume_all, [(self._served[each.inbox], each) for each in left])
            yield self._pace.measured(work) if is_small(left[0].size) else work()

    def _left(self) -> Sequence[Ingestion]:
        """What others left: small ones go side by side; what a worker may have died over goes alone.

        No more is taken up than goes at once: nobody would renew the lease of what has to wait for the others.
        """
        taken = self._context.catalogue.ingestions.take_over_all(
            list(self._served), self._context.lease, most=self._pace.size, small=SMALL
        )
        for each in taken:
            _log.info("product taken up", product=each.name, id=str(each.uuid), attempt=each.attempts)
        return taken

    def _take_in(self) -> Iterator[Sequence[Outcome]]:
        taken = 0
        while taken < PICKS and not self._stop.is_set() and (chosen := self._choose()):
            taken += len(chosen)
            work = partial(self._pipeline.accept_all, [(each.served, each.candidate) for each in chosen])
            outcomes = self._pace.measured(work) if is_small(chosen[0].candidate.size) else work()
            for waiting, outcome in zip(chosen, outcomes, strict=True):
                if outcome is Outcome.LOST:
                    self._scout.leave_alone(waiting)
            yield outcomes

    def _choose(self) -> Sequence[Waiting]:
        """The most urgent of what lies there; nothing when nothing does."""
        self._scout.hear(self._news())
        for _ in range(KEPT):
            self._scout.look()
            chosen = self._queue.take(self._context.clock.now().timestamp(), self._pace.size)
            present = [waiting for waiting in chosen if self._scout.still_there(waiting)]
            if present or not chosen:
                return present
        return []
