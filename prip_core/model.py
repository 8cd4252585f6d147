"""The values that cross the border between core and plugins: frozen, keyword-only, times aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from prip_core.interfaces import ProductFiles

AttributeValue = str | int | float | bool | datetime
"""What an attribute may hold. The Python type decides the OData attribute type."""

SIDECAR_SUFFIX = ".prip.json"
"""Follows a product's name in the name of its sidecar."""

SIDECAR_LIMIT = 1024 * 1024
"""The largest sidecar that is read, in bytes."""

Position = tuple[float, float]
"""Longitude, latitude in degrees (WGS 84)."""


class ProductionType(Enum):
    """How a product came to be made (PRIP ICD, ``OData.CSC.ProductionType``): OData member name and number."""

    SYSTEMATIC = ("systematic_production", 0)
    ON_DEMAND_DEFAULT = ("on_demand_default", 1)
    ON_DEMAND_NON_DEFAULT = ("on_demand_non_default", 2)

    @property
    def label(self) -> str:
        """The OData member name, e.g. ``systematic_production``."""
        return self.value[0]

    @property
    def number(self) -> int:
        """The OData member value, 0 to 2."""
        return self.value[1]

    @classmethod
    def of(cls, label: str) -> ProductionType:
        """The member of this OData name.

        :raises ValueError: no such member.
        """
        if label in _PRODUCTION_TYPES:
            return _PRODUCTION_TYPES[label]
        raise ValueError(f"{label!r} is no production type; it is one of {', '.join(m.label for m in cls)}")


_PRODUCTION_TYPES = {member.label: member for member in ProductionType}


class Severity(StrEnum):
    """What a finding leads to: an error quarantines the product, a warning is recorded with it."""

    ERROR = "error"
    WARNING = "warning"


class Stage(StrEnum):
    """When a quality rule runs: before the bytes are stored, or after, when every member's digest is known."""

    METADATA = "metadata"
    CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Whom products without a parent take over from: products that have the same value of an attribute, and a period
    (``ContentDate``) that overlaps theirs.

    :param attribute: names the group, such as the datatake; a text.
    :param product_types: codes of the types that know more.
    """

    attribute: str
    product_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductType:
    """A kind of product that a mission makes.

    :param code: as in the OData attribute ``productType``, e.g. ``MSI_L2A_TL``.
    :param mission: the adapter's NAME, e.g. ``sentinel2``.
    :param description: one line for people.
    :param content_type: MIME type offered for the delivered file.
    :param housekeeping: house-keeping telemetry, which goes to the flight operators, and is taken in before all else.
    :param indexed: names of numeric and time attributes that deserve an index (``cloudCover``, …).
    :param inherits: names of the attributes that a product takes over from its parent where neither it nor the chain
        states them; ``OriginDate`` among them: that as well, where its own follows from a rule and the parent's does
        not. A parent that comes later passes them on then.
    :param kin: whom they are taken over from where there is no parent, as far as that is known at publication, and its
        members agree.
    :param parent_attribute: name of the attribute that says what a product belongs to, as ``ProductMetadata.parent``
        does, for a catalogue that takes products over from another one.
    :param report: a quality report about another product, its parent, for which it waits (``ingest.parent_wait``). What
        its attributes ``checkName``, ``qualityStatus`` (``NOMINAL``: it passed) and ``processingDate`` say is shown
        with that product. Reports are taken in after the products that clients wait for.
    """

    code: str
    mission: str
    description: str
    content_type: str = "application/octet-stream"
    housekeeping: bool = False
    indexed: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()
    kin: Kin | None = None
    parent_attribute: str | None = None
    report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that lies in an inbox and is complete.

    :param name: base name of the file.
    :param path: where it lies, in the inbox's own terms.
    :param size: bytes.
    :param arrived: when it appeared under its final name, UTC.
    """

    name: str
    path: str
    size: int
    arrived: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A candidate that belongs to this delivery point now and that no other worker sees.

    :param uuid: its ingestion, and the Id of the product that it will become.
    :param sidecar: the content of ``<name>.prip.json`` that was delivered beside it, or ``None``.
    """

    uuid: UUID
    name: str
    path: str
    size: int
    arrived: datetime
    sidecar: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductIdentity:
    """What a mission reads from a name alone.

    :param name: the delivered file's name, with its suffix.
    :param platform: the satellite, as the name gives it (``S2B``; ``S2_`` for all of a mission).
    :param sensing_end: when sensing ended, UTC, as near as the name tells; ``None`` where it tells nothing. It
        says what is taken in next.
    """

    name: str
    product_type: ProductType
    platform: str
    sensing_end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """A period of sensing or validity, UTC; both ends belong to it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One entry of a product's OData ``Attributes``."""

    name: str
    value: AttributeValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Where a product lies: polygons, or a line (Sentinel-1 wave mode).

    :param polygons: one closed ring (first position = last) each, in the order of the source; two or more where the
        area was split at the antimeridian (RFC 7946, clause 3.1.9).
    :param line: positions of a track, when there is no area.
    """

    polygons: tuple[tuple[Position, ...], ...] = ()
    line: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMember:
    """What a product's manifest says of one of its files.

    :param size: bytes; ``None`` where it says nothing.
    :param algorithm: of its digest, as the manifest writes it: ``MD5``, ``SHA3-256``; ``None``: it states no digest.
    :param digest: hexadecimal, in any case.
    """

    size: int | None = None
    algorithm: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMetadata:
    """What a mission reads from inside a product.

    :param content: sensing or validity period (``ContentDate``).
    :param parent: name of the product that this one belongs to, without suffix: a granule's datastrip, the product that
        a quality report is about.
    :param parts: names that this product declares as its own (a datastrip's granules), without suffix.
    :param quicklooks: members to keep beside the product as pictures.
    :param generated: when the product was made (``processingDate``), the default for OriginDate.
    :param manifest: the files that the product's manifest lists, by the names that they have as members; those
        digests are computed in the one read and compared (rule QC-08).
    """

    content: TimeRange
    attributes: tuple[Attribute, ...]
    footprint: Footprint | None = None
    parent: str | None = None
    parts: tuple[str, ...] = ()
    quicklooks: tuple[str, ...] = ()
    generated: datetime | None = None
    origin_date: datetime | None = None
    production_type: ProductionType | None = None
    manifest: Mapping[str, ListedMember] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """A digest of the delivered file: ``Algorithm`` as OData names it (``MD5``, ``BLAKE3``), lower-case hex."""

    algorithm: str
    value: str
    date: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDigest:
    """What the one read of a product saw of a member: how many bytes, and their digest, lower-case hex.

    :param stated: by the algorithm that the manifest names for it; ``None`` where it names none that is known here, or
        where digests of members are not verified (``[ingest.qc] manifest``).
    """

    size: int
    stated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a quality rule has to say.

    :param rule: id of the rule, e.g. ``QC-11``.
    :param message: what is wrong, what was expected.
    :param member: the file inside the product, where it concerns one.
    """

    rule: str
    severity: Severity
    message: str
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QcReport:
    """All findings about one product."""

    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the product from being published."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedProduct:
    """What a quality rule looks at.

    :param size: bytes of the delivered file.
    :param now: when it is looked at, UTC.
    :param members: member name → digest; empty at stage ``metadata``, complete at stage ``content``.
    """

    identity: ProductIdentity
    metadata: ProductMetadata
    files: ProductFiles
    size: int
    now: datetime
    members: Mapping[str, MemberDigest] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a product went to quarantine: the content of ``reason.json``.

    :param when: time of the refusal, UTC.
    :param inbox: name of the inbox that it came through; empty where that is not known.
    """

    uuid: UUID
    name: str
    reason: str
    when: datetime
    findings: tuple[Finding, ...] = ()
    inbox: str = ""


class Fate(StrEnum):
    """What became of a delivery, as its receipt tells."""

    PUBLISHED = "published"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a delivery point tells the chain of a delivery.

    :param uuid: of the ingestion; in quarantine the product lies under it.
    :param name: as it was delivered.
    :param inbox: the name of the inbox that it came through.
    :param id: the product's Id, of a duplicate that of the product that was there before; ``None`` for a refused one.
    :param publication_date: when that product became visible, UTC.
    :param content_length: bytes.
    :param checksums: digests of the product; none of a refused one.
    :param reason: why it was refused.
    :param findings: what the quality rules had to say.
    :param arrived: when it appeared in the inbox, UTC.
    :param written: when this was told, UTC.
    """

    uuid: UUID
    name: str
    inbox: str
    fate: Fate
    id: UUID | None
    publication_date: datetime | None
    content_length: int
    checksums: tuple[Checksum, ...]
    reason: str | None
    findings: tuple[Finding, ...]
    arrived: datetime
    written: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRejectedEvent:
    """A product was refused. ``rejection.uuid`` tells the event from all others, however often it is told.

    :param size: bytes of the delivered file.
    :param arrived: when it appeared in the inbox, UTC.
    """

    rejection: Rejection
    size: int
    arrived: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRoom:
    """How full a quarantine is.

    :param products: how many lie there; ``None``: it cannot be told quickly.
    :param free_bytes: what may still be written there; ``None``: it cannot be told.
    """

    products: int | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object in a storage: key, bytes, time of last change (UTC)."""

    key: str
    size: int
    modified: datetime
