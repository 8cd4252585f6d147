"""Closing: what is left to do when a verdict is durable. Every step may be repeated, and checks the right to act."""

from __future__ import annotations

import structlog

from prip_core import crashpoints
from prip_core.catalogue import IngestionState
from prip_core.errors import ProductRejected
from prip_core.ingest.context import Delivery, IngestContext, Outcome
from prip_core.ingest.counting import count
from prip_core.ingest.receipts import tell
from prip_core.ingest.stopwatch import Step
from prip_core.ingest.storing import delete_stored
from prip_core.model import Rejection

_log = structlog.get_logger(__name__)


def refuse(context: IngestContext, delivery: Delivery, refusal: ProductRejected) -> Outcome:
    """Record that a product is refused, then close it.

    :raises LeaseLost: another worker has taken over.
    :raises PermanentError: it is published already.
    """
    row = delivery.ingestion
    rejection = Rejection(
        uuid=row.uuid,
        name=row.name,
        reason=refusal.reason,
        when=context.clock.now(),
        findings=refusal.findings,
        inbox=row.inbox,
    )
    told = context.told_of_rejections
    delivery.ingestion = context.catalogue.ingestions.reject(row, rejection, channels=told)
    crashpoints.reached("reject.verdict")
    outcome = clean(context, delivery)
    context.catalogue.ingestions.close(delivery.ingestion)
    closed(context, delivery, outcome)
    return outcome


def may_clean(context: IngestContext, delivery: Delivery) -> None:
    """Make sure that what the verdict asks for may be done.

    :raises LeaseLost: another worker has taken over.
    """
    crashpoints.reached("clean.before")
    context.catalogue.ingestions.check(delivery.ingestion)


def clean(context: IngestContext, delivery: Delivery) -> Outcome:
    """Do what the verdict asks for; its row is to be closed then.

    :raises LeaseLost: another worker has taken over.
    """
    delivery.watch.enter(Step.CLEAN)
    outcome = _CLEAN[delivery.ingestion.state](context, delivery)
    tell(context, delivery)
    crashpoints.reached("told")
    delivery.watch.enter(Step.WAIT)
    return outcome


def closed(context: IngestContext, delivery: Delivery, outcome: Outcome | None) -> None:
    """Say what became of a product whose row is closed, and count it."""
    crashpoints.reached("closed")
    row = delivery.ingestion
    reason = row.rejection.reason if row.rejection else None
    facts = {"seconds": delivery.watch.seconds(), **({"reason": reason} if reason else {})}
    _log.info(f"product {outcome}", product=row.name, id=str(row.uuid), **facts)
    count(context, delivery, outcome)


def _clean_published(_context: IngestContext, delivery: Delivery) -> Outcome:
    delivery.served.inbox.finish(delivery.claimed)
    crashpoints.reached("clean.finished")
    return Outcome.PUBLISHED


def _clean_duplicate(context: IngestContext, delivery: Delivery) -> Outcome:
    delete_stored(context, delivery)
    delivery.served.inbox.finish(delivery.claimed)
    crashpoints.reached("clean.finished")
    return Outcome.DUPLICATE


def _clean_rejected(context: IngestContext, delivery: Delivery) -> Outcome:
    rejection = delivery.ingestion.rejection
    assert rejection is not None, "recorded together with the state"
    delete_stored(context, delivery)
    crashpoints.reached("reject.deleted")
    context.catalogue.ingestions.check(delivery.ingestion)
    delivery.served.inbox.reject(delivery.claimed, rejection)
    crashpoints.reached("reject.moved")
    return Outcome.REJECTED


_CLEAN = {
    IngestionState.PUBLISHED: _clean_published,
    IngestionState.DUPLICATE: _clean_duplicate,
    IngestionState.REJECTED: _clean_rejected,
}
