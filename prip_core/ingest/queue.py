"""The queue of a worker: the most urgent of what lies in the inboxes, as far as it was seen."""

from __future__ import annotations

import random
from bisect import insort
from dataclasses import dataclass, field
from itertools import count, islice, takewhile

from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.urgency import Rank, Urgency
from prip_core.model import Candidate

KEPT = 2048
"""So many of each rank are kept in mind; where there are more, the scans to come find the others."""

NEAR = 8
"""Workers beside each other take one of so many at the head, at random, or all would reach for the same file."""

SMALL = 8 * 1024 * 1024
"""Products of so many bytes at the most are taken in side by side."""

NEARLY = 60.0
"""What is due within so many seconds of the first is as urgent."""

SHARE_OF_THE_LATE = 5
"""One of so many picks is what is late already, while there is any."""

Key = tuple[str, str]
"""What tells candidates apart: the name of the inbox, and the path there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A candidate that waits.

    :param number: tells those of the same moment apart: first seen, first served.
    """

    served: ConfiguredInbox
    candidate: Candidate
    urgency: Urgency
    number: int

    @property
    def key(self) -> Key:
        """What tells it apart."""
        return self.served.section.name, self.candidate.path


Entry = tuple[float, int, Waiting]
"""Ordered by its moment (POSIX time), then by its number."""


@dataclass(slots=True)
class _Level:
    """What waits in the inboxes of one priority: for each rank, the most urgent first."""

    ranks: dict[Rank, list[Entry]] = field(default_factory=lambda: {rank: [] for rank in Rank})
    others_since_late: int = 0

    def choose(self) -> Rank | None:
        """The rank to take from next."""
        present = [rank for rank, entries in self.ranks.items() if entries]
        if not present:
            return None
        if Rank.LATE not in present or present[0] is Rank.HOUSEKEEPING:
            return present[0]
        turn = self.others_since_late >= SHARE_OF_THE_LATE - 1
        rank = Rank.LATE if turn else present[0]
        self.others_since_late = 0 if rank is Rank.LATE else self.others_since_late + 1
        return rank


class Queue:
    """Candidates in the order in which they are to be taken in.

    Inboxes of a higher priority come first. Among inboxes of the same priority the rank decides
    (:class:`~prip_core.ingest.urgency.Rank`), then the moment.

    :ivar left_out: something was seen that there was no room to keep in mind.
    """

    def __init__(self) -> None:
        self._levels: dict[int, _Level] = {}
        self._known: dict[Key, Waiting] = {}
        self._numbers = count()
        self.left_out = False

    def __len__(self) -> int:
        return len(self._known)

    def known(self, served: ConfiguredInbox, candidate: Candidate) -> Waiting | None:
        """What waits already under the name of a candidate."""
        return self._known.get((served.section.name, candidate.path))

    def add(self, served: ConfiguredInbox, candidate: Candidate, urgency: Urgency, now: float) -> None:
        """Let a candidate wait that is not known yet.

        :param now: POSIX time.
        """
        waiting = Waiting(served=served, candidate=candidate, urgency=urgency, number=next(self._numbers))
        self._known[waiting.key] = waiting
        self._place(waiting, now)

    def take(self, now: float, most: int = 1) -> list[Waiting]:
        """Take what is to be taken in next; nothing when nothing waits.

        :param now: POSIX time.
        :param most: how many at the most. There are several when they are small, and then of one rank.
        """
        entries = self._next(now)
        places = _chosen(entries, most) if entries else []
        taken = [entries[place][-1] for place in places]
        for place in sorted(places, reverse=True):
            del entries[place]
        for waiting in taken:
            del self._known[waiting.key]
        return taken

    def _next(self, now: float) -> list[Entry]:
        """The entries of the rank to take from next."""
        for _, level in sorted(self._levels.items(), reverse=True):
            self._move_on(level.ranks[Rank.DUE], now)
            if (rank := level.choose()) is not None:
                return level.ranks[rank]
        return []

    def _move_on(self, due: list[Entry], now: float) -> None:
        """What has missed a limit goes on to its next one, or to those that are late."""
        while due and due[0][0] <= now:
            _, _, waiting = due.pop(0)
            self._place(waiting, now)

    def _place(self, waiting: Waiting, now: float) -> None:
        rank, moment = waiting.urgency.at(now)
        entries = self._levels.setdefault(waiting.served.section.priority, _Level()).ranks[rank]
        insort(entries, (moment, waiting.number, waiting))
        if len(entries) > KEPT:
            _, _, dropped = entries.pop()
            del self._known[dropped.key]
            self.left_out = True


def is_small(size: int) -> bool:
    """Tell whether products of so many bytes are taken in side by side."""
    return size <= SMALL


def _chosen(entries: list[Entry], most: int) -> list[int]:
    """Places of what is taken: one of the first; if it is small, others like it, too."""
    first = random.randrange(_near(entries, 1))  # noqa: S311 - no secret
    if most == 1 or not _small(entries[first]):
        return [first]
    others = [place for place in range(_near(entries, most)) if place != first and _small(entries[place])]
    return [first, *random.sample(others, min(most - 1, len(others)))]


def _small(entry: Entry) -> bool:
    return is_small(entry[-1].candidate.size)


def _near(entries: list[Entry], most: int) -> int:
    """How many at the head are as good as the first: enough for the workers beside this one."""
    if not entries:
        return 0
    limit = entries[0][0] + NEARLY
    reach = islice(entries, NEAR * most)
    return max(sum(1 for _ in takewhile(lambda entry: entry[0] <= limit, reach)), min(most, len(entries)))
