"""Settling: what becomes of a product whose work has failed: it is refused, put off, or left to another worker."""

from __future__ import annotations

from datetime import datetime

import structlog

from prip_core.catalogue import Ingestion, IngestionState
from prip_core.errors import CatalogueUnavailable, ClockJumped, LeaseLost, PripError, ProductRejected
from prip_core.ingest.closing import refuse
from prip_core.ingest.context import Delivery, IngestContext, Outcome
from prip_core.ingest.failures import is_fault, is_transient, one_line, pause_after, verdict
from prip_core.ingest.origin import origin_of
from prip_core.ingest.patience import HandedBack
from prip_core.ingest.storing import delete_orphan
from prip_core.ingest.waiting import AwaitsParent

_log = structlog.get_logger(__name__)


def settle(context: IngestContext, delivery: Delivery, error: Exception) -> Outcome:
    """Decide about a product whose work has failed, once for all steps.

    When even that fails, the lease runs out and somebody takes the work up again.

    :raises CatalogueUnavailable: the database cannot be used.
    """
    if isinstance(error, AwaitsParent):
        _log.info("product waits", product=delivery.ingestion.name, parent=str(error))
        return Outcome.WAITING
    if isinstance(error, LeaseLost):
        return _let_go(context, delivery, error)
    _report(delivery, error)
    try:
        refusal = verdict(error, delivery.ingestion.faults)
        if refusal is not None and delivery.ingestion.state is IngestionState.CLAIMED:
            return refuse(context, delivery, refusal)
        return _postpone(context, delivery, error)
    except CatalogueUnavailable:
        raise
    except LeaseLost as lost:
        return _let_go(context, delivery, lost)
    except Exception as second:  # noqa: BLE001 - no product may stop the others
        _report(delivery, second)
        return _postpone_at_last(context, delivery, second)


def _postpone(context: IngestContext, delivery: Delivery, error: Exception) -> Outcome:
    until = _next_attempt(context, delivery.ingestion, error)
    context.catalogue.ingestions.postpone(delivery.ingestion, until, one_line(error), faults=int(is_fault(error)))
    return Outcome.POSTPONED


def _postpone_at_last(context: IngestContext, delivery: Delivery, error: Exception) -> Outcome:
    try:
        return _postpone(context, delivery, error)
    except PripError as third:
        return _let_go(context, delivery, third)


def _next_attempt(context: IngestContext, ingestion: Ingestion, error: Exception) -> datetime:
    """While the clock cannot be trusted, a time taken from it might be years away: the work stays due.

    So does what is handed back: nothing is wrong with it.
    """
    if isinstance(error, ClockJumped | HandedBack):
        return ingestion.due_at
    return context.clock.now() + pause_after(error, ingestion.attempts)


def _let_go(context: IngestContext, delivery: Delivery, error: Exception) -> Outcome:
    _log.info("product let go", product=delivery.ingestion.name, reason=str(error))
    try:
        delete_orphan(context, delivery)
    except Exception as second:  # noqa: BLE001 - as above: what cannot be removed may stop nobody
        _report(delivery, second)
    return Outcome.LOST


def _report(delivery: Delivery, error: Exception) -> None:
    product = {"product": delivery.ingestion.name, "id": str(delivery.ingestion.uuid)}
    if isinstance(error, ProductRejected):
        return  # said once, when the refusal is done
    if isinstance(error, PripError) or is_transient(error):
        _log.warning("product not taken in", error=one_line(error), **product)
    else:
        _log.error("unexpected error", exc_info=error, **product, **origin_of(error))
