"""The quarantine of an S3 inbox: ``<prefix>/<yyyy-mm-dd>/<uuid>/<name>`` beside ``reason.json``."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from uuid import UUID

from prip_core import (
    SIDECAR_SUFFIX,
    PermanentError,
    QuarantineRoom,
    Rejection,
    read_reason,
    unexplained,
    write_reason,
)
from prip_storage_s3.claims import kept_name
from prip_storage_s3.objects import Facts, Objects

_REASON = "reason.json"
_KEPT_REASON = "reason.json.product"
_REASON_LIMIT = 16 * 1024 * 1024
_QUICK = 0.2
_PATIENCE = 20.0
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PLACE = re.compile(r"(\d{4}-\d\d-\d\d)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[^/]+")


class Quarantine:
    """Refused products with their reasons. All methods raise ``TransientError`` while the server does not answer.

    :param prefix: of the quarantine, with the slash behind it.
    :param inbox: prefix of the inbox, to which products return, with the slash behind it.
    """

    def __init__(self, objects: Objects, prefix: str, inbox: str) -> None:
        self._objects = objects
        self._prefix = prefix
        self._inbox = inbox
        self._counting = threading.Lock()
        self._count = 0
        self._count_until = 0.0

    def take(self, arrived: Sequence[Facts], rejection: Rejection) -> None:
        """Copy a product and its sidecar here; the reason is there first. Repeating it is fine.

        :param arrived: the sidecar, where there is one, then the product.
        """
        place = self._find(rejection.uuid, rejection) or self._place(f"{rejection.when:%Y-%m-%d}", rejection.uuid)
        self._objects.write(place + _REASON, write_reason(rejection, self._inbox))
        for found in arrived:
            self._objects.copy(found, place + _kept_name(found.key.removeprefix(self._inbox)))

    def rejections(self) -> Iterator[Rejection]:
        """Everything that lies here, oldest first."""
        for day in sorted(self._days()):
            found = [self._rejection(uuid, objects) for uuid, objects in self._places(day)]
            yield from sorted(found, key=lambda one: (one.when, one.uuid))

    def room(self) -> QuarantineRoom:
        """How full it is. A number that takes long to count holds for a while: it takes a request for each thousand."""
        with self._counting:
            start = time.monotonic()
            if start >= self._count_until:
                places = (place for day in self._days() for place in self._objects.folders(f"{self._prefix}{day}/"))
                self._count = sum(1 for _ in places)
                spent = time.monotonic() - start
                self._count_until = start + (_PATIENCE * spent if spent > _QUICK else 0.0)
            return QuarantineRoom(products=self._count)

    def give_back(self, rejection: Rejection) -> None:
        """Put a product and its sidecar into the inbox again, the sidecar first.

        :raises PermanentError: the product is not here, or the inbox has an object of its name or its sidecar's.
        """
        name, place = rejection.name, self._find(rejection.uuid, rejection)
        kept = None if place is None else self._objects.facts(place + _kept_name(name))
        if place is None or kept is None:
            raise PermanentError(f"{name} ({rejection.uuid}) is not in quarantine any more")
        sidecar = self._objects.facts(place + kept_name(name + SIDECAR_SUFFIX))
        moves = [(sidecar, self._inbox + name + SIDECAR_SUFFIX)] if sidecar else []
        moves.append((kept, self._inbox + name))
        present = [(source, target, self._objects.facts(target)) for source, target in moves]
        for source, target, there in present:
            if there is not None and not _is_copy(there, source):
                raise PermanentError(f"the inbox has an object {target}; take it away first, then retry")
        for source, target, there in present:
            if there is None:
                self._objects.copy(source, target)
        self._remove(place)

    def drop(self, rejection: Rejection) -> None:
        """Delete a product and its reason; a missing one is fine."""
        place = self._find(rejection.uuid, rejection)
        if place is not None:
            self._remove(place)

    def _remove(self, place: str) -> None:
        """The reason last: what a crash leaves can still be dropped."""
        objects = [found.key for found in self._objects.list(place)]
        for key in sorted(objects, key=lambda key: key == place + _REASON):
            self._objects.delete(key)

    def _find(self, uuid: UUID, rejection: Rejection) -> str | None:
        """Where it lies: on its day most likely."""
        likely = f"{rejection.when:%Y-%m-%d}"
        places = (self._place(day, uuid) for day in _first(likely, self._days()))
        return next((place for place in places if next(self._objects.list(place), None) is not None), None)

    def _place(self, day: str, uuid: UUID) -> str:
        return f"{self._prefix}{day}/{uuid}/"

    def _days(self) -> Iterator[str]:
        return (day for day in self._objects.folders(self._prefix) if _DAY.fullmatch(day))

    def _places(self, day: str) -> Iterator[tuple[UUID, Sequence[Facts]]]:
        inside = (found for found in self._objects.below(f"{self._prefix}{day}/") if self._split(found))
        for uuid, objects in groupby(inside, key=self._split):
            yield UUID(uuid), list(objects)

    def _split(self, found: Facts) -> str | None:
        place = _PLACE.fullmatch(found.key.removeprefix(self._prefix))
        return place[2] if place else None

    def _rejection(self, uuid: UUID, objects: Sequence[Facts]) -> Rejection:
        named = {found.key.rpartition("/")[2]: found for found in objects}
        reason = named.pop(_REASON, None)
        text = None if reason is None else self._objects.read(reason.key, _REASON_LIMIT)
        why = "it is missing"
        try:
            if text is not None:
                return read_reason(text.content, uuid)
        except ValueError as error:
            why = str(error)
        products = [name for name in named if name.removesuffix(SIDECAR_SUFFIX) not in named.keys() - {name}]
        name = products[0] if products else "?"
        return unexplained(uuid, _REASON if name == _KEPT_REASON else name, objects[0].modified, why)


def _first(likely: str, days: Iterator[str]) -> Iterator[str]:
    yield likely
    yield from (day for day in days if day != likely)


def _kept_name(name: str) -> str:
    """A product may be called as the reason is."""
    return _KEPT_REASON if name == _REASON else kept_name(name)


def _is_copy(found: Facts, source: Facts) -> bool:
    """A crash came between the copy to the inbox and the end of the original."""
    return (found.size, found.tag) == (source.size, source.tag)
