"""The right to work on an ingestion, kept alive while a long product is read."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Self

import structlog

from prip_core.catalogue import Catalogue, Ingestion
from prip_core.errors import LeaseLost, PripError

_log = structlog.get_logger(__name__)


class LeaseKeeper:
    """Renews a lease from a thread of its own, at every third of it, for as long as the ``with`` block lasts."""

    def __init__(self, catalogue: Catalogue, ingestion: Ingestion, lease: timedelta) -> None:
        self._catalogue = catalogue
        self._ingestion = ingestion
        self._lease = lease
        self._lost: LeaseLost | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Go on only while the lease holds, as far as is known here; the catalogue has the last word.

        :raises LeaseLost: another worker has taken over.
        """
        if self._lost is not None:
            raise self._lost

    def _keep(self) -> None:
        if self._done.wait(self._lease.total_seconds() / 3):
            return
        try:
            while self._renew() and not self._done.wait(self._lease.total_seconds() / 3):
                pass
        finally:
            self._catalogue.leave()

    def _renew(self) -> bool:
        try:
            self._catalogue.ingestions.renew(self._ingestion, self._lease)
        except LeaseLost as lost:
            self._lost = lost
            return False
        except PripError as error:
            _log.warning("lease not renewed", product=self._ingestion.name, error=str(error))
        return True
