"""The right to work on ingestions, kept alive while a long product is read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Self
from uuid import UUID

import structlog

from prip_core.catalogue import Catalogue, Ingestion
from prip_core.errors import LeaseLost, PripError

_log = structlog.get_logger(__name__)


class LeaseKeeper:
    """Renews the leases of a batch from a thread of its own, at every third of them, for as long as the ``with`` block
    lasts."""

    def __init__(self, catalogue: Catalogue, ingestions: Sequence[Ingestion], lease: timedelta) -> None:
        self._catalogue = catalogue
        self._held = list(ingestions)
        self._lease = lease
        self._lost: dict[UUID, LeaseLost] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self, uuid: UUID) -> None:
        """Go on with a product only while its lease holds, as far as is known here; the catalogue has the last word.

        :raises LeaseLost: another worker has taken over.
        """
        if uuid in self._lost:
            raise self._lost[uuid]

    def _keep(self) -> None:
        if self._done.wait(self._lease.total_seconds() / 3):
            return
        try:
            while self._renew() and not self._done.wait(self._lease.total_seconds() / 3):
                pass
        finally:
            self._catalogue.leave()

    def _renew(self) -> bool:
        """Whether there is anything left to renew."""
        try:
            answers = self._catalogue.ingestions.renew_all(self._held, self._lease)
        except PripError as error:
            _log.warning("leases not renewed", products=[each.name for each in self._held], error=str(error))
            return True
        lost = {each.uuid: answer for each, answer in zip(self._held, answers, strict=True) if answer is not None}
        self._lost |= lost
        self._held = [each for each in self._held if each.uuid not in lost]
        return bool(self._held)
