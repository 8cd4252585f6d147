"""Publication: the one transaction that makes a product visible, and the import of products published elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prip_core.catalogue.database import Database
from prip_core.catalogue.documents import Packing
from prip_core.catalogue.ingestion_rows import Ingestion, IngestionState
from prip_core.catalogue.ingestions import Ingestions
from prip_core.catalogue.inheritance import Inheritance
from prip_core.catalogue.outbox import post_publication
from prip_core.catalogue.product_rows import NumberedProduct, ProductWriter
from prip_core.catalogue.publication_clock import PublicationClock, RanAhead, Turn
from prip_core.catalogue.rendering import RenderedProduct, md5_of, render
from prip_core.catalogue.restore import RestoreCount, restore
from prip_core.catalogue.states import LIVE
from prip_core.catalogue.tables import StoredChecksum
from prip_core.errors import LeaseLost, PermanentError, PripError, ProductRejected
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


_LIVE_OF_NAME = "SELECT seq, id FROM product WHERE name = ? AND state IN ({})".format(  # noqa: S608  # constants
    ", ".join(f"'{state}'" for state in LIVE)
)


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

    def publish_all(
        self, batch: Sequence[tuple[NewProduct, Ingestion]], *, channels: Sequence[str] = ()
    ) -> Sequence[PublishOutcome | PripError]:
        """Publish products whose bytes are stored and verified, and record it in their ingestions, in one transaction.

        Each gets numbers and a date of its own. Repeating it after a lost answer gives the first outcomes again. For a
        duplicate no row has its Id nor ever will have: its bytes may be deleted.

        One that cannot be published does not stop the others; its error stands in its place: ``LeaseLost``, its
        ingestion has passed to another worker; ``ProductRejected``, other bytes are online under its name;
        ``PermanentError``, it has no MD5, or its ingestion has been refused.

        :param channels: the outbox channels that are to be told.
        :raises ClockJumped: products cannot be dated now; none is published.
        :raises TransientError: the database is locked or the disk full.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        while True:
            self._clock.wait(len(batch))
            try:
                with self._database.writing():
                    return self._publish(batch, channels)
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

    def _publish(
        self, batch: Sequence[tuple[NewProduct, Ingestion]], channels: Sequence[str]
    ) -> Sequence[PublishOutcome | PripError]:
        new: dict[str, NewProduct] = {}
        decided: list[PublishOutcome | PripError | None] = []
        for product, ingestion in batch:
            try:
                decided.append(self._decide(product, ingestion, new.get(product.name)))
            except (LeaseLost, ProductRejected, PermanentError) as error:
                decided.append(error)
                continue
            if decided[-1] is None:
                new[product.name] = product
        published = iter(self._new(list(new.values()), channels))
        outcomes = [next(published) if outcome is None else outcome for outcome in decided]
        for (_, ingestion), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, PublishOutcome):
                self._ingestions.settle(ingestion, outcome.state)
        return outcomes

    def _decide(self, product: NewProduct, ingestion: Ingestion, before: NewProduct | None) -> PublishOutcome | None:
        """What is to become of a product; ``None``: it is new.

        :param before: another one of its name that is published in the same transaction.
        """
        decided = self._ingestions.check(ingestion)
        if decided is IngestionState.REJECTED:
            raise PermanentError(f"{product.name} ({product.id}) cannot be published: its ingestion has been refused")
        outcome = self._published(product)
        if outcome is None:
            existing = self._live(product.name) if before is None else (before.id, md5_of(before))
            outcome = _duplicate(product, decided, existing)
        if outcome is None and md5_of(product) is None:
            raise PermanentError(f"{product.name} ({product.id}) cannot be published without its MD5")
        return outcome

    def _published(self, product: NewProduct) -> PublishOutcome | None:
        rows = self._database.rows_of("SELECT publication_date FROM product WHERE id = ?", (product.id.bytes,))
        return _published_outcome(rows[0][0]) if rows else None

    def _live(self, name: str) -> tuple[UUID, str | None] | None:
        """Id and MD5 of the product that is listed under a name."""
        rows = self._database.rows_of(_LIVE_OF_NAME, (name,))
        return (UUID(bytes=bytes(rows[0][1])), self._md5(rows[0][0])) if rows else None

    def _md5(self, seq: int) -> str | None:
        """The MD5 of a published product."""
        query = StoredChecksum.select(StoredChecksum.algorithm, StoredChecksum.value).where(StoredChecksum.seq == seq)
        found = {algorithm.upper(): value for algorithm, value in self._database.rows(query)}
        return self._database.digest_text(found["MD5"]).lower() if "MD5" in found else None

    def _new(self, products: Sequence[NewProduct], channels: Sequence[str]) -> Sequence[PublishOutcome]:
        if not products:
            return []
        complete = self._inheritance.complete(products)
        turns = self._clock.advance_by(len(products), products=len(products), online=len(products))
        packing = self._writer.packing()
        self._writer.insert([_numbered(product, turn, packing) for product, turn in zip(complete, turns, strict=True)])
        for product, turn in zip(complete, turns, strict=True):
            post_publication(self._database, product, turn.date, channels)
        self._inheritance.bequeath([(product.name, turn.seq) for product, turn in zip(complete, turns, strict=True)])
        self._ingestions.release([product.name for product in complete])
        return [_published_outcome(turn.date) for turn in turns]


def _numbered(product: NewProduct, turn: Turn, packing: Packing) -> NumberedProduct:
    """A product ready to be written at its place."""
    date = from_milliseconds(turn.date)
    published = PublishedProduct(
        product=product.published_at(date), publication_date=date, modification_date=date, online=True
    )
    return NumberedProduct(turn.seq, turn.change_seq, render(published, packing))


def _published_outcome(date: int) -> PublishOutcome:
    return PublishOutcome(state=IngestionState.PUBLISHED, publication_date=from_milliseconds(date), existing=None)


def _duplicate(
    product: NewProduct, decided: IngestionState, existing: tuple[UUID, str | None] | None
) -> PublishOutcome | None:
    """:raises ProductRejected: other bytes are online under this name."""
    uuid, md5 = existing or (None, None)
    # Once a duplicate, always one: its bytes may be gone by now.
    if decided is IngestionState.DUPLICATE or (uuid is not None and md5 == md5_of(product)):
        return PublishOutcome(state=IngestionState.DUPLICATE, publication_date=None, existing=uuid)
    if uuid is not None:
        raise _other_bytes(product, uuid, md5)
    return None


def _other_bytes(product: NewProduct, existing: UUID, md5: str | None) -> ProductRejected:
    return refusal(
        "QC-02",
        f"{product.name} is online already as {existing} with other bytes (MD5 {md5}, delivered now "
        f"{md5_of(product)}); withdraw that one first, or deliver this one under another name",
    )
