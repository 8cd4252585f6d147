"""A small delivery point for the pipeline: real catalogue, storage and inbox, and a mission of the tests' own."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.errors import ProductRejected
from prip_core.ingest.context import ConfiguredInbox, IngestContext, Outcome
from prip_core.ingest.patience import Patience
from prip_core.ingest.pipeline import Pipeline
from prip_core.interfaces import MissionAdapter, PluginSettings, ProductFiles, QcRule
from prip_core.model import (
    Attribute,
    Candidate,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    TimeRange,
)
from prip_core.settings import InboxSection, QcSection
from prip_core.testing.clock import FixedClock
from prip_core.testing.packages import write_tar
from prip_storage_posix.posix import PosixSettings, PosixStorage
from tests.singly import accept_one, resume_one, take_over_one

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROCK = ProductType(
    code="ROCK_L0", mission="geology", description="A rock", content_type="application/x-tar", indexed=("weight",)
)
SURVEY = ProductType(code="SURVEY", mission="geology", description="What somebody says of a rock", report=True)


class Geology(MissionAdapter):
    """A mission whose products are called ``ROCK_*`` and describe themselves in ``<top>/rock.json``; so do reports
    about them, ``ROCK_*_SURVEY``."""

    NAME: ClassVar[str] = "geology"

    def product_types(self) -> Sequence[ProductType]:
        return (ROCK, SURVEY)

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        if candidate.name.startswith("ROCK_SECRET"):
            raise ProductRejected(f"{candidate.name} is a secret rock")
        if not candidate.name.startswith("ROCK_"):
            return None
        product_type = SURVEY if candidate.name.endswith("_SURVEY.tar") else ROCK
        return ProductIdentity(name=candidate.name, product_type=product_type, platform="HAMMER")

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        top = identity.name.removesuffix(".tar")
        facts = json.loads(files.read(f"{top}/rock.json", 10_000))
        if facts.get("weight", 0) < 0:
            raise ProductRejected("a rock has no negative weight")
        return ProductMetadata(
            content=TimeRange(start=START - timedelta(hours=2), end=START - timedelta(hours=1)),
            attributes=tuple(Attribute(name=name, value=value) for name, value in facts.items()),
            generated=START - timedelta(minutes=30),
            parent=facts.get("mountain"),
            quicklooks=tuple(name for name in files.names() if name.endswith(".png")),
        )


@dataclass
class Point:
    """A delivery point in a folder."""

    folder: Path
    url: str
    clock: FixedClock
    missions: dict[str, MissionAdapter]
    rules: list[QcRule] = field(default_factory=list)
    lease: timedelta = timedelta(minutes=1)
    qc: QcSection = field(default_factory=QcSection)
    stop: threading.Event = field(default_factory=threading.Event)
    grace: timedelta = timedelta(minutes=10)
    parent_wait: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        self.catalogue: Catalogue = open_catalogue(self.url, self.clock)
        (self.folder / "archive").mkdir()
        self.storage = PosixStorage(PosixSettings(path=self.folder / "archive"))
        self.served = self.inbox()

    def inbox(self, name: str = "inbox", **section: Any) -> ConfiguredInbox:
        (self.folder / name).mkdir(exist_ok=True)
        settings = FolderInboxSettings(
            path=self.folder / name,
            quarantine=self.folder / "quarantine",
            receipts_folder=self.folder / "receipts",
        )
        return ConfiguredInbox(section=InboxSection(name=name, **section), inbox=FolderInbox(settings))

    @property
    def context(self) -> IngestContext:
        return IngestContext(
            catalogue=self.catalogue,
            missions=self.missions,
            storages={"archive": self.storage},
            rules_for=lambda product_type: tuple(self.rules),
            clock=self.clock,
            checksums=("MD5", "BLAKE3"),
            lease=self.lease,
            qc=self.qc,
            parent_wait=self.parent_wait,
        )

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline(self.context, Patience(self.stop, self.grace))

    def accept(self, served: ConfiguredInbox | None = None) -> Outcome:
        """Take in the one file that lies in the inbox."""
        return accept_one(self.pipeline, served or self.served, self.candidate(served or self.served))

    def resume(self) -> Outcome:
        """Go on with the one ingestion that nobody works on."""
        ingestion = take_over_one(self.catalogue.ingestions, ["inbox"], self.lease)
        assert ingestion is not None, "nothing to take up"
        return resume_one(self.pipeline, self.served, ingestion)

    def rejections(self) -> list[str]:
        return [rejection.reason for rejection in self.served.inbox.rejected()]

    def assert_published_once(self, name: str = "ROCK_1.tar") -> None:
        (product,) = self.catalogue.products.named(name)
        assert product.online
        with self.storage.open(product.key) as stored:
            assert hashlib.md5(stored.read()).hexdigest() == product.checksums[0].value
        assert product.key in self.stored()
        assert self.left_in_inbox() == []
        assert self.catalogue.ingestions.open() == []
        assert self.rejections() == []

    def assert_refused(self, reason: str) -> None:
        assert any(reason in each for each in self.rejections()), self.rejections()
        assert self.left_in_inbox() == []
        assert self.catalogue.ingestions.open() == []

    def deliver(self, name: str = "ROCK_1.tar", *, inbox: str = "inbox", facts: Any = None, more: Any = None) -> Path:
        """Build a rock and put it into an inbox."""
        top = name.removesuffix(".tar")
        members = {f"{top}/rock.json": json.dumps({"weight": 7} if facts is None else facts).encode(), **(more or {})}
        building = self.folder / f"{name}.building"
        write_tar(building, members)
        return building.rename(self.folder / inbox / name)

    def candidate(self, served: ConfiguredInbox | None = None) -> Candidate:
        return next(iter((served or self.served).inbox.scan()))

    def candidate_day(self) -> str:
        """The day of arrival of what arrives now: the inbox goes by the machine's clock."""
        return f"{datetime.now(UTC):%Y/%m/%d}"

    def stored(self) -> list[str]:
        return [each.key for each in self.storage.list("")]

    def left_in_inbox(self, name: str = "inbox") -> list[str]:
        folder = self.folder / name
        always = {folder / ".work", folder / ".work" / ".spare"}
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path not in always)


@pytest.fixture
def point(tmp_path: Path, url: str) -> Iterator[Point]:
    point = Point(tmp_path, url, FixedClock(START), {"geology": Geology(PluginSettings())})
    yield point
    point.catalogue.close()


@pytest.fixture
def make_mission() -> Callable[..., MissionAdapter]:
    """Makes a mission of another name whose ``recognise`` is the function given."""

    def make(name: str, answer: Callable[[Candidate], ProductIdentity | None]) -> MissionAdapter:
        class Other(Geology):
            NAME: ClassVar[str] = name

            def recognise(self, candidate: Candidate) -> ProductIdentity | None:
                return answer(candidate)

        return Other(PluginSettings())

    return make
