"""What the ingest pipeline is given, and what it carries from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from prip_core.catalogue import Catalogue, Ingestion
from prip_core.clock import Clock
from prip_core.errors import TransientError
from prip_core.ingest.stopwatch import Stopwatch
from prip_core.interfaces import Inbox, MissionAdapter, QcRule, Storage
from prip_core.metrics import Metrics
from prip_core.model import Candidate, Claimed, ProductIdentity, ProductType
from prip_core.settings import InboxSection, KpiSection, QcSection


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredInbox:
    """An inbox and its section of the configuration."""

    section: InboxSection
    inbox: Inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Beyond which nothing more is claimed.

    :param min_free: bytes that are to be free where a storage or a quarantine writes.
    :param max_quarantine: products in a quarantine; 0: any number.
    :param max_stuck: claimed products of an inbox that wait for another attempt; 0: any number.
    """

    min_free: int = 0
    max_quarantine: int = 0
    max_stuck: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestContext:
    """Everything that ingest may depend on.

    :param missions: by NAME.
    :param storages: by the name that the configuration gives.
    :param rules_for: the quality rules of a product type.
    :param checksums: algorithms of the digests that each product is published with; MD5 always is.
    :param lease: after so long without a sign of life another worker may take the work over.
    :param qc: how strict the rules are here.
    :param kpi: by what limits of time products are ordered.
    :param marks: beyond which nothing more is claimed.
    :param channels: the outbox channels that each publication is written to.
    :param told_of_rejections: the outbox channels that each refusal is written to.
    :param metrics: what this process counts.
    :param grace: how long a product in work may go on when its worker is told to stop.
    :param parent_wait: how long a quality report waits for the product that it is about, at the most.
    """

    catalogue: Catalogue
    missions: Mapping[str, MissionAdapter]
    storages: Mapping[str, Storage]
    rules_for: Callable[[ProductType], Sequence[QcRule]]
    clock: Clock
    checksums: Sequence[str]
    lease: timedelta
    qc: QcSection = field(default_factory=QcSection)
    kpi: KpiSection = field(default_factory=KpiSection)
    marks: Marks = field(default_factory=Marks)
    channels: Sequence[str] = ()
    told_of_rejections: Sequence[str] = ()
    grace: timedelta = timedelta(minutes=10)
    parent_wait: timedelta = timedelta(0)
    metrics: Metrics = field(default_factory=Metrics)

    def storage(self, name: str) -> Storage:
        """The storage of a name.

        :raises TransientError: it is no longer configured; the work waits until it is.
        """
        try:
            return self.storages[name]
        except KeyError:
            raise TransientError(f"the storage {name!r} is not configured, [storages.{name}] must come back") from None


class Outcome(StrEnum):
    """What became of a product for now."""

    PUBLISHED = "published"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    POSTPONED = "postponed"
    WAITING = "waiting"
    """It waits for the product that it is about."""
    LOST = "lost"
    """Another worker has it."""


@dataclass(slots=True)
class Delivery:
    """A product on its way; ``ingestion`` is replaced as its row changes.

    :param watch: measures its way.
    :param identity: what it is, once it is recognised.
    :param held: about how many bytes of memory its open file takes.
    """

    served: ConfiguredInbox
    ingestion: Ingestion
    watch: Stopwatch = field(default_factory=Stopwatch)
    identity: ProductIdentity | None = None
    held: int = 0

    @property
    def candidate(self) -> Candidate:
        """What lay in the inbox."""
        row = self.ingestion
        return Candidate(name=row.name, path=row.path, size=row.size, arrived=row.arrived)

    @property
    def claimed(self) -> Claimed:
        """What was claimed, as far as the row tells: enough to finish or to reject it."""
        row = self.ingestion
        return Claimed(uuid=row.uuid, name=row.name, path=row.path, size=row.size, arrived=row.arrived)
