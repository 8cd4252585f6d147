"""Products whole, as the catalogue takes them: those about to be published, and those published before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from prip_core.model import Attribute, Checksum, Finding, Footprint, Kin, ProductionType, TimeRange
from prip_core.times import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """All that is known of a product when it is published, its dates of publication apart.

    :param id: the product's Id for ever.
    :param product_type: code of its type, e.g. ``MSI_L2A_TL``.
    :param mission: the adapter's NAME, e.g. ``sentinel2``.
    :param content_type: MIME type of the delivered file.
    :param content_length: its bytes.
    :param content: sensing or validity period (``ContentDate``).
    :param origin_estimated: ``origin_date`` comes from a rule, not from the chain.
    :param eviction_date: ``NEVER`` where nothing evicts it; ``retention`` goes before it.
    :param retention: from its publication to its eviction.
    :param checksums: digests of the delivered file, an MD5 among them.
    :param indexed: names of numeric and time attributes that deserve an index.
    :param storage: the name of the storage that keeps it.
    :param key: where it lies there.
    :param parent: name of the product that it belongs to, without suffix.
    :param inherits: names of what it takes over from that product where it has none, see ``ProductType.inherits``.
    :param kin: whom it takes that over from where it has no parent.
    :param parts: names that it declares as its own, without suffix.
    :param quicklooks: keys of its pictures in the same storage.
    :param housekeeping: house-keeping telemetry, which goes to the flight operators.
    :param findings: what the quality rules had to say, warnings only.
    """

    id: UUID
    name: str
    product_type: str
    mission: str
    content_type: str
    content_length: int
    content: TimeRange
    origin_date: datetime
    origin_estimated: bool
    eviction_date: datetime
    production_type: ProductionType
    checksums: tuple[Checksum, ...]
    footprint: Footprint | None
    attributes: tuple[Attribute, ...]
    indexed: tuple[str, ...] = ()
    storage: str
    key: str
    parent: str | None = None
    inherits: tuple[str, ...] = ()
    kin: Kin | None = None
    parts: tuple[str, ...] = ()
    quicklooks: tuple[str, ...] = ()
    housekeeping: bool = False
    findings: tuple[Finding, ...] = ()
    retention: timedelta | None = None

    def published_at(self, moment: datetime) -> NewProduct:
        """The product with the EvictionDate that follows from its PublicationDate."""
        if self.retention is None:
            return self
        return replace(self, eviction_date=NEVER if self.retention > NEVER - moment else moment + self.retention)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedProduct:
    """A product that was published before, here or elsewhere.

    :param product: its facts; ``storage`` and ``key`` are empty when its bytes are not here.
    :param publication_date: UTC; it stays as it is, to the millisecond.
    :param modification_date: UTC, not before ``publication_date``.
    :param online: it can be downloaded: where it comes from, or, for one that comes into the catalogue, here.
    :param deletion_date: UTC, when it left the list; ``None`` while it is online, or where that is not known.
    :param deletion_cause: why it left the list, as far as that is known.
    :param pictures: file names of its quicklooks where it comes from.
    """

    product: NewProduct
    publication_date: datetime
    modification_date: datetime
    online: bool
    deletion_date: datetime | None = None
    deletion_cause: str | None = None
    pictures: tuple[str, ...] = ()
