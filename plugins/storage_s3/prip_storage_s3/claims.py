"""Who has which delivery: a small object for each, which of all who put it at the same time one can make."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog

from prip_core import TransientError
from prip_storage_s3.objects import Objects

_LONGEST = 512
_KEPT = 400
_LIMIT = 16 * 1024
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on a delivery, bound to the objects as they were when it was claimed.

    :param uuid: of the ingestion that has it.
    :param tag: ETag of the product.
    :param sidecar: ETag of its sidecar; ``None``: it has none.
    """

    uuid: UUID
    name: str
    size: int
    tag: str
    sidecar: str | None


class Claims:
    """The claims of an inbox. All methods raise ``TransientError`` while the server does not answer.

    :param prefix: of their keys, with the slash behind it.
    """

    def __init__(self, objects: Objects, prefix: str) -> None:
        self._objects = objects
        self._prefix = prefix

    def take(self, claim: Claim) -> bool:
        """Claim what nobody has. Returns ``False`` where somebody has it, perhaps we ourselves."""
        return self._write(claim, new=True)

    def bind(self, claim: Claim) -> None:
        """Bind a claim that we hold to the objects as they are now."""
        self._write(claim, new=False)

    def of(self, name: str) -> Claim | None:
        """Who has a delivery; ``None``: nobody.

        :raises TransientError: the object is no claim of a delivery point's, too.
        """
        key = self._key(name)
        found = self._objects.facts(key)
        if found is None:
            return None
        try:
            return _claim(name, found.metadata)
        except (ValueError, KeyError, TypeError) as error:
            said = f"the object {key} is no claim of a delivery point ({error!r}), and keeps {name} from being taken in"
            raise TransientError(f"{said}; remove it") from error

    def held_by(self, name: str, uuid: UUID) -> Claim | None:
        """The claim of an ingestion; ``None``: it has none on this name any more."""
        claim = self.of(name)
        return claim if claim is not None and claim.uuid == uuid else None

    def exists(self, name: str) -> bool:
        """Whether anybody has a delivery."""
        return self._objects.has(self._key(name))

    def kept_names(self) -> set[str]:
        """The names of all claimed deliveries, as :func:`kept_name` makes them."""
        return {found.key.removeprefix(self._prefix) for found in self._objects.list(self._prefix)}

    def all(self) -> Iterator[Claim]:
        """All claims; what is none of a delivery point's is logged and passed over."""
        for found in list(self._objects.list(self._prefix)):
            if found.key.startswith(f"{self._prefix}."):
                continue
            try:
                text = self._objects.read(found.key, _LIMIT)
                if text is not None:
                    document = json.loads(text.content)
                    yield _claim(str(document["name"]), document)
            except (ValueError, KeyError, TypeError) as error:
                _log.warning("object that is no claim", key=found.key, error=repr(error))

    def drop(self, name: str) -> None:
        """Give a delivery back, or forget it when it is gone; a missing claim is fine."""
        self._objects.delete(self._key(name))

    def _write(self, claim: Claim, *, new: bool) -> bool:
        # Beside the object, where a look at it tells them; in it, for those who do not know the name.
        said = {"uuid": str(claim.uuid), "size": str(claim.size), "tag": claim.tag}
        if claim.sidecar is not None:
            said["sidecar"] = claim.sidecar
        content = json.dumps({"name": claim.name, **said}).encode()
        return self._objects.write(self._key(claim.name), content, new=new, metadata=said)

    def _key(self, name: str) -> str:
        return self._prefix + kept_name(name)


def kept_name(name: str) -> str:
    """A name as it is kept below other prefixes, which may be longer than the inbox's: keys have at most 1024 bytes.

    One that is too long for this is cut after 400 bytes; ``~`` and sixteen digits of its SHA-256 follow.
    """
    if len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{name.encode()[:_KEPT].decode(errors='ignore')}~{digest[:16]}"


def _claim(name: str, said: Mapping[str, str]) -> Claim:
    """:raises ValueError, KeyError, TypeError: it is something else."""
    return Claim(
        uuid=UUID(said["uuid"]),
        name=name,
        size=int(said["size"]),
        tag=str(said["tag"]),
        sidecar=said.get("sidecar"),
    )
