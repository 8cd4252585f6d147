"""Looking into inboxes, of which one may be away: a file system that is not mounted, a server that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from pathlib import Path

import structlog

from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.origin import log_failure
from prip_core.model import Candidate

_log = structlog.get_logger(__name__)


class Lookout:
    """Looks into inboxes. One that is away is said once, until it is back, and keeps nobody from the others.

    :param is_braked: nothing is seen of an inbox for which it is true.
    """

    def __init__(self, is_braked: Callable[[ConfiguredInbox], bool] = lambda _: False) -> None:
        self._is_braked = is_braked
        self._away: set[str] = set()

    def scan(self, served: ConfiguredInbox) -> Iterator[Candidate]:
        """What is complete and unclaimed; nothing of an inbox that is away, or goes away meanwhile."""
        # It is back when it can be looked through, and not when it begins to answer.
        if (yield from self._found(served, served.inbox.scan)):
            self._is_back(served)

    def news(self, served: ConfiguredInbox, changed: Collection[Path]) -> Iterator[Candidate]:
        """What changes in its watched folder have brought; nothing of an inbox that is away, or goes away meanwhile."""
        yield from self._found(served, lambda: served.inbox.news(changed))

    def _found(
        self, served: ConfiguredInbox, look: Callable[[], Iterator[Candidate]]
    ) -> Generator[Candidate, None, bool]:
        """Returns whether all of it could be seen."""
        if self._is_braked(served):
            return False
        try:
            yield from look()
        except Exception as error:  # noqa: BLE001 - no inbox may stop the others, whatever its plugin raises
            self._is_away(served, error)
            return False
        return True

    def still_there(self, served: ConfiguredInbox, candidate: Candidate) -> bool:
        """Tell whether a scanned candidate still lies unclaimed in its inbox; not in one that is away or braked."""
        if self._is_braked(served):
            return False
        try:
            return served.inbox.still_there(candidate)
        except Exception as error:  # noqa: BLE001 - as above
            self._is_away(served, error)
            return False

    def _is_away(self, served: ConfiguredInbox, error: Exception) -> None:
        name = served.section.name
        if name in self._away:
            return
        self._away.add(name)
        log_failure(_log, "inbox away", error, inbox=name)

    def _is_back(self, served: ConfiguredInbox) -> None:
        if served.section.name in self._away:
            self._away.discard(served.section.name)
            _log.info("inbox back", inbox=served.section.name)
