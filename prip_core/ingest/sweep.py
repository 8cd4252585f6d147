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
            forgotten = _forgotten(context, served)
        except Exception as error:  # noqa: BLE001 - no inbox may keep the others, or the products, waiting
            log_failure(_log, "forgotten claims not released", error, inbox=served.section.name)
        else:
            for uuid in forgotten:
                _release(served, uuid)


def tell_of_unserved(context: IngestContext, inboxes: Sequence[ConfiguredInbox]) -> None:
    """Say which claims nobody goes on with, because their inbox was renamed or taken out of the configuration."""
    served = {each.section.name for each in inboxes}
    for count in context.catalogue.work.counts():
        if count.inbox not in served:
            products = count.in_work + count.to_retry + count.waiting
            _log.warning("claims of an inbox that is not configured", inbox=count.inbox, products=products)


def _release(served: ConfiguredInbox, uuid: UUID) -> None:
    try:
        served.inbox.release(uuid)
    except Exception as error:  # noqa: BLE001 - as above, of claims: the name of one may be taken
        log_failure(_log, "forgotten claim not released", error, inbox=served.section.name, id=str(uuid))
    else:
        _log.warning("forgotten claim released", inbox=served.section.name, id=str(uuid))


def _forgotten(context: IngestContext, served: ConfiguredInbox) -> set[UUID]:
    claimed = set(served.inbox.claimed())
    unknown = claimed - context.catalogue.ingestions.uuids()  # read after the claims
    # What was finished between these two looks has neither row nor claim by now.
    return unknown & set(served.inbox.claimed()) if unknown else unknown
