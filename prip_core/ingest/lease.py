"""The right to work on ingestions, kept alive while a long product is read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Self
from uuid import UUID

import structlog

from prip_core.catalogue import Catalogue, Ingestion
from prip_core.errors import LeaseLost
from prip_core.ingest.origin import log_failure

_NOTE_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class LeaseKeeper:
    """Renews the leases of a batch from a thread of its own, at every third of them, for as long as the ``with`` block
    lasts.

    :param note: called each second from that thread, for those who watch.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        ingestions: Sequence[Ingestion],
        lease: timedelta,
        note: Callable[[], None] = lambda: None,
    ) -> None:
        self._catalogue = catalogue
        self._held = list(ingestions)
        self._lease = lease
        self._note = note
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
        third = self._lease.total_seconds() / 3
        due = time.monotonic() + third
        if self._done.wait(min(third, _NOTE_SECONDS)):
            return
        try:
            while self._held:
                if time.monotonic() >= due:
                    due = time.monotonic() + third
                    self._do(self._renew, "leases not renewed")
                else:
                    self._do(self._note, "progress not noted")
                if self._done.wait(min(max(0.0, due - time.monotonic()), _NOTE_SECONDS)):
                    return
        finally:
            self._catalogue.leave()

    def _do(self, work: Callable[[], None], otherwise: str) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it is done again, before the leases run out: this thread must live
            log_failure(_log, otherwise, error, products=[each.name for each in self._held])

    def _renew(self) -> None:
        answers = self._catalogue.ingestions.renew_all(self._held, self._lease)
        lost = {each.uuid: answer for each, answer in zip(self._held, answers, strict=True) if answer is not None}
        self._lost |= lost
        self._held = [each for each in self._held if each.uuid not in lost]
