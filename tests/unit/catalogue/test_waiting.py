"""Waiting for another product: until it is published, or long enough; nothing is missed, and nothing is in the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from prip_core.catalogue import Catalogue, Ingestion, PublishOutcome
from prip_core.catalogue.ingestion_rows import HANDED_BACK
from prip_core.errors import LeaseLost
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock
from tests.singly import take_over_one

MakeProduct = Callable[..., NewProduct]
Begin = Callable[..., Ingestion]
Publish = Callable[..., PublishOutcome]
Sql = Callable[[str], list[tuple[Any, ...]]]
LEASE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
GRANULE = "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11"


@pytest.fixture
def report(new_product: MakeProduct, begin: Begin) -> Ingestion:
    return begin(new_product(name="report.xml"))


def test_it_is_taken_up_when_its_time_is_over(catalogue: Catalogue, report: Ingestion, clock: FixedClock) -> None:
    assert catalogue.ingestions.wait(report, GRANULE, HOUR)
    (waiting,) = catalogue.ingestions.open()
    assert (waiting.awaits, waiting.due_at, waiting.token) == (GRANULE, clock.now() + HOUR, HANDED_BACK)
    clock.advance(HOUR - MILLISECOND)
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None
    clock.advance(MILLISECOND)
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert taken is not None
    assert (taken.awaits, taken.waited, taken.attempts, taken.faults) == (None, GRANULE, 1, 0)


def test_one_that_has_waited_is_stuck_when_it_fails_then(
    catalogue: Catalogue, report: Ingestion, clock: FixedClock
) -> None:
    catalogue.ingestions.wait(report, GRANULE, HOUR)
    clock.advance(HOUR)
    for attempts in (1, 2):
        taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
        assert taken is not None
        assert (taken.waited, taken.attempts) == (GRANULE, attempts)
        catalogue.ingestions.postpone(taken, clock.now(), "no room left")
        assert catalogue.work.stuck("chain") == 1


def test_one_that_need_not_wait_any_more_is_not_stuck_for_that(
    catalogue: Catalogue, report: Ingestion, publish: Publish
) -> None:
    catalogue.ingestions.wait(report, GRANULE, HOUR)
    publish(name=f"{GRANULE}.tar")
    assert catalogue.work.stuck("chain") == 0


@pytest.mark.parametrize("suffix", ["", ".tar", ".SAFE.zip"])
def test_it_is_taken_up_when_what_it_waits_for_is_published(
    catalogue: Catalogue, report: Ingestion, publish: Publish, suffix: str, new_product: MakeProduct, begin: Begin
) -> None:
    other = begin(new_product(name="other.xml"))
    catalogue.ingestions.wait(report, GRANULE, HOUR)
    catalogue.ingestions.wait(other, f"{GRANULE}0", HOUR)
    publish(name=f"{GRANULE[:-1]}2{suffix}")
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None
    publish(name=f"{GRANULE}{suffix}")
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert taken is not None
    assert (taken.uuid, taken.waited, taken.attempts, taken.faults) == (report.uuid, GRANULE, 1, 0)
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None


def test_nothing_waits_for_what_is_there_or_was(catalogue: Catalogue, report: Ingestion, publish: Publish) -> None:
    publish(name=f"{GRANULE}.tar")
    (granule,) = catalogue.products.named(f"{GRANULE}.tar")
    assert not catalogue.ingestions.wait(report, GRANULE, HOUR)
    catalogue.transitions.withdraw(granule.id, "broken")
    assert not catalogue.ingestions.wait(report, GRANULE, HOUR)
    assert report in catalogue.ingestions.open()
    assert catalogue.ingestions.wait(report, GRANULE[:-1], HOUR)


def test_a_worker_that_lost_its_lease_cannot_let_it_wait(
    catalogue: Catalogue, report: Ingestion, clock: FixedClock
) -> None:
    clock.advance(LEASE)
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    with pytest.raises(LeaseLost):
        catalogue.ingestions.wait(report, GRANULE, HOUR)
    assert catalogue.ingestions.open() == [taken]


def test_a_publication_at_the_same_time_is_not_missed(
    catalogue: Catalogue, report: Ingestion, publish: Publish
) -> None:
    """Who wants to wait, waits for the publication to end first, and then finds the product."""
    asked, answers = threading.Event(), []

    def wait() -> None:
        asked.set()
        answers.append(catalogue.ingestions.wait(report, GRANULE, HOUR))
        catalogue.leave()

    other = threading.Thread(target=wait)
    with catalogue._database.writing():
        publish(name=f"{GRANULE}.tar")
        other.start()
        asked.wait(10)
        other.join(0.2)
        assert answers == []
    other.join(30)
    assert answers == [False]


def test_what_waits_lies_behind_what_is_due(sqlite_url: str, postgres_url: str) -> None:
    """However many they are: both databases walk an index in the order in which deliveries became due."""
    from contextlib import closing
    from sqlite3 import connect

    question = (
        "SELECT uuid FROM ingestion WHERE due_at <= 5 AND inbox IN ('a') AND (leased_until <= 5 OR leased_until > 9) "
        "ORDER BY due_at, arrived, uuid LIMIT 1"
    )
    with closing(connect(sqlite_url.removeprefix("sqlite:///"))) as file:
        plan = str(file.execute(f"EXPLAIN QUERY PLAN {question}").fetchall())
    assert "ingestion_due (due_at<?)" in plan
    assert "TEMP B-TREE" not in plan
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_bitmapscan = off")
        plan = str(connection.execute(f"EXPLAIN {question}").fetchall())
    assert "ingestion_due" in plan
    assert "Sort" not in plan
