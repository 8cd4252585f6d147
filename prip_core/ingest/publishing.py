"""Publishing: everything that the steps found out, put together into what the catalogue publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prip_core.ingest.context import Delivery, IngestContext
from prip_core.ingest.describing import Description
from prip_core.ingest.storing import StoredProduct
from prip_core.model import Checksum, Claimed, Finding, InspectedProduct
from prip_core.products import NewProduct
from prip_core.times import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What the steps before publication found out about a product."""

    product: InspectedProduct
    claimed: Claimed
    description: Description
    stored: StoredProduct
    warnings: Sequence[Finding]


def new_product(context: IngestContext, delivery: Delivery, found: Inspected) -> NewProduct:
    """The product as the catalogue takes it."""
    product_type, metadata, stored = found.product.identity.product_type, found.product.metadata, found.stored
    days = delivery.served.section.retention
    return NewProduct(
        id=found.claimed.uuid,
        name=found.claimed.name,
        product_type=product_type.code,
        mission=product_type.mission,
        content_type=product_type.content_type,
        content_length=stored.read.size,
        content=metadata.content,
        origin_date=found.description.origin_date,
        origin_estimated=found.description.origin_estimated,
        eviction_date=NEVER,
        production_type=found.description.production_type,
        checksums=_checksums(context, stored, context.clock.now()),
        footprint=metadata.footprint,
        attributes=found.description.attributes,
        indexed=product_type.indexed,
        storage=delivery.served.section.storage,
        key=stored.key,
        parent=metadata.parent,
        inherits=product_type.inherits,
        kin=product_type.kin,
        parts=metadata.parts,
        quicklooks=stored.quicklooks,
        housekeeping=product_type.housekeeping,
        findings=tuple(found.warnings),
        retention=None if days is None else timedelta(days=days),
    )


def _checksums(context: IngestContext, stored: StoredProduct, date: datetime) -> tuple[Checksum, ...]:
    offered = dict.fromkeys(("MD5", *context.checksums))
    values = stored.read.checksums
    return tuple(Checksum(algorithm=algorithm, value=values[algorithm], date=date) for algorithm in offered)
