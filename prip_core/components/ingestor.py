"""The ingestor: takes up what other workers left, then empties its inboxes, the more urgent ones first."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog

from prip_core.ingest.context import ConfiguredInbox, IngestContext, Outcome
from prip_core.ingest.lookout import Lookout
from prip_core.ingest.pipeline import Pipeline
from prip_core.ingest.sweep import release_forgotten, remove_unfinished_uploads

WINDOW = 64
"""How many of an inbox's oldest products one pass looks at.

Workers on one inbox take them in random order, or all of them would reach for the same file at the same time.
"""

SWEEP_EVERY = timedelta(hours=1)
"""How often a worker looks for what is left of work that nobody will go on with."""

_log = structlog.get_logger(__name__)


class Ingestor:
    """A worker that takes products in.

    :param inboxes: the inboxes that it serves; those of higher ``priority`` are emptied first.
    :param stop: set to make a pass end after the product in work.
    :ivar outcomes: what became of the products so far.
    """

    name = "ingestor"

    def __init__(self, context: IngestContext, inboxes: Sequence[ConfiguredInbox], stop: threading.Event) -> None:
        self._context = context
        self._inboxes = sorted(inboxes, key=lambda served: -served.section.priority)
        self._stop = stop
        self._pipeline = Pipeline(context)
        self._lookout = Lookout()
        self._distrusted = False
        self._swept: datetime | None = None
        self.outcomes: Counter[Outcome] = Counter()

    def run_once(self, now: datetime) -> int:
        """Take up ingestions that nobody works on, then what lies in the inboxes: at most a window of each.

        Nothing is claimed while the publication clock cannot be trusted: the bytes wait.

        :param now: tells when it swept last; leases and dates come from the clock of the catalogue.
        :returns: how many products this worker published, refused or put off.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        self._sweep(now)
        if not self._clock_is_trusted():
            return 0
        return self._count(self._take_over()) + self._count(self._take_in())

    def _sweep(self, now: datetime) -> None:
        if self._swept is not None and abs(now - self._swept) < SWEEP_EVERY:
            return
        self._swept = now
        remove_unfinished_uploads(self._context)
        release_forgotten(self._context, self._inboxes)

    def _clock_is_trusted(self) -> bool:
        status = self._context.catalogue.clock.status()
        if not status.trusted and not self._distrusted:
            _log.error("ingest waits", reason=status.reason)
        self._distrusted = not status.trusted
        return status.trusted

    def _count(self, outcomes: Iterator[Outcome]) -> int:
        done = 0
        for outcome in outcomes:
            self.outcomes[outcome] += 1
            done += outcome is not Outcome.LOST
        return done

    def _take_over(self) -> Iterator[Outcome]:
        served = {each.section.name: each for each in self._inboxes}
        # Very many may have become due at once: what is fresh is looked for in between.
        for _ in range(WINDOW):
            if self._stop.is_set():
                return
            ingestion = self._context.catalogue.ingestions.take_over(list(served), self._context.lease)
            if ingestion is None:
                return
            _log.info("product taken up", product=ingestion.name, id=str(ingestion.uuid), attempt=ingestion.attempts)
            yield self._pipeline.resume(served[ingestion.inbox], ingestion)

    def _take_in(self) -> Iterator[Outcome]:
        for place, served in enumerate(self._inboxes):
            window = list(islice(self._lookout.scan(served), WINDOW))
            random.shuffle(window)
            for number, candidate in enumerate(window):
                if self._stop.is_set() or (number and self._something_more_urgent(place)):
                    return
                if self._lookout.still_there(served, candidate):
                    yield self._pipeline.accept(served, candidate)

    def _something_more_urgent(self, place: int) -> bool:
        own = self._inboxes[place].section.priority
        urgent = (served for served in self._inboxes[:place] if served.section.priority > own)
        return any(next(self._lookout.scan(served), None) is not None for served in urgent)
