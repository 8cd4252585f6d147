"""Waiting: a quality report that comes before the product that it is about is handed back until that is published."""

from __future__ import annotations

from prip_core.ingest.context import Delivery, IngestContext
from prip_core.model import ProductMetadata, ProductType


class AwaitsParent(Exception):
    """A delivery has been handed back until its parent is published, or its time is over: this worker lets it go."""


def wait_for_parent(
    context: IngestContext, delivery: Delivery, product_type: ProductType, metadata: ProductMetadata
) -> None:
    """Let a report go on only when the product that it is about is known, or when it has waited long enough.

    Nothing of it is stored yet; whoever takes it up again begins anew.

    :raises AwaitsParent: it waits now.
    :raises LeaseLost: another worker has taken over.
    """
    row, parent = delivery.ingestion, metadata.parent
    if not product_type.report or parent is None or row.waited == parent or not context.parent_wait:
        return
    # Most reports come after their products: they need not queue for the write lock.
    if context.catalogue.relatives.is_published(parent):
        return
    if context.catalogue.ingestions.wait(row, parent, context.parent_wait):
        raise AwaitsParent(parent)
