"""The brake: where disk, quarantine or work in hand is beyond its mark, no more is claimed, and the chain is told."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from prip_core.errors import PripError
from prip_core.ingest.context import ConfiguredInbox, IngestContext
from prip_core.ingest.origin import log_failure, origin_of
from prip_core.model import QuarantineRoom

LOOK_EVERY = 1.0
"""So long a look counts, in seconds."""

TELL_AGAIN = 60.0
"""So long what a mark says is left alone, in seconds: its figures change all the time, its reason may."""

RELEASE = 1.25
"""Work goes on when it is better than the mark by so much, or it would stop and go all the time."""

_MIB = 1024 * 1024
_log = structlog.get_logger(__name__)
_Told = TypeVar("_Told")


@dataclass(slots=True)
class _Look:
    """What was seen last of an inbox.

    :param looked: monotonic seconds.
    :param reason: why nothing is claimed.
    :param complained: it was said that the mark cannot be written or removed.
    :param told: whether its mark says so; ``None``: nobody knows what a worker before has left there.
    :param marked: when that was written or removed, monotonic seconds.
    """

    looked: float = float("-inf")
    reason: str | None = None
    told: bool | None = None
    marked: float = float("-inf")
    complained: bool = False


class Brake:
    """Tells of which inboxes nothing is to be claimed for now; what is in work already goes on.

    All workers look for themselves and come to the same end: one that starts between the mark and the release goes by
    what the others have told the inbox.
    """

    def __init__(self, context: IngestContext, inboxes: Sequence[ConfiguredInbox]) -> None:
        self._context = context
        self._inboxes = inboxes
        self._looks = {served.section.name: _Look() for served in inboxes}

    def is_on(self, served: ConfiguredInbox) -> bool:
        """Whether nothing is to be claimed of an inbox; it is looked once a second, at the most."""
        look = self._looks[served.section.name]
        if time.monotonic() - look.looked >= LOOK_EVERY:
            self._tell(served, look, self._obstacle(served, look))
        return look.reason is not None

    def stop_all(self, reason: str) -> None:
        """Tell all inboxes that nothing is taken in, for a reason that concerns all of them.

        It ends when :meth:`is_on` looks again.
        """
        for served in self._inboxes:
            look = self._looks[served.section.name]
            self._tell(served, look, f"Nothing is taken in from this inbox: {reason}.")
            look.looked = float("-inf")

    def _tell(self, served: ConfiguredInbox, look: _Look, reason: str | None) -> None:
        name, was = served.section.name, look.reason
        look.looked, look.reason = time.monotonic(), reason
        if reason is not None and was is None:
            _log.warning("ingest paused", inbox=name, reason=reason)
        elif reason is None and was is not None:
            _log.info("ingest goes on", inbox=name)
        paused = reason is not None
        if look.told is paused and not (paused and look.looked - look.marked >= TELL_AGAIN):
            return
        try:
            served.inbox.pause(reason)
        except Exception as error:  # noqa: BLE001 - a plugin that cannot tell must not keep products from coming in
            if not look.complained:
                log_failure(_log, "inbox not marked", error, inbox=name, paused=paused)
            look.complained = True
        else:
            look.told, look.marked, look.complained = paused, look.looked, False

    def _obstacle(self, served: ConfiguredInbox, look: _Look) -> str | None:
        """Why nothing is to be claimed, as sentences; ``None``: nothing is in the way."""
        was_paused = look.reason is not None or (look.told is None and _asked(served.inbox.paused) is not None)
        found = next(self._obstacles(served, RELEASE if was_paused else 1.0), None)
        return None if found is None else f"Nothing is taken in from this inbox: {found} It goes on by itself then."

    def _obstacles(self, served: ConfiguredInbox, better: float) -> Iterator[str]:
        """What is in the way.

        :param better: by how much everything is to be better than its mark.
        """
        marks, name = self._context.marks, served.section.storage
        free = _asked(lambda: self._context.storage(name).free_bytes())
        yield from _no_room(f"the storage {name!r}", free, better, marks.min_free)
        room = _asked(served.inbox.quarantine_room) or QuarantineRoom()
        yield from _no_room("the quarantine", room.free_bytes, better, marks.min_free)
        if marks.max_quarantine and (room.products or 0) * better >= marks.max_quarantine:
            yield (
                f"{room.products} products lie in quarantine, and {marks.max_quarantine} are the most ([ingest] "
                "max_quarantine); `prip inbox list` shows them: retry or drop some, until fewer than "
                f"{_fewer(marks.max_quarantine)} are left."
            )
        stuck = self._context.catalogue.work.stuck(served.section.name) if marks.max_stuck else 0
        if marks.max_stuck and stuck * better >= marks.max_stuck:
            yield (
                f"{stuck} products that were claimed wait for another attempt, and {marks.max_stuck} are the most "
                "([ingest] max_stuck); `prip inbox list` shows what is in their way: put it right, until fewer than "
                f"{_fewer(marks.max_stuck)} are left."
            )


def _fewer(mark: int) -> int:
    """Below so many there is nothing in the way any more."""
    return math.ceil(mark / RELEASE)


def _no_room(where: str, free: int | None, better: float, mark: int) -> Iterator[str]:
    if free is not None and free < mark * better:
        yield (
            f"{where} has {free // _MIB} MiB free, and {mark // _MIB} MiB are the least ([ingest] min_free); "
            f"make room, {math.ceil(mark * RELEASE / _MIB)} MiB at least."
        )


def _asked(question: Callable[[], _Told]) -> _Told | None:
    """What a plugin answers; ``None`` when it cannot now: whether work can be done without will show."""
    try:
        return question()
    except PripError:
        return None
    except Exception as error:  # noqa: BLE001 - a plugin that cannot count must not keep products from coming in
        _log.error("unexpected error", exc_info=error, **origin_of(error))
        return None
