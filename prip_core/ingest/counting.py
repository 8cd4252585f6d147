"""Counting: what became of products, and how long each step took them."""

from __future__ import annotations

from prip_core.ingest.context import Delivery, IngestContext, Outcome
from prip_core.model import Rejection, Severity


def count(context: IngestContext, delivery: Delivery, outcome: Outcome | None) -> None:
    """Count a product whose row is closed."""
    context.metrics.steps(delivery.watch.seconds())
    rejection = delivery.ingestion.rejection
    if outcome is Outcome.PUBLISHED:
        mission, product_type = _kind(context, delivery)
        context.metrics.published(mission, product_type, delivery.ingestion.size)
    elif rejection is not None:
        context.metrics.rejected(_rule(rejection))


def _kind(context: IngestContext, delivery: Delivery) -> tuple[str, str]:
    """Mission and product type; of a product that another worker published, as the catalogue has them."""
    if delivery.identity is not None:
        product_type = delivery.identity.product_type
        return product_type.mission, product_type.code
    product = context.catalogue.products.find(delivery.ingestion.uuid)
    return (product.mission, product.product_type) if product else ("", "")


def _rule(rejection: Rejection) -> str:
    """The first rule that it broke."""
    errors = (finding.rule for finding in rejection.findings if finding.severity is Severity.ERROR)
    return next(errors, "")
