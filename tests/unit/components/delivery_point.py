"""A small delivery point for workers: two inboxes, and a mission of bare files."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.catalogue import Catalogue, open_catalogue, upgrade
from prip_core.components.ingestor import Ingestor
from prip_core.ingest.context import ConfiguredInbox, IngestContext
from prip_core.ingest.scout import News
from prip_core.interfaces import MissionAdapter, PluginSettings, ProductFiles
from prip_core.model import Candidate, ProductIdentity, ProductMetadata, ProductType, TimeRange
from prip_core.settings import InboxSection
from prip_core.testing.clock import FixedClock
from prip_storage_posix.posix import PosixSettings, PosixStorage

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)
NOTE = ProductType(code="NOTE", mission="notes", description="A note")


class Notes(MissionAdapter):
    """A mission of bare files called ``NOTE_*``."""

    NAME: ClassVar[str] = "notes"

    def product_types(self) -> tuple[ProductType]:
        return (NOTE,)

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        known = candidate.name.startswith("NOTE_")
        return ProductIdentity(name=candidate.name, product_type=NOTE, platform="X") if known else None

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        return ProductMetadata(content=TimeRange(start=START, end=START), attributes=())


class Point:
    """A delivery point with two inboxes, ``urgent`` before ``bulk``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(START)
        self.stop = threading.Event()
        self.delivered: dict[str, list[Path]] = {}
        url = f"sqlite:///{folder / 'prip.db'}"
        upgrade(url)
        self.catalogue: Catalogue = open_catalogue(url, self.clock)
        (folder / "archive").mkdir()
        self.context = IngestContext(
            catalogue=self.catalogue,
            missions={"notes": Notes(PluginSettings())},
            storages={"archive": PosixStorage(PosixSettings(path=folder / "archive"))},
            rules_for=lambda product_type: (),
            clock=self.clock,
            checksums=("MD5",),
            lease=LEASE,
        )
        self.bulk = self._inbox("bulk", 0)
        self.urgent = self._inbox("urgent", 10)

    def _inbox(self, name: str, priority: int) -> ConfiguredInbox:
        (self.folder / name).mkdir(exist_ok=True)
        settings = FolderInboxSettings(path=self.folder / name, quarantine=self.folder / "quarantine")
        return ConfiguredInbox(section=InboxSection(name=name, priority=priority), inbox=FolderInbox(settings))

    def ingestor(self, *inboxes: ConfiguredInbox) -> Ingestor:
        return Ingestor(self.context, inboxes or (self.bulk, self.urgent), self.stop, news=self.heard)

    def heard(self) -> News:
        """What a watch would tell: everything that was delivered since the last time."""
        told = [(served.inbox, self.delivered.pop(served.section.name, ())) for served in (self.bulk, self.urgent)]
        return [(inbox, changed) for inbox, changed in told if changed]

    def deliver(self, inbox: str, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.new").write_text(name)
            self.delivered.setdefault(inbox, []).append(
                (self.folder / f"{name}.new").rename(self.folder / inbox / name)
            )

    def waiting(self, inbox: str) -> set[str]:
        return {path.name for path in (self.folder / inbox).iterdir() if path.is_file()}

    def published(self) -> list[str]:
        names = sorted(path.name for path in (self.folder / "archive").rglob("NOTE_*"))
        assert all(self.catalogue.products.named(name) for name in names)
        return names
