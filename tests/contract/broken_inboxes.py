"""Inboxes with one fault each, and the test of the contract that must find it. Run by test_kit.py."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from uuid import UUID

import pytest
from pydantic import ConfigDict
from renaming import deliver_into

from prip_core import (
    SIDECAR_SUFFIX,
    AlreadyClaimed,
    Candidate,
    Claimed,
    Inbox,
    PermanentError,
    QuarantineRoom,
    Rejection,
)
from prip_core.builtin.folder_inbox import FolderInbox, FolderInboxSettings
from prip_core.testing.inbox_contract import InboxContract

FAULTS: list[tuple[str, str]] = []
"""Name of the test class that runs the contract, name of the test that must fail."""


def found_by(test: str) -> Callable[[type[Inbox]], type[Inbox]]:
    def register(faulty: type[Inbox]) -> type[Inbox]:
        def inbox(self: object, tmp_path: Path) -> Inbox:
            (tmp_path / "inbox").mkdir()
            return faulty(faulty.Settings.model_validate({"path": "inbox"}, context={"folder": tmp_path}))

        fixtures = {
            "inbox": pytest.fixture(inbox),
            "another": pytest.fixture(lambda self, inbox: type(inbox)(inbox.settings)),
            "deliver": pytest.fixture(lambda self, tmp_path: deliver_into(tmp_path / "inbox")),
        }
        name = f"Test{faulty.__name__}"
        globals()[name] = type(name, (InboxContract,), fixtures)
        FAULTS.append((name, test))
        return faulty

    return register


class ThawedSettings(FolderInboxSettings):
    model_config = ConfigDict(frozen=False, extra="forbid")


@found_by("test_it_has_a_name_and_frozen_settings")
class ChangesItsSettings(FolderInbox):
    Settings = ThawedSettings


@found_by("test_scan_tells_the_facts")
class ListsAllAtOnce(FolderInbox):
    def scan(self) -> Any:
        return [*super().scan()]


@found_by("test_scan_tells_the_facts")
class TakesSidecarsForProducts(FolderInbox):
    def scan(self) -> Iterator[Candidate]:
        yield from super().scan()
        for path in Path(self.settings.path).glob(f"*{SIDECAR_SUFFIX}"):
            yield replace(next(super().scan()), name=path.name, path=path.name)


@found_by("test_scan_tells_the_facts")
class TellsLocalTime(FolderInbox):
    def scan(self) -> Iterator[Candidate]:
        return (replace(found, arrived=found.arrived.replace(tzinfo=None)) for found in super().scan())


@found_by("test_claim_takes_product_and_sidecar")
class ForgetsTheSidecar(FolderInbox):
    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        return replace(super().claim(candidate, uuid), sidecar=None)


@found_by("test_claim_takes_product_and_sidecar")
class BelievesInWhatItScanned(FolderInbox):
    def still_there(self, candidate: Candidate) -> bool:
        return True


@found_by("test_claim_may_be_repeated")
class ClaimsOnce(FolderInbox):
    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        if uuid in set(self.claimed()):
            raise AlreadyClaimed(candidate.name)
        return super().claim(candidate, uuid)


class LooksBeforeItTakes(FolderInbox):
    """Copies, so that all who looked in time have it."""

    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        arrived = self.settings.path / candidate.name
        if arrived.exists():
            content = arrived.read_bytes()
            time.sleep(0.02)
            claimed = self._claim_what_is_left(candidate, uuid, content)
            arrived.unlink(missing_ok=True)
            return claimed
        return super().claim(candidate, uuid)

    def _claim_what_is_left(self, candidate: Candidate, uuid: UUID, content: bytes) -> Claimed:
        product = self.settings.path / ".work" / str(uuid) / candidate.name
        product.parent.mkdir(exist_ok=True)
        product.write_bytes(content)
        return super().claim(candidate, uuid)


found_by("test_of_many_who_claim_one_succeeds")(LooksBeforeItTakes)


class ClaimsWhateverIsAsked(FolderInbox):
    """Gives a claim to the next one who asks."""

    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        for other in self.claimed():
            if (self.settings.path / ".work" / str(other) / candidate.name).exists():
                (self.settings.path / ".work" / str(other)).rename(self.settings.path / ".work" / str(uuid))
        return super().claim(candidate, uuid)


found_by("test_what_somebody_else_has_is_already_claimed")(ClaimsWhateverIsAsked)


@found_by("test_what_is_gone_is_already_claimed")
class ClaimsNothing(FolderInbox):
    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        try:
            return super().claim(candidate, uuid)
        except AlreadyClaimed:
            return Claimed(uuid=uuid, name=candidate.name, path="", size=0, arrived=candidate.arrived)


class Streams(FolderInbox):
    """Hands products out as streams."""

    OPEN: ClassVar[Callable[[Path], BinaryIO]] = staticmethod(lambda path: path.open("rb"))

    def source(self, claimed: Claimed) -> Path | BinaryIO:
        path = super().source(claimed)
        assert isinstance(path, Path)
        return type(self).OPEN(path)


@found_by("test_source_gives_every_byte")
class LosesTheEnd(Streams):
    OPEN = staticmethod(lambda path: io.BytesIO(path.read_bytes()[: 1024 * 1024]))


class _OneWay(io.BytesIO):
    def seekable(self) -> bool:
        return False


class _Forgetful(io.BytesIO):
    def seek(self, offset: int, whence: int = 0) -> int:
        return super().seek(max(offset, self.tell()) if whence == 0 else offset, whence)


@found_by("test_source_is_read_here_and_there")
class ReadsForwardOnly(Streams):
    OPEN = staticmethod(lambda path: _OneWay(path.read_bytes()))


@found_by("test_source_is_read_here_and_there")
class NeverGoesBack(Streams):
    OPEN = staticmethod(lambda path: _Forgetful(path.read_bytes()))


@found_by("test_finish_leaves_nothing")
class LeavesTheFolder(FolderInbox):
    def finish(self, claimed: Claimed) -> None:
        (self.settings.path / ".work" / str(claimed.uuid) / claimed.name).unlink(missing_ok=True)


@found_by("test_finish_spares_the_next_delivery_of_the_name")
class FinishesByName(FolderInbox):
    def finish(self, claimed: Claimed) -> None:
        super().finish(claimed)
        (self.settings.path / claimed.name).unlink(missing_ok=True)


@found_by("test_reject_keeps_product_and_reason")
class KeepsNoFindings(FolderInbox):
    def reject(self, claimed: Claimed, rejection: Rejection) -> None:
        super().reject(claimed, replace(rejection, findings=()))


@found_by("test_reject_keeps_product_and_reason")
class ForgetsTheInbox(FolderInbox):
    def rejected(self) -> Iterator[Rejection]:
        return (replace(rejection, inbox="") for rejection in super().rejected())


@found_by("test_refused_products_come_oldest_first")
class ListsInReverse(FolderInbox):
    def rejected(self) -> Iterator[Rejection]:
        return reversed([*super().rejected()])


@found_by("test_retry_delivers_again")
class LosesTheSidecar(FolderInbox):
    def retry(self, rejection: Rejection) -> None:
        super().retry(rejection)
        (self.settings.path / (rejection.name + SIDECAR_SUFFIX)).unlink(missing_ok=True)


@found_by("test_retry_replaces_nothing")
class Overwrites(FolderInbox):
    def retry(self, rejection: Rejection) -> None:
        (self.settings.path / rejection.name).unlink(missing_ok=True)
        super().retry(rejection)


@found_by("test_retry_of_what_is_not_there_is_permanent")
class RetriesNothing(FolderInbox):
    def retry(self, rejection: Rejection) -> None:
        try:
            super().retry(rejection)
        except PermanentError:
            if (self.settings.path / rejection.name).exists():
                raise


@found_by("test_drop_deletes_for_good")
class DropsByName(FolderInbox):
    def drop(self, rejection: Rejection) -> None:
        for each in list(self.rejected()):
            if each.name == rejection.name:
                super().drop(each)


@found_by("test_claims_of_dead_workers_are_told")
class TellsOneClaim(FolderInbox):
    def claimed(self) -> Iterator[UUID]:
        return iter([*super().claimed()][:1])


@found_by("test_release_puts_back")
class ReleasesByDeleting(FolderInbox):
    def release(self, uuid: UUID) -> None:
        folder = self.settings.path / ".work" / str(uuid)
        for path in [*folder.glob("*")]:
            path.unlink()
        if folder.exists():
            folder.rmdir()


@found_by("test_marks_and_receipts_are_no_deliveries")
class MarksInSight(FolderInbox):
    def pause(self, reason: str | None) -> None:
        (self.settings.path / "PAUSED").write_text(str(reason))


@found_by("test_room_counts_refused_products")
class CountsDays(FolderInbox):
    def quarantine_room(self) -> QuarantineRoom:
        return replace(super().quarantine_room(), products=len(list(self.settings.quarantine.iterdir())))
