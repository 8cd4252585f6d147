"""What a plugin implements: mission adapters, storages, inboxes, listeners and quality rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any, BinaryIO, ClassVar, Protocol, Self, runtime_checkable
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from prip_core.model import (
    Candidate,
    Claimed,
    Finding,
    InspectedProduct,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    QuarantineRoom,
    Receipt,
    Rejection,
    Severity,
    Stage,
    StoredObject,
)


class PluginSettings(BaseModel):
    """Base of a plugin's ``Settings``: frozen, unknown keys forbidden. Without a field: no settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProductFiles(ABC):
    """A read-only view of a delivered file: a bare file, a tar, a gzipped tar or a zip, all alike, nothing unpacked.

    Member names are relative, with ``/``, and begin with the top folder where there is one. A bare file has one
    member: itself.
    """

    @abstractmethod
    def names(self) -> Sequence[str]:
        """Names of all regular members, in the order of the container."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Bytes of a member.

        :raises KeyError: no such member.
        """

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """A member for reading, seekable. The caller closes it.

        :raises KeyError: no such member.
        """

    @abstractmethod
    def read(self, name: str, limit: int) -> bytes:
        """A whole member.

        :param limit: the most bytes it may have.
        :raises KeyError: no such member.
        :raises ProductRejected: it is larger than ``limit``.
        """

    @property
    @abstractmethod
    def container(self) -> str:
        """What the file is: ``file``, ``tar``, ``gzipped tar`` or ``zip``."""

    def close(self) -> None:
        """Let go of the file; open members end with it. Repeating it is fine."""
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Plugin(ABC):
    """What all classes that are chosen by name share.

    ``NAME`` is what the configuration says to choose it; ``Settings`` is a frozen model of its own settings, which
    the core fills from the configuration before it builds the object.

    :raises ConfigError: from ``__init__``: the settings cannot work here.
    """

    NAME: ClassVar[str]
    Settings: ClassVar[type[PluginSettings]] = PluginSettings

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def places(self) -> Mapping[str, PurePath]:
        """Where this plugin keeps things, by the setting that says so: one that lies in another's refuses the start.

        Without an implementation these are all of its settings that are paths, those of files apart.
        """
        paths = {key: value for key, value in dict(self.settings).items() if isinstance(value, Path)}
        # Two storages may trust the same file of certificates; nothing is delivered into a file.
        return {key: path for key, path in paths.items() if not path.is_file()}


class MissionAdapter(Plugin):
    """Recognises the products of a mission and reads their metadata."""

    @abstractmethod
    def product_types(self) -> Sequence[ProductType]:
        """Every kind of product that ``recognise`` may answer."""

    @abstractmethod
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        """Tell what a candidate is, from its name and size alone; ``None`` when it is not of this mission.

        Pure: no input or output, the same answer every time.

        :raises ProductRejected: it is of this mission, and must not be offered.
        """

    @abstractmethod
    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        """Read the metadata members of a product. Writes nothing.

        :raises ProductRejected: the metadata is missing, malformed or contradicts itself.
        """


class Storage(Plugin):
    """Keeps the bytes. Keys are relative paths with ``/``, of letters, digits and ``._-``."""

    @abstractmethod
    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        """Store all that ``source`` gives, durably, or nothing. Repeating it replaces the object.

        :param size: the bytes that must come, when known.
        :raises ValueError: the key is not safe.
        :raises TransientError: no space, no connection; nothing is stored.
        """

    @abstractmethod
    def adopt(self, key: str, path: Path) -> bool:
        """Take over a local file without copying (a hard link), its bytes made durable first.

        :returns: ``False`` when this storage cannot; the core then copies.
        :raises ValueError: the key is not safe.
        :raises TransientError: it can, but not now.
        """

    @abstractmethod
    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        """The bytes ``[start, stop)`` of an object for reading.

        :raises ObjectMissing: no such object.
        """

    @abstractmethod
    def stat(self, key: str) -> StoredObject | None:
        """The facts about an object, or ``None`` when there is none."""

    @abstractmethod
    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine."""

    @abstractmethod
    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose key begins with ``prefix``, in key order; unfinished uploads are not objects."""

    @abstractmethod
    def abandon_uploads(self, older_than: timedelta) -> int:
        """Remove what unfinished ``put`` calls left behind, where it is older than this; returns how many."""

    @abstractmethod
    def download_url(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        """A URL that gives the object for this long without credentials; ``None``: this storage has none."""

    def free_bytes(self) -> int | None:
        """What may still be written here, in bytes; ``None``: it cannot be told. Asked once a second, at the most.

        :raises TransientError: not now.
        """
        return None

    @abstractmethod
    def local_path(self, key: str) -> Path | None:
        """The file that holds the object, where it is one on this machine; otherwise ``None``."""


class Inbox(Plugin):
    """Where products arrive, and where refused ones are kept."""

    @abstractmethod
    def scan(self) -> Iterator[Candidate]:
        """What is complete and unclaimed, in any order; one at a time, as there may be hundreds of thousands."""

    @abstractmethod
    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        """Take a candidate and its sidecar away from the inbox, atomically; repeating it with the same uuid is fine.

        :raises AlreadyClaimed: it is gone.
        """

    @abstractmethod
    def source(self, claimed: Claimed) -> Path | BinaryIO:
        """The claimed file: on this machine, or as a seekable stream of exactly the bytes that were claimed.

        A stream is read by one thread, which closes it: small pieces here and there, where metadata are, then once from
        the start to the end. It raises ``TransientError`` when bytes cannot be had, or the file was replaced.

        :raises AlreadyClaimed: it is gone.
        """

    @abstractmethod
    def finish(self, claimed: Claimed) -> None:
        """Remove a claimed product for good: it is published, or a duplicate. Repeating it is fine."""

    @abstractmethod
    def reject(self, claimed: Claimed, rejection: Rejection) -> None:
        """Move a claimed product to quarantine beside its reason. Repeating it is fine; nothing is ever lost."""

    @abstractmethod
    def rejected(self) -> Iterator[Rejection]:
        """What lies in quarantine, oldest first."""

    @abstractmethod
    def retry(self, rejection: Rejection) -> None:
        """Put a quarantined product back into the inbox as if it had just arrived; one whose ``reject`` has returned.

        :raises PermanentError: it is gone, or the inbox has a file of this name.
        """

    @abstractmethod
    def drop(self, rejection: Rejection) -> None:
        """Delete a quarantined product and its reason; one whose ``reject`` has returned."""

    @abstractmethod
    def still_there(self, candidate: Candidate) -> bool:
        """Tell whether a scanned candidate still lies unclaimed in the inbox."""

    @abstractmethod
    def claimed(self) -> Iterator[UUID]:
        """The uuids of all claims that are neither finished nor rejected, those of dead workers included."""

    @abstractmethod
    def release(self, uuid: UUID) -> None:
        """Put a claimed product and its sidecar back as if they had just arrived; a missing claim is fine.

        :raises TransientError: the inbox has a file of this name; the claim stays.
        """

    def tell(self, claimed: Claimed, receipt: Receipt) -> None:
        """Write what became of a delivery where the chain looks for it, durably; the next one of its name replaces it.

        It is asked for where ``[[inbox]] receipts = true``, behind ``finish`` or ``reject``; repeating it is fine. The
        setting is refused for an inbox that does not implement it.

        :raises TransientError: it cannot be written now.
        """
        raise NotImplementedError(f"an inbox of kind {self.NAME} writes no receipts")

    def pause(self, reason: str | None) -> None:  # noqa: ARG002 - for inboxes that have a way to tell
        """Tell the chain that nothing is taken in for now, or again; repeating it is fine. Without it nobody is told.

        :param reason: a sentence: why, and what is to be done; ``None``: products are taken in.
        :raises TransientError: it cannot be told now.
        """
        return

    def paused(self) -> str | None:
        """Why nothing is taken in for now, as :meth:`pause` told the chain; ``None``: it told nothing, or nobody knows.

        :raises TransientError: it cannot be told now.
        """
        return None

    def quarantine_room(self) -> QuarantineRoom:
        """How full its quarantine is. Asked once a second, at the most.

        :raises TransientError: it cannot be told now.
        """
        return QuarantineRoom()

    def watch_path(self) -> Path | None:
        """A folder whose changes mean that it is worth while to look; ``None``: scan from time to time."""
        return None

    def news(self, changed: Collection[Path]) -> Iterator[Candidate]:
        """What changes in the folder that is watched have brought: candidates as :meth:`scan` finds them.

        :param changed: what appeared or changed in it.
        """
        del changed  # an inbox that cannot tell looks at everything
        return self.scan()


class Listener(Plugin):
    """Is told of events: its methods are hooks, marked ``@hookimpl``. It is at work where ``[plugins.NAME]`` stands.

    A plugin that needs no settings does without: its functions are hooks, too.
    """


@runtime_checkable
class QcRule(Protocol):
    """A quality rule. A function decorated with :func:`qc_rule` is one."""

    @property
    def id(self) -> str:
        """As findings name it, e.g. ``QC-11``."""
        ...

    @property
    def severity(self) -> Severity:
        """What its findings lead to, unless ``[ingest.qc] severity`` says otherwise."""
        ...

    @property
    def stage(self) -> Stage:
        """When it runs."""
        ...

    @property
    def sentence(self) -> str:
        """What it demands, in one sentence for operators."""
        ...

    def __call__(self, product: InspectedProduct) -> Iterable[Finding]:
        """Look at a product; yield nothing when all is well."""
        ...
