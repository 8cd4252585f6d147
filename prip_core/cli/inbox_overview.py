"""What is going on in the inboxes: how much waits, what is in work and how far it is, what lies in quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prip_core.catalogue import Catalogue, IngestionCount, InWork
from prip_core.cli.output import Row, text
from prip_core.queues import InboxLook
from prip_core.runtime import Runtime

MOST_IN_WORK = 50
"""So many products in work are shown, the oldest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How it looks at a moment.

    :param published: when something was published last; ``None``: never.
    :param inboxes: a row for each.
    :param in_work: what somebody works on.
    """

    at: datetime
    published: datetime | None
    inboxes: Sequence[Row]
    in_work: Sequence[InWork]

    def table(self) -> list[Row]:
        """The inboxes for eyes: whether each is paused; why, :meth:`pauses` tells."""
        return [{**row, "paused": row["paused"] is not None} for row in self.inboxes]

    def pauses(self) -> list[str]:
        """Why nothing is taken in, a line for each inbox of which that is so."""
        return [f"{row['inbox']}: {text(row['paused'])}" for row in self.inboxes if row["paused"] is not None]


class Observer:
    """Looks again and again; seldom into inboxes where that takes long."""

    def __init__(self, loaded: Runtime, catalogue: Catalogue) -> None:
        self._clock = loaded.clock
        self._catalogue = catalogue
        self._looks = [InboxLook(configured) for configured in loaded.inboxes]

    def look(self) -> Overview:
        """How it looks now.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        counts = {count.inbox: count for count in self._catalogue.work.counts()}
        return Overview(
            at=self._clock.now(),
            published=self._catalogue.products.last_publication(),
            inboxes=[_row(look, counts) for look in self._looks],
            in_work=self._catalogue.work.in_work(MOST_IN_WORK),
        )


class Rates:
    """How fast products in work are read, from one overview to the next."""

    def __init__(self) -> None:
        self._before: dict[UUID, tuple[datetime, int]] = {}

    def rows(self, overview: Overview) -> list[Row]:
        """A row for each product in work."""
        rows = [self._row(ingestion, overview.at) for ingestion in overview.in_work]
        self._before = {each.uuid: (overview.at, each.bytes_read) for each in overview.in_work}
        return rows

    def _row(self, found: InWork, now: datetime) -> Row:
        before, read = self._before.get(found.uuid, (now, found.bytes_read))
        seconds = (now - before).total_seconds()
        return {
            "name": found.name,
            "inbox": found.inbox,
            "step": found.step,
            "bytes_read": found.bytes_read,
            "size": found.size,
            "bytes_per_second": round((found.bytes_read - read) / seconds) if seconds > 0 else None,
            "attempt": found.attempts,
        }


def _row(look: InboxLook, counts: Mapping[str, IngestionCount]) -> Row:
    unclaimed = look.unclaimed()
    count = counts.get(unclaimed.name, IngestionCount(inbox=unclaimed.name))
    return {
        "inbox": unclaimed.name,
        "unclaimed": unclaimed.depth,
        "oldest": unclaimed.oldest,
        "in_work": count.in_work,
        "to_retry": count.to_retry,
        "await_parent": count.waiting,
        "quarantined": look.quarantined(),
        "paused": look.paused(),
    }
