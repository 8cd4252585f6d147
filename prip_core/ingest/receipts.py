"""Receipts: the chain learns what became of its product, also when the worker that knew it has died since."""

from __future__ import annotations

from prip_core.catalogue import CataloguedProduct, Ingestion, IngestionState
from prip_core.ingest.context import Delivery, IngestContext
from prip_core.model import Fate, Receipt


def tell(context: IngestContext, delivery: Delivery) -> None:
    """Write the receipt of a delivery whose verdict is durable, where its inbox has receipts. Repeating it is fine.

    :raises TransientError: it cannot be written now.
    """
    if delivery.served.section.receipts:
        delivery.served.inbox.tell(delivery.claimed, receipt_of(context, delivery.ingestion))


def receipt_of(context: IngestContext, ingestion: Ingestion) -> Receipt:
    """What is to be told, all of it from the catalogue."""
    product = _product(context, ingestion)
    rejection = ingestion.rejection
    findings = context.catalogue.products.findings(product.id) if product else ()
    return Receipt(
        uuid=ingestion.uuid,
        name=ingestion.name,
        inbox=ingestion.inbox,
        fate=_FATES[ingestion.state],
        id=product.id if product else None,
        publication_date=product.publication_date if product else None,
        content_length=product.content_length if product else ingestion.size,
        checksums=product.checksums if product else (),
        reason=rejection.reason if rejection else None,
        findings=rejection.findings if rejection else tuple(findings),
        arrived=ingestion.arrived,
        written=context.clock.now(),
    )


_FATES = {
    IngestionState.PUBLISHED: Fate.PUBLISHED,
    IngestionState.DUPLICATE: Fate.DUPLICATE,
    IngestionState.REJECTED: Fate.QUARANTINED,
}


def _product(context: IngestContext, ingestion: Ingestion) -> CataloguedProduct | None:
    """The published product; of a duplicate the one that was there before, which may have left the list since."""
    products = context.catalogue.products
    if ingestion.state is IngestionState.PUBLISHED:
        return products.find(ingestion.uuid)
    if ingestion.state is IngestionState.DUPLICATE:
        found = products.named(ingestion.name)
        return next((product for product in found if product.online), found[-1] if found else None)
    return None
