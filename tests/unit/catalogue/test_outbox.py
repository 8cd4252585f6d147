"""The outbox: written with the verdict, done at least once, put aside when there is no hope."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prip_core.catalogue import Catalogue, Ingestion, Outbox, OutboxEntry, open_catalogue
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.due import FURTHEST
from prip_core.errors import LeaseLost
from prip_core.model import Rejection
from prip_core.products import NewProduct
from prip_core.rejections import read_event
from prip_core.testing.clock import FixedClock
from tests.singly import take_over_one

MakeProduct = Callable[..., NewProduct]
Begin = Callable[..., Ingestion]
Post = Callable[..., list[Rejection]]
LEASE = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)
A, B = "plugin:a", "plugin:b"


@pytest.fixture
def post(catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock) -> Post:
    """Refuses products, of which channels are to be told."""

    def refuse(count: int = 1, channels: tuple[str, ...] = (A,)) -> list[Rejection]:
        refused = []
        for _ in range(count):
            ingestion = begin(new_product())
            rejection = Rejection(uuid=ingestion.uuid, name=ingestion.name, reason="no good", when=clock.now())
            catalogue.ingestions.reject(ingestion, rejection, channels=channels)
            refused.append(rejection)
        return refused

    return refuse


def claim(catalogue: Catalogue, channel: str = A) -> OutboxEntry:
    entry = catalogue.outbox.claim(channel, LEASE)
    assert entry is not None
    return entry


def test_a_refusal_tells_each_channel_once(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    (rejection,) = post(channels=(A, B))
    for channel in (A, B):
        entry = claim(catalogue, channel)
        event = read_event(entry.payload)
        assert (event.rejection, event.size) == (rejection, 1234)
        assert (entry.subject, entry.attempts, entry.faults) == (str(rejection.uuid), 1, 0)
        catalogue.outbox.done(entry)
        assert catalogue.outbox.claim(channel, LEASE) is None
    assert catalogue.outbox.counts() == (0, 0)
    assert not catalogue.outbox.is_due("plugin:other")


def test_a_verdict_that_is_repeated_tells_nobody_again(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    ingestion = begin(new_product())
    rejection = Rejection(uuid=ingestion.uuid, name=ingestion.name, reason="no good", when=clock.now())
    for _ in range(2):
        catalogue.ingestions.reject(ingestion, rejection, channels=[A])
    assert catalogue.outbox.counts() == (1, 0)


def test_a_verdict_that_fails_tells_nobody(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    product = new_product()
    ingestion = begin(product)
    clock.advance(LEASE)
    take_over_one(catalogue.ingestions, ["chain"], LEASE)
    rejection = Rejection(uuid=ingestion.uuid, name=ingestion.name, reason="no good", when=clock.now())
    with pytest.raises(LeaseLost):
        catalogue.ingestions.reject(ingestion, rejection, channels=[A])
    assert catalogue.outbox.counts() == (0, 0)


def test_what_is_due_longest_comes_first_and_once(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    expected = []
    for _ in range(3):
        expected += [str(each.uuid) for each in post()]
        clock.advance(MILLISECOND)
    assert [claim(catalogue).subject for _ in range(3)] == expected
    assert catalogue.outbox.claim(A, LEASE) is None


def test_a_lease_keeps_others_away_until_it_ends(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post()
    first = claim(catalogue)
    clock.advance(LEASE - MILLISECOND)
    assert catalogue.outbox.claim(A, LEASE) is None
    catalogue.outbox.renew(first, LEASE)
    clock.advance(LEASE - MILLISECOND)
    assert catalogue.outbox.claim(A, LEASE) is None
    clock.advance(MILLISECOND)
    second = claim(catalogue)
    assert (second.id, second.attempts, second.faults) == (first.id, 2, 1)
    for late in (
        lambda: catalogue.outbox.done(first),
        lambda: catalogue.outbox.renew(first, LEASE),
        lambda: catalogue.outbox.postpone(first, clock.now(), "late"),
        lambda: catalogue.outbox.bury(first, "late"),
    ):
        with pytest.raises(LeaseLost, match=A):
            late()
    catalogue.outbox.done(second)
    with pytest.raises(LeaseLost):
        catalogue.outbox.done(second)


def test_put_off_is_taken_when_it_is_due(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post()
    entry = claim(catalogue)
    until = clock.now() + timedelta(seconds=10)
    catalogue.outbox.postpone(entry, until, "nul \0 and \udcff", faults=1)
    (waiting,) = catalogue.outbox.waiting(10)
    assert (waiting.due_at, waiting.token, waiting.last_error) == (until, None, "nul ? and ?")
    clock.advance(timedelta(seconds=10) - MILLISECOND)
    assert not catalogue.outbox.is_due(A)
    clock.advance(MILLISECOND)
    again = claim(catalogue)
    assert (again.attempts, again.faults) == (2, 1)


def test_put_off_is_no_longer_than_a_day(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post()
    catalogue.outbox.postpone(claim(catalogue), datetime(9999, 1, 1, tzinfo=UTC), "in eight thousand years")
    clock.advance(timedelta(days=1))
    assert catalogue.outbox.is_due(A)


def test_a_moment_told_by_a_wrong_clock_does_not_block(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post()
    clock.set(clock.now() - timedelta(days=3650))
    assert claim(catalogue).attempts == 1


def test_what_was_given_up_comes_back_by_hand_alone(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post(2)
    entry, other = claim(catalogue), claim(catalogue)
    catalogue.outbox.bury(entry, "nobody there")
    clock.advance(timedelta(days=1))
    assert claim(catalogue).id == other.id
    (dead,) = catalogue.outbox.dead(10)
    assert (dead.id, dead.last_error, dead.dead_at) == (entry.id, "nobody there", clock.now() - timedelta(days=1))
    assert catalogue.outbox.counts() == (1, 1)
    assert catalogue.outbox.retry(entry.id)
    again = claim(catalogue)
    assert (again.id, again.attempts, again.faults, again.dead_at) == (entry.id, 2, 0, None)


def test_what_is_done_or_in_work_cannot_be_retried(catalogue: Catalogue, post: Post) -> None:
    post(2)
    entry, other = claim(catalogue), claim(catalogue)
    catalogue.outbox.done(entry)
    assert not catalogue.outbox.retry(entry.id)
    assert not catalogue.outbox.retry(other.id)
    assert not catalogue.outbox.retry(4711)


def test_what_waits_is_made_due_by_hand(catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post()
    entry = claim(catalogue)
    catalogue.outbox.postpone(entry, clock.now() + timedelta(hours=1), "busy")
    assert catalogue.outbox.retry(entry.id)
    assert claim(catalogue).id == entry.id


def test_four_workers_take_each_entry_once(url: str, catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    expected = {str(each.uuid) for each in post(40)}
    taken: list[str] = []

    def work() -> None:
        own = open_catalogue(url, clock)
        while (entry := own.outbox.claim(A, LEASE)) is not None:
            taken.append(entry.subject)
            own.outbox.done(entry)
        own.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(expected)


def test_done_rows_do_not_slow_a_look(url: str, catalogue: Catalogue, post: Post, clock: FixedClock) -> None:
    post(30)
    while (entry := catalogue.outbox.claim(A, LEASE)) is not None:
        catalogue.outbox.done(entry)
    database = database_at(url)
    asked: list[str] = []
    plan = _plan(database, asked)
    outbox = Outbox(plan, clock)
    assert not outbox.is_due(A)
    assert len(asked) == 2
    assert all("outbox_due" in each for each in asked), asked
    database.close()


def _plan(database: Any, asked: list[str]) -> Any:
    """The same database; of each question the plan is kept."""
    rows_of = database.rows_of

    def explained(sql: str, parameters: Any = ()) -> Any:
        if not hasattr(database, "peewee"):
            with database.writing():
                # Of a table this small every row is read as quickly.
                database.change("SET LOCAL enable_seqscan = off")
                asked.append(str(rows_of(f"EXPLAIN {sql}", parameters)))
        else:
            asked.append(str(rows_of(f"EXPLAIN QUERY PLAN {sql}", parameters)))
        return rows_of(sql, parameters)

    database.rows_of = explained
    return database


def test_the_furthest_is_further_than_any_pause() -> None:
    assert timedelta(days=1) / MILLISECOND <= FURTHEST // 2
