"""Restoring: products that were published before, here or elsewhere, come in with their Ids and dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from prip_core.catalogue.database import Contradiction, Database
from prip_core.catalogue.product_rows import DatedProduct, ProductWriter
from prip_core.catalogue.publication_clock import PublicationClock, Turn
from prip_core.catalogue.tables import Product
from prip_core.errors import PermanentError
from prip_core.products import PublishedProduct
from prip_core.times import format_utc, from_milliseconds, to_milliseconds

_BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCount:
    """How many products were written, and how many were there already."""

    restored: int
    present: int


def restore(database: Database, clock: PublicationClock, rows: Iterable[PublishedProduct]) -> RestoreCount:
    """Write products in batches of one transaction each; see :meth:`Publication.restore`."""
    writer = ProductWriter(database)
    restored = present = 0
    for batch in _batches(rows):
        with database.writing():
            new = _absent(database, batch)
            _restore(database, clock, writer, new)
        restored += len(new)
        present += len(batch) - len(new)
    return RestoreCount(restored=restored, present=present)


def _batches(rows: Iterable[PublishedProduct]) -> Iterator[Sequence[PublishedProduct]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _absent(database: Database, batch: Sequence[PublishedProduct]) -> Sequence[PublishedProduct]:
    """The rows that are not here, each Id once."""
    by_id = {row.product.id: row for row in batch}
    ids = Product.id.in_([uuid.bytes for uuid in by_id])
    present = {UUID(bytes=row[0]) for row in database.rows(Product.select(Product.id).where(ids))}
    return [row for uuid, row in by_id.items() if uuid not in present]


def _restore(
    database: Database, clock: PublicationClock, writer: ProductWriter, rows: Sequence[PublishedProduct]
) -> None:
    if not rows:
        return
    last = clock.last()
    dated = [_dated(row, last, position) for position, row in enumerate(rows, start=1)]
    _check_order(dated, _newest(database, last.seq))
    try:
        with database.writing():  # a part of its own: what it is refused for is looked up afterwards
            writer.insert(dated)
    except Contradiction as error:
        raise _refused(database, dated) from error
    turn = Turn(
        seq=dated[-1].seq,
        change_seq=dated[-1].change_seq,
        date=max(last.date, *(max(each.publication_date, each.modification_date) for each in dated)),
    )
    clock.record(turn, products=len(dated), online=sum(each.online for each in dated))


def _dated(row: PublishedProduct, last: Turn, position: int) -> DatedProduct:
    return DatedProduct(
        product=row.product,
        seq=last.seq + position,
        change_seq=last.change_seq + position,
        publication_date=to_milliseconds(row.publication_date),
        modification_date=to_milliseconds(row.modification_date),
        online=row.online,
    )


def _newest(database: Database, last_seq: int) -> int | None:
    row = database.row(Product.select(Product.publication_date).where(Product.seq == last_seq))
    return None if row is None else int(row[0])


def _check_order(dated: Sequence[DatedProduct], newest: int | None) -> None:
    for each in dated:
        if newest is not None and each.publication_date < newest:
            raise PermanentError(
                f"{each.product.name} ({each.product.id}) was published at "
                f"{format_utc(from_milliseconds(each.publication_date))}, before the newest product in the catalogue "
                f"({format_utc(from_milliseconds(newest))}): rows must come by PublicationDate, into a catalogue that "
                "has nothing newer"
            )
        newest = each.publication_date


def _refused(database: Database, dated: Sequence[DatedProduct]) -> PermanentError:
    """Which of the rows the database refuses: a name can be online once."""
    seen: set[str] = set()
    for each in dated:
        name = each.product.name
        online = Product.select(Product.seq).where((Product.name == name) & (Product.online == 1))
        if each.online and (name in seen or database.row(online) is not None):
            return PermanentError(
                f"{name} ({each.product.id}) cannot be restored as online: its name is online already"
            )
        seen.update([name] if each.online else [])
    return PermanentError("the rows contradict each other or the catalogue: a checksum or an attribute stands twice")
