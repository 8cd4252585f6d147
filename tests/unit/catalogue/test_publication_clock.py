"""The publication clock: strictly increasing, paced, stopped by a jump, let on by an operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome, open_catalogue
from prip_core.errors import ClockJumped
from prip_core.testing.clock import FixedClock
from prip_core.times import to_milliseconds

Sql = Callable[[str], list[tuple[Any, ...]]]
Publish = Callable[..., PublishOutcome]
MILLISECOND = timedelta(milliseconds=1)


def date(outcome: PublishOutcome) -> datetime:
    assert outcome.publication_date is not None
    return outcome.publication_date


def set_last(sql: Sql, moment: datetime) -> None:
    sql(f"UPDATE publication_clock SET last_date = {to_milliseconds(moment)}")


def test_dates_are_cut_to_milliseconds(publish: Publish, clock: FixedClock) -> None:
    clock.set(datetime(2026, 3, 1, 12, 0, 1, 999999, tzinfo=UTC))
    assert date(publish()) == datetime(2026, 3, 1, 12, 0, 1, 999000, tzinfo=UTC)


def test_dates_increase_while_the_clock_stands(publish: Publish, clock: FixedClock) -> None:
    start = clock.now()
    assert [date(publish()) for _ in range(3)] == [start, start + MILLISECOND, start + 2 * MILLISECOND]
    clock.advance(timedelta(seconds=1))
    assert date(publish()) == start + timedelta(seconds=1)


def test_dates_increase_when_the_clock_is_set_back_a_little(publish: Publish, clock: FixedClock) -> None:
    first = date(publish())
    clock.set(clock.now() - timedelta(milliseconds=700))
    assert date(publish()) == first + MILLISECOND
    assert clock.slept == timedelta()


@pytest.mark.parametrize(
    "lead, slept",
    [
        (timedelta(seconds=1), timedelta()),
        (timedelta(seconds=1, milliseconds=1), MILLISECOND),
        (timedelta(seconds=60), timedelta(seconds=59)),
    ],
)
def test_publisher_waits_when_the_last_date_is_ahead(
    publish: Publish, clock: FixedClock, sql: Sql, lead: timedelta, slept: timedelta
) -> None:
    last = clock.now() + lead
    set_last(sql, last)
    assert date(publish()) == last + MILLISECOND
    assert clock.slept == slept


def test_dates_never_run_ahead_by_more_than_the_pace(publish: Publish, clock: FixedClock) -> None:
    for _ in range(1100):
        assert date(publish()) <= clock.now() + timedelta(seconds=1, milliseconds=1)
    assert clock.slept > timedelta()


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650), timedelta(seconds=61)])
def test_jump_stops_publication_until_it_is_undone(
    catalogue: Catalogue, publish: Publish, clock: FixedClock, jump: timedelta
) -> None:
    first = date(publish())
    clock.set(clock.now() + jump)
    with pytest.raises(ClockJumped, match="prip clock accept"):
        publish()
    status = catalogue.clock.status()
    assert not status.trusted
    assert status.reason is not None
    assert status.last == first
    clock.set(clock.now() - jump)
    assert date(publish()) == first + MILLISECOND
    assert catalogue.clock.status().trusted


@pytest.mark.parametrize("jump", [timedelta(seconds=60), timedelta(seconds=-60)])
def test_a_minute_is_no_jump(publish: Publish, clock: FixedClock, jump: timedelta) -> None:
    clock.set(clock.now() + jump)
    publish()


def test_last_date_far_ahead_stops_publication(
    catalogue: Catalogue, publish: Publish, clock: FixedClock, sql: Sql
) -> None:
    set_last(sql, clock.now() + timedelta(seconds=60, milliseconds=1))
    with pytest.raises(ClockJumped, match="ahead of the clock"):
        publish()
    assert clock.slept == timedelta()
    assert catalogue.clock.status().lead == timedelta(seconds=60, milliseconds=1)


def test_accepted_lead_goes_on_after_the_last_date(
    catalogue: Catalogue, publish: Publish, clock: FixedClock, sql: Sql
) -> None:
    last = clock.now() + timedelta(days=3650)
    set_last(sql, last)
    assert catalogue.clock.accept("operator").trusted
    assert [date(publish()) for _ in range(2)] == [last + MILLISECOND, last + 2 * MILLISECOND]
    assert clock.slept == timedelta()


def test_accepted_lead_does_not_cover_a_later_one(
    catalogue: Catalogue, publish: Publish, clock: FixedClock, sql: Sql
) -> None:
    set_last(sql, clock.now() + timedelta(days=1))
    catalogue.clock.accept("operator")
    clock.advance(timedelta(days=2))
    assert date(publish()) == clock.now()
    set_last(sql, clock.now() + timedelta(days=1))
    with pytest.raises(ClockJumped):
        publish()


def test_acceptance_reaches_running_processes(
    catalogue: Catalogue, publish: Publish, clock: FixedClock, url: str
) -> None:
    publish()
    clock.set(clock.now() + timedelta(hours=1))
    assert not catalogue.clock.status().trusted
    elsewhere = open_catalogue(url, clock)
    assert elsewhere.clock.status().trusted
    elsewhere.clock.accept("operator")
    elsewhere.close()
    assert catalogue.clock.status().trusted
    assert date(publish()) == clock.now()
    clock.set(clock.now() + timedelta(hours=1))
    with pytest.raises(ClockJumped):
        publish()


def test_acceptance_is_durable(catalogue: Catalogue, clock: FixedClock, url: str, sql: Sql) -> None:
    set_last(sql, clock.now() + timedelta(days=1))
    catalogue.clock.accept("operator")
    later = open_catalogue(url, clock)
    assert later.clock.status().trusted
    later.close()


def test_empty_catalogue_has_no_last_date(catalogue: Catalogue, clock: FixedClock) -> None:
    status = catalogue.clock.status()
    assert (status.last, status.lead, status.trusted, status.now) == (None, timedelta(), True, clock.now())
