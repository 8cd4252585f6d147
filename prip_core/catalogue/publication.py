"""Publication: the one transaction that makes a product visible, and the import of products published elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prip_core.catalogue.database import Database
from prip_core.catalogue.documents import Packing
from prip_core.catalogue.ingestions import Ingestion, Ingestions, IngestionState
from prip_core.catalogue.inheritance import Inheritance
from prip_core.catalogue.outbox import post_publication
from prip_core.catalogue.product_rows import NumberedProduct, ProductWriter
from prip_core.catalogue.publication_clock import PublicationClock, RanAhead
from prip_core.catalogue.rendering import RenderedProduct, md5_of, render
from prip_core.catalogue.restore import RestoreCount, restore
from prip_core.catalogue.states import LIVE
from prip_core.catalogue.tables import Product, StoredChecksum
from prip_core.errors import PermanentError, ProductRejected
from prip_core.products import NewProduct, PublishedProduct
from prip_core.rules import refusal
from prip_core.times import from_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOutcome:
    """What became of a product that was to be published.

    :param state: PUBLISHED or DUPLICATE.
    :param publication_date: when it became visible, UTC; ``None`` for a duplicate.
    :param existing: the Id of the same product that was there before; ``None`` when there is none now.
    """

    state: IngestionState
    publication_date: datetime | None
    existing: UUID | None


class Publication:
    """Makes products visible, in one order for all."""

    def __init__(
        self, database: Database, clock: PublicationClock, ingestions: Ingestions, inheritance: Inheritance
    ) -> None:
        self._database = database
        self._clock = clock
        self._ingestions = ingestions
        self._inheritance = inheritance
        self._writer = ProductWriter(database)

    def publish(self, product: NewProduct, ingestion: Ingestion, *, channels: Sequence[str] = ()) -> PublishOutcome:
        """Publish a product whose bytes are stored and verified, and record it in its ingestion; all or nothing.

        Repeating it after a lost answer gives the first outcome again. For a duplicate no row has its Id nor ever will
        have: its bytes may be deleted.

        :param channels: the outbox channels that are to be told.
        :raises LeaseLost: the ingestion has passed to another worker.
        :raises ClockJumped: products cannot be dated now.
        :raises ProductRejected: other bytes are online under its name.
        :raises PermanentError: it has no MD5, or its ingestion has been refused.
        :raises TransientError: the database is locked or the disk full.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        while True:
            self._clock.wait()
            try:
                with self._database.writing():
                    return self._publish(product, ingestion, channels)
            except RanAhead:
                continue

    def restore(self, rows: Iterable[PublishedProduct]) -> RestoreCount:
        """Take over products that were published before, with their Ids and dates.

        :param rows: by PublicationDate, none before the newest product here; those that are here already are skipped.
        :raises PermanentError: a row is out of order, or its name is online here; the batches before it are kept.
        :raises TransientError: the database is locked or the disk full.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        return self.restore_rendered(render(row, self.packing()) for row in rows)

    def packing(self) -> Packing:
        """How products are to be rendered before :meth:`restore_rendered`.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        return self._writer.packing()

    def restore_rendered(self, rows: Iterable[RenderedProduct]) -> RestoreCount:
        """Take over products as :meth:`restore` does, which other processes have rendered."""
        return restore(self._database, self._clock, self._writer, rows)

    def _publish(self, product: NewProduct, ingestion: Ingestion, channels: Sequence[str]) -> PublishOutcome:
        decided = self._ingestions.check(ingestion)
        if decided is IngestionState.REJECTED:
            raise PermanentError(f"{product.name} ({product.id}) cannot be published: its ingestion has been refused")
        outcome = self._published(product)
        if outcome is None:
            outcome = self._duplicate(product, decided)
        if outcome is None:
            outcome = self._new(product, channels)
        self._ingestions.settle(ingestion, outcome.state)
        return outcome

    def _published(self, product: NewProduct) -> PublishOutcome | None:
        row = self._database.row(Product.select(Product.publication_date).where(Product.id == product.id.bytes))
        return None if row is None else _published_outcome(row[0])

    def _duplicate(self, product: NewProduct, decided: IngestionState) -> PublishOutcome | None:
        """:raises ProductRejected: other bytes are online under this name."""
        live = (Product.name == product.name) & Product.state.in_(LIVE)
        seq, existing = self._database.row(Product.select(Product.seq, Product.id).where(live)) or (None, None)
        uuid = None if existing is None else UUID(bytes=existing)
        md5 = None if seq is None else self._md5(seq)
        # Once a duplicate, always one: its bytes may be gone by now.
        if decided is IngestionState.DUPLICATE or (uuid is not None and md5 == md5_of(product)):
            return PublishOutcome(state=IngestionState.DUPLICATE, publication_date=None, existing=uuid)
        if uuid is not None:
            raise _other_bytes(product, uuid, md5)
        return None

    def _md5(self, seq: int) -> str | None:
        """The MD5 of a published product."""
        query = StoredChecksum.select(StoredChecksum.algorithm, StoredChecksum.value).where(StoredChecksum.seq == seq)
        found = {algorithm.upper(): value for algorithm, value in self._database.rows(query)}
        return self._database.digest_text(found["MD5"]).lower() if "MD5" in found else None

    def _new(self, product: NewProduct, channels: Sequence[str]) -> PublishOutcome:
        if md5_of(product) is None:
            raise PermanentError(f"{product.name} ({product.id}) cannot be published without its MD5")
        product = self._inheritance.complete(product)
        turn = self._clock.advance(products=1, online=1)
        date = from_milliseconds(turn.date)
        published = PublishedProduct(
            product=product.published_at(date), publication_date=date, modification_date=date, online=True
        )
        rendered = render(published, self._writer.packing())
        self._writer.insert([NumberedProduct(turn.seq, turn.change_seq, rendered)])
        post_publication(self._database, product, turn.date, channels)
        self._inheritance.bequeath(product.name, turn.seq)
        self._ingestions.release(product.name)
        return _published_outcome(turn.date)


def _published_outcome(date: int) -> PublishOutcome:
    return PublishOutcome(state=IngestionState.PUBLISHED, publication_date=from_milliseconds(date), existing=None)


def _other_bytes(product: NewProduct, existing: UUID, md5: str | None) -> ProductRejected:
    return refusal(
        "QC-02",
        f"{product.name} is online already as {existing} with other bytes (MD5 {md5}, delivered now "
        f"{md5_of(product)}); withdraw that one first, or deliver this one under another name",
    )
