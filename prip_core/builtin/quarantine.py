"""The quarantine of a folder inbox: ``<yyyy-mm-dd>/<uuid>/<name>`` beside ``reason.json``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from prip_core import (
    SIDECAR_SUFFIX,
    PermanentError,
    QuarantineRoom,
    Rejection,
    make_folders,
    read_reason,
    sync_folder,
    unexplained,
    write_durable,
    write_reason,
)
from prip_core.builtin.relocation import enter, is_taken, relocate
from prip_core.builtin.trees import remove

_REASON = "reason.json"
_KEPT_REASON = "reason.json.product"
_PASSING = ".moving"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Quarantine:
    """Refused products with their reasons. All methods raise ``OSError`` when the file system does.

    :param folder: where they are kept, perhaps on another file system than the inbox.
    :param inbox: where they came from, and return to.
    """

    def __init__(self, folder: Path, inbox: Path) -> None:
        self._folder = folder
        self._inbox = inbox

    def take(self, work: Path, rejection: Rejection) -> None:
        """Move all that lies in a work folder here; the reason is durable first. Repeating it is fine."""
        place = self._find(rejection.uuid)
        if place is None and not _entries(work):
            return  # an operator may have taken it away already
        place = place or self._folder / f"{rejection.when:%Y-%m-%d}" / str(rejection.uuid)
        make_folders(place)
        write_durable(place / _REASON, write_reason(rejection, str(self._inbox)))
        for entry in _product_last(work, rejection.name):
            relocate(entry, place / _kept_name(entry.name), passing=place / _PASSING)
        sync_folder(place)

    def rejections(self) -> Iterator[Rejection]:
        """Everything that lies here, oldest first."""
        for day in self._days():
            found = [self._rejection(place) for place in _places(day)]
            yield from sorted((one for one in found if one is not None), key=lambda one: (one.when, one.uuid))

    def room(self) -> QuarantineRoom:
        """How full it is; nothing is read."""
        products = sum(is_uuid(name) for day in self._days() for name in _entries(day))
        facts = os.statvfs(self._folder)
        return QuarantineRoom(products=products, free_bytes=facts.f_bavail * facts.f_frsize)

    def give_back(self, rejection: Rejection) -> None:
        """Put a product and its sidecar into the inbox again, the sidecar first.

        :raises PermanentError: the product is not here, or the inbox has a file of its name or its sidecar's.
        """
        place, name = self._find(rejection.uuid), rejection.name
        if place is None or not os.path.lexists(place / _kept_name(name)):
            raise PermanentError(f"{name} ({rejection.uuid}) is not in quarantine any more")
        moves = {
            place / (name + SIDECAR_SUFFIX): self._inbox / (name + SIDECAR_SUFFIX),
            place / _kept_name(name): self._inbox / name,
        }
        present = {source: target for source, target in moves.items() if os.path.lexists(source)}
        for source, target in present.items():
            if is_taken(source, target):
                raise _taken(target)
        for source, target in present.items():
            self._return(source, target, rejection.uuid)
        self._remove(place)

    def drop(self, rejection: Rejection) -> None:
        """Delete a product and its reason; a missing one is fine."""
        place = self._find(rejection.uuid)
        if place is not None:
            remove(self._returning(rejection.uuid))
            self._remove(place)

    def _return(self, source: Path, target: Path, uuid: UUID) -> None:
        try:
            enter(source, target, passing=self._returning(uuid))
        except FileExistsError:
            raise _taken(target) from None
        sync_folder(self._inbox)

    def _returning(self, uuid: UUID) -> Path:
        """What a retry that crashed may leave: a copy in the inbox that is not whole."""
        return self._inbox / f".{uuid}{_PASSING}"

    def _rejection(self, place: Path) -> Rejection | None:
        uuid = UUID(place.name)
        try:
            return read_reason((place / _REASON).read_bytes(), uuid)
        except FileNotFoundError:
            name = _product_name(place)
            return unexplained(uuid, name, _changed(place), "it is missing") if name else None
        except (OSError, ValueError) as error:
            return unexplained(uuid, _product_name(place) or "?", _changed(place), str(error))

    def _days(self) -> list[Path]:
        return sorted(day for day in self._folder.iterdir() if _DAY.fullmatch(day.name) and day.is_dir())

    def _find(self, uuid: UUID) -> Path | None:
        places = (day / str(uuid) for day in self._days())
        return next((place for place in places if place.is_dir()), None)

    def _remove(self, place: Path) -> None:
        remove(place)
        with suppress(OSError):
            place.parent.rmdir()
        with suppress(FileNotFoundError):
            sync_folder(place.parent)
        sync_folder(self._folder)


def _entries(day: Path) -> list[str]:
    try:
        return [entry.name for entry in day.iterdir()]
    except FileNotFoundError:  # the last product of that day has left
        return []


def _places(day: Path) -> list[Path]:
    return [place for place in day.iterdir() if is_uuid(place.name) and place.is_dir()]


def is_uuid(name: str) -> bool:
    """Tell whether a name is a UUID as we write it."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _product_last(work: Path, name: str) -> list[Path]:
    entries = work.iterdir() if work.exists() else ()
    return sorted(entries, key=lambda entry: (entry.name == name, entry.name))


def _kept_name(name: str) -> str:
    """A product may be called as the reason is."""
    return _KEPT_REASON if name == _REASON else name


def _product_name(place: Path) -> str | None:
    """Of what lies beside the reason and is nobody's sidecar; ``None`` when there is nothing."""
    names = {entry.name for entry in place.iterdir()} if place.is_dir() else set()
    names = {name for name in names if name != _REASON and not name.startswith(".")}
    products = sorted(names - {name + SIDECAR_SUFFIX for name in names})
    return (_REASON if products[0] == _KEPT_REASON else products[0]) if products else None


def _changed(place: Path) -> datetime:
    return datetime.fromtimestamp(place.stat().st_mtime, UTC)


def _taken(target: Path) -> PermanentError:
    return PermanentError(f"the inbox {target.parent} has a file {target.name}; take it away first, then retry")
