"""How a published product leaves the list: evicted when its time has come, or withdrawn by an operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from prip_core.catalogue.database import Database
from prip_core.catalogue.publication_clock import PublicationClock, RanAhead, Turn
from prip_core.catalogue.states import EVICTED, ProductState
from prip_core.catalogue.tables import Product
from prip_core.errors import PermanentError

_Result = TypeVar("_Result")


class Transitions:
    """Takes products off the list. Each change is one transaction and takes a turn of the publication clock, so that
    ``ModificationDate gt <last>`` and delta links miss none; repeating one changes nothing.

    Everything here may raise ``ClockJumped`` (nothing can be dated now), ``TransientError`` (the database is locked
    or the disk full) and ``CatalogueUnavailable``.
    """

    def __init__(self, database: Database, clock: PublicationClock) -> None:
        self._database = database
        self._clock = clock

    def begin_eviction(self, uuid: UUID) -> bool:
        """Take a product offline whose bytes are to be deleted: ONLINE → EVICTING.

        :returns: whether it was online; otherwise nothing has changed.
        :raises PermanentError: there is no such product.
        """
        return self._in_turn(lambda: self._leave(uuid, ProductState.EVICTING, EVICTED))

    def end_eviction(self, uuid: UUID) -> bool:
        """Record that the bytes are deleted: EVICTING → EVICTED.

        :returns: whether it was being evicted; otherwise nothing has changed.
        :raises PermanentError: there is no such product.
        """
        return self._in_turn(lambda: self._end_eviction(uuid))

    def withdraw(self, uuid: UUID, cause: str) -> bool:
        """Take a product offline for a reason: ONLINE → WITHDRAWN. Its bytes stay where they are.

        :param cause: what clients read as its DeletionCause; not empty.
        :returns: whether it was online; otherwise nothing has changed.
        :raises PermanentError: there is no such product, or no cause.
        """
        if not cause.strip():
            raise PermanentError(f"product {uuid} cannot be withdrawn without a cause: clients read it")
        return self._in_turn(lambda: self._leave(uuid, ProductState.WITHDRAWN, cause.strip()))

    def _in_turn(self, change: Callable[[], _Result]) -> _Result:
        while True:
            self._clock.wait()
            try:
                with self._database.writing():
                    return change()
            except RanAhead:
                continue

    def _leave(self, uuid: UUID, state: ProductState, cause: str) -> bool:
        if self._state(uuid) is not ProductState.ONLINE:
            return False
        turn = self._clock.advance(online=-1)
        self._change(uuid, turn, state, online=0, deletion_date=turn.date, deletion_cause=cause)
        return True

    def _end_eviction(self, uuid: UUID) -> bool:
        if self._state(uuid) is not ProductState.EVICTING:
            return False
        self._change(uuid, self._clock.advance(), ProductState.EVICTED)
        return True

    def _state(self, uuid: UUID) -> ProductState:
        row = self._database.row(Product.select(Product.state).where(Product.id == uuid.bytes))
        if row is None:
            raise PermanentError(f"there is no product {uuid}")
        return ProductState(row[0])

    def _change(self, uuid: UUID, turn: Turn, state: ProductState, **values: int | str) -> None:
        changed = {"state": state.value, "change_seq": turn.change_seq, "modification_date": turn.date, **values}
        self._database.execute(Product.update(**changed).where(Product.id == uuid.bytes))
