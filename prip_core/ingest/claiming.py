"""Claiming: the row first, then the file, so that a file that left the inbox is always known to the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import structlog

from prip_core import crashpoints
from prip_core.errors import AlreadyClaimed
from prip_core.ingest.context import ConfiguredInbox, Delivery, IngestContext
from prip_core.ingest.failures import one_line
from prip_core.ingest.storing import delete_stored
from prip_core.model import Candidate, Claimed

_log = structlog.get_logger(__name__)


def announce(context: IngestContext, chosen: Sequence[tuple[ConfiguredInbox, Candidate]]) -> Sequence[Delivery]:
    """Write the rows of claims, in one transaction. The uuid of each is the future product's Id."""
    claims = [(uuid4(), served.section.name, candidate) for served, candidate in chosen]
    begun = context.catalogue.ingestions.begin_all(claims, context.lease)
    crashpoints.reached("claim.row")
    return [Delivery(served, ingestion) for (served, _), ingestion in zip(chosen, begun, strict=True)]


def take(context: IngestContext, delivery: Delivery) -> Claimed | None:
    """Take the announced file away from the inbox, or find it where an earlier attempt took it to.

    :returns: ``None`` when somebody else has it or took it away after it was claimed, or when it cannot be moved; the
        row is gone then.
    """
    inbox = delivery.served.inbox
    try:
        claimed = inbox.claim(delivery.candidate, delivery.ingestion.uuid)
    except AlreadyClaimed:
        _forget(context, delivery)
        return None
    except Exception as error:
        # What is still there may be the next delivery of a name whose first one has been claimed.
        if not inbox.still_there(delivery.candidate) or delivery.ingestion.uuid in set(inbox.claimed()):
            raise
        # The next scan finds it again, under a new row: this one would only be one of many.
        context.catalogue.ingestions.close(delivery.ingestion)
        row = delivery.ingestion
        _log.warning("product cannot be claimed", product=row.name, inbox=row.inbox, error=one_line(error))
        return None
    crashpoints.reached("claim.renamed")
    return claimed


def _forget(context: IngestContext, delivery: Delivery) -> None:
    row = delivery.ingestion
    if row.attempts > 1 or row.last_error:  # waiting for a parent is no attempt
        _log.warning("product vanished", product=row.name, id=str(row.uuid), inbox=row.inbox, error=row.last_error)
    delete_stored(context, delivery)
    context.catalogue.ingestions.close(row)
