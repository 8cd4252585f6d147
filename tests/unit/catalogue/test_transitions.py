"""How products leave the list: states, dates, counts, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from prip_core.catalogue import Catalogue, CataloguedProduct, ProductRow, ProductState, PublishOutcome, open_catalogue
from prip_core.errors import ClockJumped, PermanentError
from prip_core.odata.options import Listing, Query
from prip_core.testing.clock import FixedClock
from prip_core.times import to_milliseconds

Publish = Callable[..., PublishOutcome]


@pytest.fixture
def uuid(publish: Publish) -> UUID:
    """A product online, after another one."""
    publish()
    uuid = uuid4()
    publish(id=uuid)
    return uuid


def facts(catalogue: Catalogue, uuid: UUID) -> tuple[CataloguedProduct, ProductRow]:
    product, row = catalogue.products.find(uuid), catalogue.products.row(uuid)
    assert product is not None
    assert row is not None
    return product, row


def counts(catalogue: Catalogue) -> tuple[int | None, ...]:
    """Of what is listed, by the clock's figures and row by row."""
    return tuple(
        catalogue.products.page(Query(top=0, count=True, listing=listing), list_evicted=evicted).total
        for listing, evicted in ((Listing.PRODUCTS, False), (Listing.PRODUCTS, True), (Listing.DELETED_PRODUCTS, False))
    )


def test_a_product_is_evicted_in_two_steps(catalogue: Catalogue, uuid: UUID) -> None:
    published = catalogue.clock.last()
    assert catalogue.transitions.begin_eviction(uuid)
    product, row = facts(catalogue, uuid)
    assert (product.state, product.online, row.online) == (ProductState.EVICTING, False, False)
    assert product.modification_date > product.publication_date
    assert row.deletion_ms == row.modification_ms == to_milliseconds(product.modification_date)
    assert row.deletion_cause == "Evicted at the end of its retention"
    assert catalogue.transitions.end_eviction(uuid)
    later, later_row = facts(catalogue, uuid)
    assert later.state is ProductState.EVICTED
    assert later.modification_date > product.modification_date
    assert (later_row.deletion_ms, later_row.deletion_cause) == (row.deletion_ms, row.deletion_cause)
    assert later.publication_date == product.publication_date
    last = catalogue.clock.last()
    assert (last.seq, last.change_seq) == (published.seq, published.change_seq + 2)
    assert last.date == to_milliseconds(later.modification_date)


def test_a_product_is_withdrawn_with_its_cause(catalogue: Catalogue, uuid: UUID, publish: Publish) -> None:
    name = facts(catalogue, uuid)[0].name
    assert catalogue.transitions.withdraw(uuid, " Corrupted product ")
    product, row = facts(catalogue, uuid)
    assert (product.state, product.online) == (ProductState.WITHDRAWN, False)
    assert (row.deletion_ms, row.deletion_cause) == (row.modification_ms, "Corrupted product")
    again = uuid4()
    publish(id=again, name=name)  # its name is free
    assert [each.id for each in catalogue.products.named(name)] == [uuid, again]


def test_the_lists_and_their_counts_follow(catalogue: Catalogue, uuid: UUID) -> None:
    assert counts(catalogue) == (2, 2, 0)
    catalogue.transitions.withdraw(uuid, "x")
    assert counts(catalogue) == (1, 2, 1)
    (row,) = catalogue.products.page(Query(top=5, listing=Listing.DELETED_PRODUCTS)).rows
    assert row.id == uuid


@pytest.mark.parametrize(
    "steps, changed, state",
    [
        (["begin_eviction", "begin_eviction"], [True, False], ProductState.EVICTING),
        (["end_eviction"], [False], ProductState.ONLINE),
        (["begin_eviction", "end_eviction", "end_eviction"], [True, True, False], ProductState.EVICTED),
        (["begin_eviction", "withdraw"], [True, False], ProductState.EVICTING),
        (["begin_eviction", "end_eviction", "withdraw"], [True, True, False], ProductState.EVICTED),
        (["withdraw", "withdraw"], [True, False], ProductState.WITHDRAWN),
        (["withdraw", "begin_eviction", "end_eviction"], [True, False, False], ProductState.WITHDRAWN),
        (["begin_eviction", "end_eviction", "begin_eviction"], [True, True, False], ProductState.EVICTED),
    ],
)
def test_repeating_and_other_orders_change_nothing(
    catalogue: Catalogue, uuid: UUID, steps: list[str], changed: list[bool], state: ProductState
) -> None:
    before = catalogue.clock.last()
    done = []
    for step in steps:
        arguments = ["a cause"] if step == "withdraw" else []
        done.append(getattr(catalogue.transitions, step)(uuid, *arguments))
    assert done == changed
    assert facts(catalogue, uuid)[0].state is state
    assert catalogue.clock.last().change_seq == before.change_seq + sum(changed)
    assert counts(catalogue) == ((2, 2, 0) if state is ProductState.ONLINE else (1, 2, 1))


@pytest.mark.parametrize("step, arguments", [("begin_eviction", []), ("end_eviction", []), ("withdraw", ["x"])])
def test_what_is_not_there_cannot_leave(catalogue: Catalogue, step: str, arguments: list[str]) -> None:
    with pytest.raises(PermanentError, match="there is no product 0000"):
        getattr(catalogue.transitions, step)(UUID(int=1), *arguments)


def test_a_withdrawal_needs_a_cause(catalogue: Catalogue, uuid: UUID) -> None:
    with pytest.raises(PermanentError, match="without a cause"):
        catalogue.transitions.withdraw(uuid, "  ")


def test_nothing_is_dated_by_a_clock_that_jumped(catalogue: Catalogue, uuid: UUID, clock: FixedClock) -> None:
    clock.set(clock.now() - timedelta(hours=1))
    with pytest.raises(ClockJumped):
        catalogue.transitions.withdraw(uuid, "x")
    assert facts(catalogue, uuid)[0].online


def test_of_many_who_withdraw_one_does_it(url: str, catalogue: Catalogue, uuid: UUID, clock: FixedClock) -> None:
    barrier = threading.Barrier(6)
    done: list[Any] = []

    def withdraw() -> None:
        own = open_catalogue(url, clock)
        barrier.wait()
        done.append(own.transitions.withdraw(uuid, "x"))
        own.close()

    threads = [threading.Thread(target=withdraw) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 5 + [True]
    assert counts(catalogue) == (1, 2, 1)
