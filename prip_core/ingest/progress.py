"""Progress: how far products in work have come, noted where those who watch can read it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from prip_core.catalogue import Catalogue, Progress
from prip_core.errors import PripError
from prip_core.ingest.context import Delivery

_log = structlog.get_logger(__name__)


class ProgressNotes:
    """Notes, when asked, how far some deliveries have come since the last time."""

    def __init__(self, catalogue: Catalogue, deliveries: Sequence[Delivery]) -> None:
        self._catalogue = catalogue
        self._deliveries = deliveries
        self._noted: dict[UUID, Progress] = {}

    def note(self) -> None:
        """Write down what has changed, in one transaction. It is for people: where it fails, work goes on."""
        changed = [now for each in self._deliveries if (now := _progress(each)) != self._noted.get(each.ingestion.uuid)]
        if not changed:
            return
        try:
            self._catalogue.work.note(changed)
        except PripError as error:
            _log.debug("progress not noted", error=str(error))
        else:
            self._noted |= {each.ingestion.uuid: each for each in changed}


def _progress(delivery: Delivery) -> Progress:
    watch = delivery.watch
    return Progress(ingestion=delivery.ingestion, step=watch.step, bytes_read=watch.bytes_read)
