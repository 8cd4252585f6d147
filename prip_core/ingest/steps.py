"""The way of one product, from the claim to the row that makes it visible, as a generator.

What the catalogue is to write is not written here but asked for: whoever goes the way with several products at once
writes it for all of them in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

from prip_core import crashpoints
from prip_core.ingest.campaign_rule import campaign_rules
from prip_core.ingest.claiming import take
from prip_core.ingest.context import Delivery, IngestContext
from prip_core.ingest.delivered import DeliveredFile
from prip_core.ingest.describing import describe
from prip_core.ingest.failures import deadly
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.publishing import Inspected, new_product
from prip_core.ingest.quality import accept, examine, to_verify
from prip_core.ingest.recognition import recognise
from prip_core.ingest.sameness import unchanged
from prip_core.ingest.sidecar import read_sidecar
from prip_core.ingest.stopwatch import Step
from prip_core.ingest.storing import Placement, Source, placement_of, store
from prip_core.ingest.waiting import wait_for_parent
from prip_core.model import Candidate, Claimed, Finding, InspectedProduct, ProductIdentity, ProductMetadata, Stage
from prip_core.products import NewProduct

Wish = Placement | NewProduct
"""What the catalogue is to write next of a product: where its bytes will lie, or the product itself."""

Way = Generator[Wish, None, bool]
"""Returns whether the product is published, or a duplicate; otherwise another worker has it. A wish that could not be
fulfilled is answered with its error."""


def way_of(context: IngestContext, delivery: Delivery, go_on: Callable[[], None]) -> Way:
    """The way of an announced product.

    :param go_on: raises when the work must stop.
    """
    refusal = deadly(delivery.ingestion.faults)
    if refusal is not None:
        raise refusal
    delivery.watch.enter(Step.CLAIM)
    claimed = take(context, delivery)  # step 2, the file
    if claimed is None:
        return False
    yield from _Steps(context, delivery, claimed).run(go_on)
    return True


class _Steps:
    """Steps 3 to 7 for one claimed product."""

    def __init__(self, context: IngestContext, delivery: Delivery, claimed: Claimed) -> None:
        self._context = context
        self._delivery = delivery
        self._claimed = claimed

    def run(self, go_on: Callable[[], None]) -> Generator[Wish, None, None]:
        """From the claimed file to the published row."""
        watch = self._delivery.watch
        watch.enter(Step.RECOGNISE)
        identity = recognise(self._context.missions, self._named())  # step 3
        self._delivery.identity = identity
        crashpoints.reached("recognised")
        watch.enter(Step.INSPECT)
        product = yield from self._product(identity, go_on)
        crashpoints.reached("publish.before")
        yield product  # step 7
        crashpoints.reached("publish.after")

    def _product(self, identity: ProductIdentity, go_on: Callable[[], None]) -> Generator[Wish, None, NewProduct]:
        """Steps 4 to 6, over the open file: nothing of it is left in memory while others of the batch are stored."""
        claimed = self._claimed
        with (
            DeliveredFile(self._delivery.served.inbox.source(claimed), claimed.name) as delivered,
            unchanged(delivered) as seen,
            damage_refused(claimed.name),
            open_product(delivered) as files,
        ):
            # A stream may keep all that was read of it.
            self._delivery.held = files.held + (0 if delivered.path else delivered.size)
            source = Source(delivered=delivered, claimed=claimed, files=files, seen=seen, go_on=go_on)
            found = yield from self._find_out(identity, source)
        return new_product(self._context, self._delivery, found)

    def _named(self) -> Candidate:
        claimed = self._claimed
        return Candidate(name=claimed.name, path=claimed.path, size=claimed.size, arrived=claimed.arrived)

    def _find_out(self, identity: ProductIdentity, source: Source) -> Generator[Wish, None, Inspected]:
        sidecar = read_sidecar(self._claimed.sidecar)
        metadata = self._inspect(identity, source)  # step 4
        description = describe(metadata, sidecar, self._claimed, self._delivery.served.section)
        wait_for_parent(self._context, self._delivery, identity.product_type, metadata)
        crashpoints.reached("inspected")
        self._delivery.watch.enter(Step.CHECK)
        product = InspectedProduct(
            identity=identity,
            metadata=metadata,
            files=source.files,
            size=self._claimed.size,
            now=self._context.clock.now(),
        )
        warnings = self._examine(product, Stage.METADATA)  # step 5
        crashpoints.reached("checked")
        yield placement_of(self._delivery, product)
        crashpoints.reached("store.begun")
        self._delivery.watch.enter(Step.STORE)
        stored = store(self._context, self._delivery, product, replace(source, stated=sidecar.checksum))  # step 6
        self._delivery.watch.enter(Step.CONTENT_CHECK)
        warnings += self._examine(replace(product, members=stored.read.members), Stage.CONTENT)  # step 6b
        crashpoints.reached("content-checked")
        return Inspected(
            product=product, claimed=self._claimed, description=description, stored=stored, warnings=warnings
        )

    def _inspect(self, identity: ProductIdentity, source: Source) -> ProductMetadata:
        metadata = self._context.missions[identity.product_type.mission].inspect(identity, source.files)
        return replace(metadata, manifest=to_verify(metadata.manifest, identity.product_type.code, self._context.qc))

    def _examine(self, product: InspectedProduct, stage: Stage) -> tuple[Finding, ...]:
        """The warnings. While the clock cannot be trusted, no product is refused: a rule may have gone by it."""
        section = self._delivery.served.section
        rules = [*self._context.rules_for(product.identity.product_type), *campaign_rules(section)]
        report = examine(rules, product, stage, self._context.qc)
        if report.errors:
            self._context.catalogue.clock.check()
        return accept(self._claimed.name, report)
