"""Work in hand: what is counted, what is in work, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from prip_core.catalogue import Catalogue, Ingestion, IngestionCount, Progress
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock
from tests.singly import take_over_one

MakeProduct = Callable[..., NewProduct]
Begin = Callable[..., Ingestion]
LEASE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_nothing_is_in_hand_at_first(catalogue: Catalogue) -> None:
    assert catalogue.work.counts() == []
    assert catalogue.work.in_work(10) == []
    assert catalogue.work.stuck("chain") == 0


def test_each_kind_is_counted_for_each_inbox(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    start = clock.now()
    held, late, waits, first = (begin(new_product(), arrived=start + n * HOUR) for n in (3, 2, 1, 0))
    begin(new_product(), inbox="other", arrived=start)
    catalogue.ingestions.postpone(late, clock.now() + HOUR, "busy")
    for each in (waits, first):
        assert catalogue.ingestions.wait(each, "PARENT", HOUR)
    assert catalogue.work.counts() == [
        IngestionCount(inbox="chain", in_work=1, to_retry=1, oldest=start + 2 * HOUR, waiting=2, waiting_since=start),
        IngestionCount(inbox="other", in_work=1, oldest=start),
    ]
    assert catalogue.work.stuck("chain") == 1
    assert catalogue.work.stuck("other") == 0
    assert [each.uuid for each in catalogue.work.in_work(10) if each.inbox == "chain"] == [held.uuid]
    assert len(catalogue.work.in_work(1)) == 1


def test_progress_is_noted_by_whom_it_belongs_to(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    ingestion = begin(new_product())
    (before,) = catalogue.work.in_work(10)
    assert (before.step, before.bytes_read, before.attempts) == (None, 0, 1)
    catalogue.work.note([Progress(ingestion=ingestion, step="store", bytes_read=5_000_000_000)])
    (noted,) = catalogue.work.in_work(10)
    assert (noted.step, noted.bytes_read, noted.size) == ("store", 5_000_000_000, ingestion.size)
    clock.advance(LEASE)
    take_over_one(catalogue.ingestions, ["chain"], LEASE)
    catalogue.work.note([Progress(ingestion=ingestion, step="publish", bytes_read=1)])
    (after,) = catalogue.work.in_work(10)
    assert (after.step, after.attempts) == ("store", 2)
