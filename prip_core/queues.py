"""What waits where: in the inboxes, in work, in quarantine and in the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prip_core.catalogue import Catalogue, IngestionCount
from prip_core.errors import PripError
from prip_core.ingest.context import ConfiguredInbox

_SHARE = 0.1  # of the time is given to looking through an inbox that holds very much


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """Things of one kind that wait.

    :param depth: how many; ``None``: it cannot be told now.
    :param oldest: since when the first of them waits, UTC; ``None``: none does, or it cannot be told.
    """

    name: str
    depth: int | None
    oldest: datetime | None


class InboxLook:
    """Looks how much lies unclaimed in an inbox; seldom where that takes long."""

    def __init__(self, configured: ConfiguredInbox) -> None:
        self.configured = configured
        self._last = QueueState(name=configured.section.name, depth=None, oldest=None)
        self._paused: str | None = None
        self._next = float("-inf")

    def unclaimed(self) -> QueueState:
        """What lies there, as it was when it was last looked through."""
        begun = time.monotonic()
        if begun >= self._next:
            self._last = self._looked()
            self._paused = self.mark()
            spent = time.monotonic() - begun
            self._next = begun + spent / _SHARE
        return self._last

    def paused(self) -> str | None:
        """Why nothing is taken in, as the inbox told when :meth:`unclaimed` looked; ``None``: nobody said so."""
        return self._paused

    def quarantined(self) -> int | None:
        """How many lie in its quarantine; ``None``: it cannot be told now."""
        try:
            return self.configured.inbox.quarantine_room().products
        except PripError:
            return None

    def mark(self) -> str | None:
        """Why nothing is taken in, as the inbox tells now; ``None``: nobody says so, or it cannot be told."""
        try:
            return self.configured.inbox.paused()
        except PripError:
            return None

    def _looked(self) -> QueueState:
        name = self.configured.section.name
        depth, oldest = 0, None
        try:
            for candidate in self.configured.inbox.scan():
                depth += 1
                oldest = candidate.arrived if oldest is None else min(oldest, candidate.arrived)
        except PripError:
            return QueueState(name=name, depth=None, oldest=None)
        return QueueState(name=name, depth=depth, oldest=oldest)


def queues(catalogue: Catalogue, inboxes: Sequence[ConfiguredInbox]) -> Iterator[QueueState]:
    """Everything that waits: what lies unclaimed in an inbox (``ingest:NAME``), what is in work or waits for another
    attempt (``work:NAME``), what waits for the product that it is about (``parent:NAME``), and the outbox's channels.

    :raises CatalogueUnavailable: the database cannot be used.
    """
    for configured in inboxes:
        look = InboxLook(configured).unclaimed()
        yield QueueState(name=f"ingest:{look.name}", depth=look.depth, oldest=look.oldest)
    held = {each.inbox: each for each in catalogue.work.counts()}
    for name in [configured.section.name for configured in inboxes]:
        count = held.get(name, IngestionCount(inbox=name))
        yield QueueState(name=f"work:{name}", depth=count.in_work + count.to_retry, oldest=count.oldest)
        yield QueueState(name=f"parent:{name}", depth=count.waiting, oldest=count.waiting_since)
    for channel, depth, due in catalogue.outbox.depths():
        yield QueueState(name=channel, depth=depth, oldest=due)
