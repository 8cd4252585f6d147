"""Restoring: products that were published before, here or elsewhere, come in with their Ids and dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from prip_core.catalogue.database import Database
from prip_core.catalogue.product_rows import NumberedProduct, ProductWriter
from prip_core.catalogue.publication_clock import PublicationClock, Turn
from prip_core.catalogue.rendering import RenderedProduct
from prip_core.catalogue.states import LIVE
from prip_core.catalogue.tables import Product
from prip_core.errors import PermanentError
from prip_core.times import format_utc, from_milliseconds

_BATCH = 4000
_AT_ONCE = 500  # Ids looked up by one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCount:
    """How many products were written, and how many were there already."""

    restored: int
    present: int


def restore(
    database: Database, clock: PublicationClock, writer: ProductWriter, rows: Iterable[RenderedProduct]
) -> RestoreCount:
    """Write products in batches of one transaction each; see :meth:`Publication.restore`."""
    restored = present = 0
    for batch in _batches(rows, _BATCH):
        with database.writing():
            new = _absent(database, batch)
            _restore(database, clock, writer, new)
        restored += len(new)
        present += len(batch) - len(new)
    return RestoreCount(restored=restored, present=present)


def _batches(rows: Iterable[RenderedProduct], size: int) -> Iterator[Sequence[RenderedProduct]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def _absent(database: Database, batch: Sequence[RenderedProduct]) -> Sequence[RenderedProduct]:
    """The rows that are not here, each Id once."""
    by_id = {row.id: row for row in batch}
    present: set[bytes] = set()
    for some in _batches(by_id.values(), _AT_ONCE):
        ids = Product.id.in_([row.id for row in some])
        present.update(bytes(row[0]) for row in database.rows(Product.select(Product.id).where(ids)))
    return [row for uuid, row in by_id.items() if uuid not in present]


def _restore(
    database: Database, clock: PublicationClock, writer: ProductWriter, rows: Sequence[RenderedProduct]
) -> None:
    if not rows:
        return
    last = clock.last()
    numbered = [NumberedProduct(last.seq + n, last.change_seq + n, row) for n, row in enumerate(rows, start=1)]
    _check_order(rows, _newest(database, last.seq))
    _check_names(database, [row for row in rows if row.online])
    writer.insert(numbered)
    turn = Turn(
        seq=numbered[-1].seq,
        change_seq=numbered[-1].change_seq,
        date=max(last.date, *(max(row.publication_date, row.modification_date) for row in rows)),
    )
    clock.record(turn, products=len(rows), online=sum(row.online for row in rows))


def _newest(database: Database, last_seq: int) -> int | None:
    row = database.row(Product.select(Product.publication_date).where(Product.seq == last_seq))
    return None if row is None else int(row[0])


def _check_order(rows: Sequence[RenderedProduct], newest: int | None) -> None:
    for row in rows:
        if newest is not None and row.publication_date < newest:
            raise PermanentError(
                f"{_of(row)} was published at {format_utc(from_milliseconds(row.publication_date))}, before the newest "
                f"product in the catalogue ({format_utc(from_milliseconds(newest))}): rows must come by "
                "PublicationDate, into a catalogue that has nothing newer"
            )
        newest = row.publication_date


def _check_names(database: Database, rows: Sequence[RenderedProduct]) -> None:
    """A name can be online once."""
    seen: set[str] = set()
    for some in _batches(rows, _AT_ONCE):
        named = Product.name.in_([row.name for row in some])
        seen.update(
            name for (name,) in database.rows(Product.select(Product.name).where(named & Product.state.in_(LIVE)))
        )
        for row in some:
            if row.name in seen:
                raise PermanentError(f"{_of(row)} cannot be restored as online: its name is online already")
            seen.add(row.name)


def _of(row: RenderedProduct) -> str:
    return f"{row.name} ({UUID(bytes=row.id)})"
