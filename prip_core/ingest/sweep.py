"""Sweeping: what is left of work that nobody will go on with is put where it can be found again, or removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from prip_core.ingest.context import ConfiguredInbox, IngestContext
from prip_core.ingest.origin import log_failure

ABANDONED_AFTER = timedelta(days=1)
"""An upload on which nobody has worked for so long is nobody's: no storage takes a day for one block."""

_log = structlog.get_logger(__name__)


def remove_unfinished_uploads(context: IngestContext) -> None:
    """Remove the parts of objects that workers who were killed left in the storages."""
    for name, storage in context.storages.items():
        try:
            abandoned = storage.abandon_uploads(ABANDONED_AFTER)
        except Exception as error:  # noqa: BLE001 - no storage may keep the others, or the products, waiting
            log_failure(_log, "unfinished uploads not removed", error, storage=name)
        else:
            if abandoned:
                _log.info("unfinished uploads removed", storage=name, uploads=abandoned)


def release_forgotten(context: IngestContext, inboxes: Sequence[ConfiguredInbox]) -> None:
    """Put claimed products of which the catalogue knows nothing back into their inboxes.

    The row of a claim is there before the file moves and goes after it, so this happens only when the database was
    lost, or was restored from a copy made before the claim.
    """
    for served in inboxes:
        try:
            for uuid in _forgotten(context, served):
                served.inbox.release(uuid)
                _log.warning("forgotten claim released", inbox=served.section.name, id=str(uuid))
        except Exception as error:  # noqa: BLE001 - no inbox may keep the others, or the products, waiting
            log_failure(_log, "forgotten claims not released", error, inbox=served.section.name)


def _forgotten(context: IngestContext, served: ConfiguredInbox) -> set[UUID]:
    claimed = set(served.inbox.claimed())
    unknown = claimed - context.catalogue.ingestions.uuids()  # read after the claims
    # What was finished between these two looks has neither row nor claim by now.
    return unknown & set(served.inbox.claimed()) if unknown else unknown
