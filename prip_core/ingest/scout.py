"""The scout: looks for what lies in the inboxes, a little at a time, so that work goes on however much there is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

import structlog

from prip_core.ingest.context import ConfiguredInbox, IngestContext
from prip_core.ingest.lookout import Lookout
from prip_core.ingest.queue import Key, Queue, Waiting
from prip_core.ingest.urgency import Appraiser, Rank
from prip_core.interfaces import Inbox
from prip_core.model import Candidate

SHARE = 0.1
"""So much of a worker's time is given to looking, while there is work."""

AT_A_TIME = 0.5
"""So long is looked before work goes on; seconds. An inbox of some ten thousand products is seen whole by then."""

News = Iterable[tuple[Inbox, Collection[Path]]]
"""What appeared or changed in the watched folders of inboxes."""

REST = 10.0
"""So long is left alone what lies in an inbox and could not be claimed; seconds."""

_LOOKS = 64  # candidates between two looks at the time
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Scan:
    """A look through all inboxes that is under way; times by the monotonic clock."""

    found: Iterator[tuple[ConfiguredInbox, Candidate]]
    begun: float
    spent: float = 0.0
    counted: Counter[Rank] = field(default_factory=Counter)


class Scout:
    """Fills a worker's queue.

    A scan goes through all inboxes in pieces. What a watched folder brings meanwhile is heard of at once.

    :param rescan: the time between two scans.
    :param is_braked: tells which inboxes are left alone for now.
    :ivar waiting: how many lay there at the last whole scan, by rank.
    """

    def __init__(
        self,
        context: IngestContext,
        inboxes: Sequence[ConfiguredInbox],
        queue: Queue,
        rescan: timedelta,
        is_braked: Callable[[ConfiguredInbox], bool] = lambda _: False,
    ) -> None:
        self._inboxes = inboxes
        self._queue = queue
        self._appraiser = Appraiser(context.missions, context.kpi)
        self._clock = context.clock
        self._rescan = rescan.total_seconds()
        self._lookout = Lookout(is_braked)
        self._scan: _Scan | None = None
        self._next_scan = time.monotonic()
        self._resting: dict[Key, float] = {}
        self.waiting: Counter[Rank] = Counter()

    def hear(self, news: News) -> None:
        """Take note of changes in the folders that are watched."""
        for inbox, changed in news:
            for served in self._inboxes:
                if served.inbox is inbox:
                    self._note((served, candidate) for candidate in self._lookout.news(served, changed))

    def look(self) -> None:
        """Go on looking: as far as need be when nothing waits, else for the share of time that looking has."""
        now = time.monotonic()
        if self._scan is None:
            if len(self._queue) and now < self._next_scan:
                return
            self._begin(now)
        while self._scan is not None and self._may_go_on(self._scan):
            self._go_on(self._scan)
            if len(self._queue):
                return

    def still_there(self, waiting: Waiting) -> bool:
        """Tell whether a candidate still lies unclaimed in its inbox."""
        return self._lookout.still_there(waiting.served, waiting.candidate)

    def leave_alone(self, waiting: Waiting) -> None:
        """Pass over a candidate for a while that still lies there after its claim: the next one would fail, too."""
        if self.still_there(waiting):
            self._resting[waiting.key] = time.monotonic() + REST

    def _rests(self, served: ConfiguredInbox, candidate: Candidate) -> bool:
        end = self._resting.get((served.section.name, candidate.path))
        return end is not None and time.monotonic() < end

    def _begin(self, now: float) -> None:
        self._queue.left_out = False
        found = ((served, candidate) for served in self._inboxes for candidate in self._lookout.scan(served))
        self._scan = _Scan(found, now)

    def _may_go_on(self, scan: _Scan) -> bool:
        return not len(self._queue) or scan.spent <= SHARE * (time.monotonic() - scan.begun)

    def _go_on(self, scan: _Scan) -> None:
        begun = time.monotonic()
        while ranks := self._note(islice(scan.found, _LOOKS)):
            scan.counted.update(ranks)
            if time.monotonic() - begun >= AT_A_TIME:
                break
        scan.spent += time.monotonic() - begun
        if not ranks:
            self._finish(scan)

    def _finish(self, scan: _Scan) -> None:
        self._scan = None
        self.waiting = scan.counted
        now = time.monotonic()
        self._resting = {key: end for key, end in self._resting.items() if now < end}
        self._next_scan = now + max(self._rescan, scan.spent * (1 / SHARE - 1))
        if self._queue.left_out:
            _log.info("products wait", **{rank.name.lower(): number for rank, number in sorted(scan.counted.items())})

    def _note(self, found: Iterable[tuple[ConfiguredInbox, Candidate]]) -> list[Rank]:
        """Let candidates wait that are not known yet; the rank of each."""
        now = self._clock.now().timestamp()
        ranks = []
        for served, candidate in found:
            known = self._queue.known(served, candidate)
            urgency = self._appraiser.urgency(served, candidate) if known is None else known.urgency
            if known is None and not self._rests(served, candidate):
                self._queue.add(served, candidate, urgency, now)
            ranks.append(urgency.at(now)[0])
        return ranks
