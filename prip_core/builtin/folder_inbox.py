"""The inbox ``folder``: products are files that are renamed into a folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes
from uuid import UUID, uuid4

import structlog
from pydantic import Field

from prip_core import (
    SIDECAR_SUFFIX,
    AlreadyClaimed,
    Candidate,
    Claimed,
    ConfigError,
    Inbox,
    InstancePath,
    PluginSettings,
    QuarantineRoom,
    Receipt,
    Rejection,
    TransientError,
    make_folders,
    sync_folder,
    write_durable,
)
from prip_core.builtin.folder_checks import check_product, check_sidecar, read_sidecar
from prip_core.builtin.folder_clock import FolderClock
from prip_core.builtin.quarantine import Quarantine, is_uuid
from prip_core.builtin.receipts import write_receipt
from prip_core.builtin.relocation import enter, is_taken
from prip_core.builtin.trees import remove

LONELY_SIDECAR = 3600.0
"""So long a sidecar waits for its product before it goes to quarantine alone, in seconds."""

_MARK = ".paused"
_UNFINISHED = (".tmp", ".part")
_AT_ONCE = 0.0
_ROUNDED = 1e-6
_log = structlog.get_logger(__name__)


class FolderInboxSettings(PluginSettings):
    """Settings of an inbox of kind ``folder``.

    :param path: where the chain delivers.
    :param quarantine: where refused products are kept.
    :param receipts_folder: where the chain reads what became of its products, where it wants to know.
    :param complete: ``rename``: a product is complete once it has its final name; ``settle``: once it rests.
    :param settle: for ``settle``: how long nothing has changed in a file that is complete, in seconds.
    """

    path: InstancePath
    quarantine: InstancePath = Field(default=Path("quarantine"), validate_default=True)
    receipts_folder: InstancePath = Field(default=Path("receipts"), validate_default=True)
    complete: Literal["rename", "settle"] = "rename"
    settle: float = Field(default=10.0, gt=0)


class FolderInbox(Inbox):
    """Claims by renaming into ``.work/<uuid>/``: of all workers that try, on any machine, one succeeds.

    Names that begin with a dot or end in ``.tmp`` or ``.part`` are not there yet. ``<name>.prip.json`` is the sidecar
    of ``<name>`` and goes where it goes. ``Candidate.path`` is the name in the folder, percent-encoded, as a name need
    not be text; its other names have ``?`` for what is none.

    All methods raise ``TransientError`` when the file system fails or the folder is away.
    """

    NAME: ClassVar[str] = "folder"
    Settings: ClassVar[type[PluginSettings]] = FolderInboxSettings

    def __init__(self, settings: FolderInboxSettings) -> None:
        super().__init__(settings)
        self._folder = settings.path
        self._work = self._folder / ".work"
        self._spare = self._work / ".spare"
        self._rest = settings.settle if settings.complete == "settle" else _AT_ONCE
        self._receipts = settings.receipts_folder
        self._missed: set[str] = set()
        self._quarantine = Quarantine(settings.quarantine, settings.path)
        for key, folder in (("path", self._work), ("quarantine", settings.quarantine)):
            if not folder.parent.is_dir():
                missing = "make it, or mount the file system that has it"
                raise ConfigError(f"{key}: there is no folder {folder.parent}; {missing}")
            try:
                make_folders(folder)
            except OSError as error:
                raise ConfigError(f"{key}: the folder {folder} cannot be used: {error.strerror}") from error
        self._keep_spare()

    def scan(self) -> Iterator[Candidate]:
        clock = FolderClock(self._work)
        with self._failing("scanned"), os.scandir(self._folder) as entries:
            for entry in entries:
                if (candidate := self._complete(entry.name, clock)) is not None:
                    yield candidate

    def news(self, changed: Collection[Path]) -> Iterator[Candidate]:
        clock = FolderClock(self._work)
        with self._failing("looked into"):
            for path in changed:
                if (candidate := self._complete(path.name, clock)) is not None:
                    yield candidate

    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        name = os.fsdecode(unquote_to_bytes(candidate.path)).rpartition("/")[2]
        work = self._work / str(uuid)
        product = work / _printable(name)
        with self._failing(f"asked for {candidate.name}"):
            if not os.path.lexists(product):
                self._take(self._folder / name, product)
            self._take_sidecar(self._folder / (name + SIDECAR_SUFFIX), product, candidate.arrived)
            # Not made durable: a claim that a power cut undoes is found in the inbox again, and repeated.
            facts = product.lstat()
            return Claimed(
                uuid=uuid,
                name=product.name,
                path=str(product),
                size=_size(facts),
                arrived=candidate.arrived,
                sidecar=read_sidecar(_sidecar_of(product)),
            )

    def source(self, claimed: Claimed) -> Path:
        product = self._work / str(claimed.uuid) / claimed.name
        with self._failing(f"asked for {claimed.name}"):
            if not os.path.lexists(product):
                self._work.lstat()
                raise AlreadyClaimed(f"{claimed.name} is not in {product.parent} any more")
            check_product(product)
            check_sidecar(_sidecar_of(product))
        return product

    def finish(self, claimed: Claimed) -> None:
        with self._failing(f"rid of {claimed.name}"):
            product = self._work / str(claimed.uuid) / claimed.name
            # The sidecar first: what a crash leaves is then still a claimed product.
            remove(_sidecar_of(product))
            remove(product)
            remove(product.parent)
            self._keep_spare()
            sync_folder(self._work)

    def reject(self, claimed: Claimed, rejection: Rejection) -> None:
        work = self._work / str(claimed.uuid)
        with self._failing(f"rid of {claimed.name}"):
            self._quarantine.take(work, rejection)
            with suppress(FileNotFoundError):
                work.rmdir()
            self._keep_spare()
            sync_folder(self._work)

    def rejected(self) -> Iterator[Rejection]:
        with self._failing("asked for its quarantine"):
            yield from self._quarantine.rejections()

    def retry(self, rejection: Rejection) -> None:
        with self._failing(f"given {rejection.name} again"):
            self._quarantine.give_back(rejection)

    def drop(self, rejection: Rejection) -> None:
        with self._failing(f"rid of {rejection.name}"):
            self._quarantine.drop(rejection)

    def still_there(self, candidate: Candidate) -> bool:
        return os.path.lexists(self._folder / os.fsdecode(unquote_to_bytes(candidate.path)))

    def claimed(self) -> Iterator[UUID]:
        with self._failing("asked for its claims"):
            names = [entry.name for entry in self._work.iterdir()]
        yield from (UUID(name) for name in names if is_uuid(name))

    def release(self, uuid: UUID) -> None:
        work = self._work / str(uuid)
        with self._failing(f"given the claim {uuid} again"):
            entries = work.iterdir() if work.is_dir() else ()
            # The sidecar first: its product is never there without it.
            present = sorted(entries, key=lambda entry: not entry.name.endswith(SIDECAR_SUFFIX))
            for entry in present:
                if is_taken(entry, self._folder / entry.name):
                    raise FileExistsError(errno.EEXIST, "the name is taken", entry.name)
            for entry in present:
                enter(entry, self._folder / entry.name, passing=self._folder / f".{uuid}.releasing")
            sync_folder(self._folder)
            with suppress(FileNotFoundError):
                work.rmdir()

    def tell(self, claimed: Claimed, receipt: Receipt) -> None:
        with self._failing(f"given a receipt of {claimed.name}"):
            write_receipt(self._receipts, receipt)

    def pause(self, reason: str | None) -> None:
        mark = self._folder / _MARK
        with self._failing("given its mark"):
            self._work.lstat()  # of a folder that is away nobody knows whether it has one
            if reason is None:
                mark.unlink(missing_ok=True)
            else:
                # Several workers may write it at the same time.
                write_durable(mark, f"{reason}\n".encode(), passing=self._folder / f"{_MARK}.{uuid4()}.tmp")

    def paused(self) -> str | None:
        with self._failing("asked for its mark"):
            try:
                return (self._folder / _MARK).read_text("utf-8", "replace").strip() or None
            except FileNotFoundError:
                return None

    def quarantine_room(self) -> QuarantineRoom:
        with self._failing("asked for its quarantine"):
            return self._quarantine.room()

    def watch_path(self) -> Path:
        return self._folder

    def _complete(self, name: str, clock: FolderClock) -> Candidate | None:
        if not _arrived(name):
            return None
        try:
            facts = os.lstat(f"{self._folder}/{name}")
        except FileNotFoundError:
            return None
        except OSError as error:
            self._folder.lstat()  # of a folder that is away all files are, too
            self._miss(name, error)
            return None
        # Every write and every rename moves the change time, and nobody can set it. One that lies ahead is of a clock
        # that has been put back since: it would not rest before its day comes.
        patience = self._patience(name)
        if patience > 0 and abs(clock.now() - facts.st_ctime) < patience:
            return None
        return Candidate(
            name=_printable(name),
            path=quote_from_bytes(os.fsencode(name)),
            size=_size(facts),
            arrived=datetime.fromtimestamp(facts.st_ctime, UTC),
        )

    def _miss(self, name: str, error: OSError) -> None:
        """Say of a file that cannot even be looked at, as on a damaged disk, that it is left alone; once."""
        if name not in self._missed:
            self._missed.add(name)
            _log.warning(
                "delivered file cannot be looked at", folder=str(self._folder), name=name, error=error.strerror
            )

    def _patience(self, name: str) -> float:
        if not name.endswith(SIDECAR_SUFFIX):
            return self._rest
        return float("inf") if self._goes_with_product(name) else LONELY_SIDECAR

    def _goes_with_product(self, name: str) -> bool:
        product = name.removesuffix(SIDECAR_SUFFIX)
        return product != name and os.path.lexists(self._folder / product)

    def _take(self, arrived: Path, product: Path) -> None:
        """The rename decides who has it; the sidecar follows, so that it is never taken by one who comes too late."""
        if self._goes_with_product(arrived.name):
            raise AlreadyClaimed(f"{arrived.name} belongs to a product that has come since")
        if os.path.lexists(arrived):
            # Somebody may have swept the inbox, this folder and all. One that is away holds nothing, and gets none.
            make_folders(self._work)
            self._make_place(product.parent)
        self._work.lstat()
        try:
            arrived.rename(product)
        except OSError as error:
            # It may have come there this moment: a worker that was paused wakes, and another resumed its work.
            if os.path.lexists(product):
                return
            with suppress(OSError):
                product.parent.rmdir()
            self._keep_spare()
            if not isinstance(error, FileNotFoundError):
                raise
            raise AlreadyClaimed(f"{product.name} is not in {self._folder} any more") from None

    def _make_place(self, place: Path) -> None:
        """Make the folder of a claim. Where the disk has no room for it, the spare one is: only claims make room."""
        try:
            place.mkdir()
        except FileExistsError:
            pass
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            try:
                self._spare.rename(place)
            except FileNotFoundError:
                raise error from None

    def _keep_spare(self) -> None:
        """Make the spare folder, where there is none and there is room, as when the folder of a claim has just gone."""
        with suppress(OSError):
            self._spare.mkdir()

    def _take_sidecar(self, written: Path, product: Path, arrived: datetime) -> None:
        """Only one that was there before the claim: a later one belongs to the next delivery of the name.

        :param arrived: when the product did. A sidecar that came before it is its own, even if the clock was put back
            since, so that it seems to come after the claim.
        """
        sidecar = _sidecar_of(product)
        try:
            changed = written.lstat().st_ctime
            ours = changed <= product.parent.stat().st_mtime or changed <= arrived.timestamp() + _ROUNDED
            if ours and not os.path.lexists(sidecar):
                written.rename(sidecar)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENAMETOOLONG}:
                raise

    @contextmanager
    def _failing(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            place = error.filename or self._folder
            raise TransientError(f"the inbox {self._folder} cannot be {doing}: {error.strerror} ({place})") from error


def _arrived(name: str) -> bool:
    return not (name.startswith(".") or name.endswith(_UNFINISHED) or name == "lost+found")


def _printable(name: str) -> str:
    """A file's name may hold bytes that are no text; what is made of it is no longer than it was."""
    return name.encode("utf-8", "replace").decode()


def _size(facts: os.stat_result) -> int:
    return facts.st_size if stat.S_ISREG(facts.st_mode) else 0


def _sidecar_of(product: Path) -> Path:
    return product.with_name(product.name + SIDECAR_SUFFIX)
