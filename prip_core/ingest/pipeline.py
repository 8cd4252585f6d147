"""The way of a product from claim to clean: this module orders the steps and decides about failures, no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from prip_core import crashpoints
from prip_core.catalogue import Ingestion, IngestionState
from prip_core.errors import CatalogueUnavailable, ClockJumped, LeaseLost, PripError, ProductRejected
from prip_core.ingest.campaign_rule import campaign_rules
from prip_core.ingest.claiming import announce, take
from prip_core.ingest.closing import close, refuse
from prip_core.ingest.context import ConfiguredInbox, Delivery, IngestContext, Outcome
from prip_core.ingest.delivered import DeliveredFile
from prip_core.ingest.describing import describe
from prip_core.ingest.failures import deadly, is_fault, is_transient, one_line, pause_after, verdict
from prip_core.ingest.lease import LeaseKeeper
from prip_core.ingest.origin import origin_of
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.publishing import Inspected, publish
from prip_core.ingest.quality import accept, examine, to_verify
from prip_core.ingest.recognition import recognise
from prip_core.ingest.sameness import unchanged
from prip_core.ingest.sidecar import read_sidecar
from prip_core.ingest.storing import Source, delete_orphan, store
from prip_core.ingest.waiting import AwaitsParent, wait_for_parent
from prip_core.model import Candidate, Claimed, Finding, InspectedProduct, ProductIdentity, ProductMetadata, Stage

_log = structlog.get_logger(__name__)


def _let_go(context: IngestContext, delivery: Delivery, error: Exception) -> Outcome:
    _log.info("product let go", product=delivery.ingestion.name, reason=str(error))
    try:
        delete_orphan(context, delivery)
    except Exception as second:  # noqa: BLE001 - as in the pipeline: what cannot be removed may stop nobody
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


class Pipeline:
    """Takes products in, from any inbox. One object serves one worker."""

    def __init__(self, context: IngestContext) -> None:
        self._context = context

    def accept(self, served: ConfiguredInbox, candidate: Candidate) -> Outcome:
        """Take in what a scan found, as far as it goes now.

        :raises CatalogueUnavailable: the database cannot be used.
        :raises TransientError: the database is locked or the disk full; nothing has been touched.
        """
        delivery = announce(self._context, served, candidate)  # step 2, the row
        return self._guard(delivery, self._begin)

    def resume(self, served: ConfiguredInbox, ingestion: Ingestion) -> Outcome:
        """Go on with an ingestion that was taken over, from what its row says.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        delivery = Delivery(served, ingestion)
        return self._guard(delivery, self._begin_again if ingestion.state is IngestionState.CLAIMED else self._close)

    def _begin_again(self, delivery: Delivery) -> Outcome:
        refusal = deadly(delivery.ingestion.faults)
        if refusal is not None:
            raise refusal
        return self._begin(delivery)

    def _begin(self, delivery: Delivery) -> Outcome:
        claimed = take(self._context, delivery)  # step 2, the file
        if claimed is None:
            return Outcome.LOST
        with LeaseKeeper(self._context.catalogue, delivery.ingestion, self._context.lease) as keeper:
            _Steps(self._context, delivery, claimed).run(keeper.check)  # steps 3 to 7
        return self._close(delivery)

    def _close(self, delivery: Delivery) -> Outcome:
        return close(self._context, delivery)  # step 8

    def _guard(self, delivery: Delivery, work: Callable[[Delivery], Outcome]) -> Outcome:
        """Run a part of the way; whatever goes wrong is decided here, once for all steps."""
        try:
            return work(delivery)
        except LeaseLost as lost:
            return _let_go(self._context, delivery, lost)
        except Exception as error:  # noqa: BLE001 - the pipeline's one catch-all: no product may stop the others
            return self._settle(delivery, error)

    def _settle(self, delivery: Delivery, error: Exception) -> Outcome:
        """Refuse or postpone, unless it waits only. When even that fails, the lease runs out and somebody takes the
        work up again."""
        if isinstance(error, AwaitsParent):
            _log.info("product waits", product=delivery.ingestion.name, parent=str(error))
            return Outcome.WAITING
        _report(delivery, error)
        try:
            refusal = verdict(error, delivery.ingestion.faults)
            if refusal is not None and delivery.ingestion.state is IngestionState.CLAIMED:
                return refuse(self._context, delivery, refusal)
            return self._postpone(delivery, error)
        except CatalogueUnavailable:
            raise
        except LeaseLost as lost:
            return _let_go(self._context, delivery, lost)
        except Exception as second:  # noqa: BLE001 - as above
            _report(delivery, second)
            return self._postpone_at_last(delivery, second)

    def _postpone(self, delivery: Delivery, error: Exception) -> Outcome:
        until = self._next_attempt(delivery.ingestion, error)
        self._context.catalogue.ingestions.postpone(
            delivery.ingestion, until, one_line(error), faults=int(is_fault(error))
        )
        return Outcome.POSTPONED

    def _postpone_at_last(self, delivery: Delivery, error: Exception) -> Outcome:
        try:
            return self._postpone(delivery, error)
        except PripError as third:
            return _let_go(self._context, delivery, third)

    def _next_attempt(self, ingestion: Ingestion, error: Exception) -> datetime:
        """While the clock cannot be trusted, a time taken from it might be years away: the work stays due."""
        if isinstance(error, ClockJumped):
            return ingestion.due_at
        return self._context.clock.now() + pause_after(error, ingestion.attempts)


class _Steps:
    """Steps 3 to 7 for one claimed product."""

    def __init__(self, context: IngestContext, delivery: Delivery, claimed: Claimed) -> None:
        self._context = context
        self._delivery = delivery
        self._claimed = claimed

    def run(self, go_on: Callable[[], None]) -> None:
        """From the claimed file to the published row.

        :param go_on: raises when the work must stop.
        """
        claimed = self._claimed
        identity = recognise(self._context.missions, self._named())  # step 3
        crashpoints.reached("recognised")
        with (
            DeliveredFile(self._delivery.served.inbox.source(claimed), claimed.name) as delivered,
            unchanged(delivered) as seen,
            damage_refused(claimed.name),
            open_product(delivered) as files,
        ):
            source = Source(delivered=delivered, claimed=claimed, files=files, seen=seen, go_on=go_on)
            found = self._find_out(identity, source)
        publish(self._context, self._delivery, found)  # step 7

    def _named(self) -> Candidate:
        claimed = self._claimed
        return Candidate(name=claimed.name, path=claimed.path, size=claimed.size, arrived=claimed.arrived)

    def _find_out(self, identity: ProductIdentity, source: Source) -> Inspected:
        sidecar = read_sidecar(self._claimed.sidecar)
        metadata = self._inspect(identity, source)  # step 4
        description = describe(metadata, sidecar, self._claimed, self._delivery.served.section)
        wait_for_parent(self._context, self._delivery, identity.product_type, metadata)
        crashpoints.reached("inspected")
        product = InspectedProduct(
            identity=identity,
            metadata=metadata,
            files=source.files,
            size=self._claimed.size,
            now=self._context.clock.now(),
        )
        warnings = self._examine(product, Stage.METADATA)  # step 5
        crashpoints.reached("checked")
        stored = store(self._context, self._delivery, product, replace(source, stated=sidecar.checksum))  # step 6
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
