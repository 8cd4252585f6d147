"""The inbox ``s3``: products are objects that are put into a bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import BinaryIO, ClassVar
from uuid import UUID

import structlog

from prip_core import (
    SIDECAR_LIMIT,
    SIDECAR_SUFFIX,
    AlreadyClaimed,
    Candidate,
    Claimed,
    ConfigError,
    Inbox,
    PluginSettings,
    QuarantineRoom,
    Receipt,
    Rejection,
    TransientError,
    receipt_document,
)
from prip_storage_s3.claims import Claim, Claims, kept_name
from prip_storage_s3.connection import Connection
from prip_storage_s3.objects import Facts, Objects, Text
from prip_storage_s3.places import place_of
from prip_storage_s3.quarantine import Quarantine
from prip_storage_s3.settings import S3InboxSettings
from prip_storage_s3.source import open_source

LONELY_SIDECAR = timedelta(hours=1)
"""So long a sidecar waits for its product before it goes to quarantine alone."""

CHECK = ".work/.check"
"""An object below the prefix that is put only where there is none, to see whether the server knows how."""

_MARK = ".paused"
_LONGEST_MARK = 64 * 1024
_UNFINISHED = (".tmp", ".part")
_LONGEST_KEY = 1024  # bytes
_log = structlog.get_logger(__name__)


class S3Inbox(Inbox):
    """Claims by putting ``<prefix>/.work/<name>`` where there is none: of all workers that try, one succeeds.

    An object is complete when it is there. Names that begin with a dot, end in ``.tmp`` or ``.part``, or have a ``/``,
    are left alone. ``<name>.prip.json`` is the sidecar of ``<name>``. A claim is bound to the ETags of both: an object
    that is replaced after its claim is never read under it, nor removed with it, and becomes the next delivery.
    ``Candidate.path`` is the name.

    All methods raise ``TransientError`` while the server does not answer or the bucket is away.

    :raises ConfigError: boto3 is not installed, the server says that a setting is wrong, or lets two workers have the
        same claim. A server that does not answer refuses no start.
    """

    NAME: ClassVar[str] = "s3"
    Settings: ClassVar[type[PluginSettings]] = S3InboxSettings

    def __init__(self, settings: S3InboxSettings) -> None:
        super().__init__(settings)
        self._connection = Connection(settings)
        self._objects = Objects(self._connection)
        self._prefix = f"{settings.prefix}/"
        self._claims = Claims(self._objects, f"{self._prefix}.work/")
        self._quarantine = Quarantine(self._objects, f"{settings.quarantine}/", self._prefix)
        self._receipts = f"{settings.receipts_folder}/"
        if self._connection.check():
            self._check_claims()

    def places(self) -> Mapping[str, PurePath]:
        settings = self.settings
        prefixes = {
            "prefix": settings.prefix,
            "quarantine": settings.quarantine,
            "receipts_folder": settings.receipts_folder,
        }
        return {key: place_of(settings, prefix) for key, prefix in prefixes.items()}

    def scan(self) -> Iterator[Candidate]:
        # Before the objects: one that is finished meanwhile is not listed any more.
        claimed = self._claims.kept_names()
        sidecars: list[Facts] = []
        before = ""
        for found in self._objects.list(self._prefix):
            name = self._name(found)
            if not name.endswith(SIDECAR_SUFFIX):
                before = name
                if _arrived(name) and kept_name(name) not in claimed:
                    yield _candidate(name, found)
            elif name != before + SIDECAR_SUFFIX:
                sidecars.append(found)
        yield from self._lonely(sidecars, claimed)

    def claim(self, candidate: Candidate, uuid: UUID) -> Claimed:
        name = candidate.path
        product = self._objects.facts(self._prefix + name)
        if product is None or self._goes_with_product(name):
            self._forget(name, uuid)
            raise self._gone(name)
        sidecar = self._sidecar(name)
        claim = _claim(uuid, name, product, sidecar)
        if not self._claims.take(claim):
            claim = self._claim_again(claim)
        elif self._objects.facts(product.key) is None:
            # Whoever had it before has finished it since we looked.
            self._claims.drop(name)
            raise self._gone(name)
        taken = sidecar if sidecar is not None and sidecar.tag == claim.sidecar else None
        return Claimed(
            uuid=uuid,
            name=name,
            path=name,
            size=claim.size,
            arrived=candidate.arrived,
            sidecar=None if taken is None else taken.content,
        )

    def source(self, claimed: Claimed) -> BinaryIO:
        claim = self._claims.held_by(claimed.name, claimed.uuid)
        if claim is None:
            raise self._gone(claimed.name)
        return open_source(self._connection, self._prefix + claim.name, claim.tag, claim.size)

    def finish(self, claimed: Claimed) -> None:
        claim = self._claims.held_by(claimed.name, claimed.uuid)
        if claim is not None:
            self._remove(claim)

    def reject(self, claimed: Claimed, rejection: Rejection) -> None:
        claim = self._claims.held_by(claimed.name, claimed.uuid)
        if claim is not None:
            self._quarantine.take(self._delivered(claim), rejection)
            self._remove(claim)

    def rejected(self) -> Iterator[Rejection]:
        return self._quarantine.rejections()

    def retry(self, rejection: Rejection) -> None:
        self._quarantine.give_back(rejection)

    def drop(self, rejection: Rejection) -> None:
        self._quarantine.drop(rejection)

    def still_there(self, candidate: Candidate) -> bool:
        name = candidate.path
        return not self._claims.exists(name) and self._objects.facts(self._prefix + name) is not None

    def claimed(self) -> Iterator[UUID]:
        return (claim.uuid for claim in self._claims.all())

    def release(self, uuid: UUID) -> None:
        for claim in self._claims.all():
            if claim.uuid == uuid:
                self._claims.drop(claim.name)

    def tell(self, claimed: Claimed, receipt: Receipt) -> None:
        content = json.dumps(receipt_document(receipt), indent=2, ensure_ascii=False).encode("utf-8", "replace")
        self._objects.write(f"{self._receipts}{kept_name(claimed.name)}.json", content + b"\n")

    def pause(self, reason: str | None) -> None:
        mark = f"{self._prefix}{_MARK}"
        if reason is None:
            self._objects.delete(mark)
        else:
            self._objects.write(mark, f"{reason}\n".encode("utf-8", "replace"))

    def paused(self) -> str | None:
        mark = self._objects.read(f"{self._prefix}{_MARK}", _LONGEST_MARK)
        return mark.content.decode("utf-8", "replace").strip() or None if mark else None

    def quarantine_room(self) -> QuarantineRoom:
        return self._quarantine.room()

    def _claim_again(self, claim: Claim) -> Claim:
        """Somebody has it: we ourselves, perhaps, since an earlier attempt.

        :raises AlreadyClaimed: somebody else.
        """
        held = self._claims.held_by(claim.name, claim.uuid)
        if held is None:
            raise self._gone(claim.name)
        if held.tag == claim.tag and held.sidecar is None:
            return held  # a sidecar that came later belongs to the next delivery
        if held != claim:
            self._claims.bind(claim)
        return claim

    def _forget(self, name: str, uuid: UUID) -> None:
        """An earlier attempt of ours may have claimed what is gone by now."""
        if self._claims.held_by(name, uuid) is not None:
            self._claims.drop(name)

    def _delivered(self, claim: Claim) -> list[Facts]:
        """The sidecar, if any, then the product: those that were claimed, as far as they are still there."""
        bound = {self._sidecar_key(claim.name): claim.sidecar, self._prefix + claim.name: claim.tag}
        found = [self._objects.facts(key) for key, tag in bound.items() if tag is not None]
        return [facts for facts in found if facts is not None and facts.tag == bound[facts.key]]

    def _remove(self, claim: Claim) -> None:
        """Delete what was claimed, the claim last: what a crash leaves is still claimed."""
        for facts in reversed(self._delivered(claim)):
            self._objects.delete(facts.key)
        self._claims.drop(claim.name)

    def _lonely(self, sidecars: list[Facts], claimed: set[str]) -> Iterator[Candidate]:
        if not sidecars:
            return
        latest = self._objects.now() - LONELY_SIDECAR
        for found in sidecars:
            name = self._name(found)
            product = name.removesuffix(SIDECAR_SUFFIX)
            waits = found.modified > latest or {kept_name(name), kept_name(product)} & claimed
            if _arrived(name) and not waits and self._objects.facts(self._prefix + product) is None:
                yield _candidate(name, found)

    def _check_claims(self) -> None:
        """A server that knows no conditions would give one delivery to two workers.

        :raises ConfigError: it is one.
        """
        key = self._prefix + CHECK
        try:
            # It stays there: others may look at the same time, and one that is killed leaves nothing else.
            refused = not self._objects.write(key, b"", new=True) or not self._objects.write(key, b"", new=True)
        except TransientError as error:
            _log.warning("claims not checked", endpoint=self._connection.endpoint, error=str(error))
            return
        if not refused:
            what = f"kind: {self._connection.endpoint} puts objects where it was told not to (If-None-Match)"
            raise ConfigError(f"{what}; two workers would take the same product: use another server, or a folder")

    def _name(self, found: Facts) -> str:
        return found.key.removeprefix(self._prefix)

    def _sidecar(self, name: str) -> Text | None:
        """That of a product that was there a moment ago; most have none, which is told quicker than what they say."""
        key = self._sidecar_key(name)
        # The server refuses to be asked for a longer key, and has none.
        if len(key.encode()) > _LONGEST_KEY or not self._objects.has(key):
            return None
        return self._objects.read(key, SIDECAR_LIMIT + 1)

    def _goes_with_product(self, name: str) -> bool:
        """Whether it is a sidecar whose product has come since."""
        product = name.removesuffix(SIDECAR_SUFFIX)
        return product != name and self._objects.has(self._prefix + product)

    def _sidecar_key(self, name: str) -> str:
        return self._prefix + name + SIDECAR_SUFFIX

    def _gone(self, name: str) -> AlreadyClaimed:
        return AlreadyClaimed(f"{self._prefix}{name} is not there any more, or somebody else has it")


def _arrived(name: str) -> bool:
    return bool(name) and not (name.startswith(".") or name.endswith(_UNFINISHED))


def _candidate(name: str, found: Facts) -> Candidate:
    return Candidate(name=name, path=name, size=found.size, arrived=found.modified)


def _claim(uuid: UUID, name: str, product: Facts, sidecar: Text | None) -> Claim:
    tag = None if sidecar is None else sidecar.tag
    return Claim(uuid=uuid, name=name, size=product.size, tag=product.tag, sidecar=tag)
