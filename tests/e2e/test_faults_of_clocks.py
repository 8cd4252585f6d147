"""The clock steps while workers work: dates never go back, nothing is dated in doubt, and nothing waits for years."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.e2e.forking import CLOCK, ForkedDeliveryPoint
from tests.e2e.promises import broken, left, published
from tests.e2e.scenarios import Ingest

Build = Callable[..., Path]
Step = Callable[[timedelta], None]

HOUR, TEN_YEARS = timedelta(hours=1), timedelta(days=3653)


@pytest.fixture(params=["sqlite", "postgres"])
def point(request: pytest.FixtureRequest, forked: ForkedDeliveryPoint) -> ForkedDeliveryPoint:
    """On each database, with a lease that ends soon."""
    if request.param == "postgres":
        request.getfixturevalue("move")(forked, request.getfixturevalue("postgres_url"))
    forked.environment["PRIP__INGEST__LEASE"] = "0.5"
    return forked


@pytest.fixture
def step(point: DeliveryPoint, tmp_path: Path) -> Step:
    """Lets the clock of all processes of the delivery point be wrong by so much from now on."""
    file = tmp_path / "clock"
    point.environment[CLOCK] = str(file)

    def step(by: timedelta) -> None:
        new = file.with_name("clock.new")
        new.write_text(str(by.total_seconds()))
        new.replace(file)

    step(timedelta())
    return step


@contextmanager
def working(point: DeliveryPoint) -> Iterator[None]:
    """A worker that is the same at the end as at the beginning."""
    worker = point.spawn("ingest")
    try:
        yield
        assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait(60)


def publish(point: DeliveryPoint, product: Path) -> None:
    before = len(published(point))
    point.deliver(product)
    wait_for(lambda: len(published(point)) > before, product.name)


def wait_for_doubt(point: DeliveryPoint, times: int = 1) -> None:
    wait_for(lambda: point.log_file.read_text().count("ingest waits") >= times, "doubt")


def accept(point: DeliveryPoint) -> None:
    assert point.prip("clock", "accept", "--yes").returncode == 0


def dates(point: DeliveryPoint) -> list[datetime]:
    return [datetime.fromtimestamp(row["publication_date"] / 1000, UTC) for row in published(point)]


def contents(granule: Build, *numbers: int) -> dict[str, bytes]:
    return {granule(number).name: granule(number).read_bytes() for number in numbers}


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["ahead", "back"])
def test_a_clock_that_steps_by_an_hour(point: DeliveryPoint, step: Step, granule: Build, by: timedelta) -> None:
    with working(point):
        publish(point, granule(1))
        step(by)
        wait_for_doubt(point)
        point.deliver(granule(2))
        time.sleep(0.7)  # for two looks at least
        assert len(published(point)) == 1
        accept(point)
        wait_for(lambda: len(published(point)) == 2, "the second product")
    first, second = dates(point)
    assert timedelta() < second - first
    assert second - first < HOUR / 2 if by < timedelta() else second - first > HOUR / 2
    assert broken(point, contents(granule, 1, 2)) == []


def test_a_clock_that_steps_by_ten_years_and_back(point: DeliveryPoint, step: Step, granule: Build) -> None:
    """While it is wrong nothing is claimed, dated or swept away; when it is right again, nobody has to be asked."""
    with working(point):
        publish(point, granule(1))
        upload = point.archive / ".uploads" / "of-another-worker"
        upload.write_bytes(b"half")
        step(TEN_YEARS)
        wait_for_doubt(point)
        point.deliver(granule(2))
        time.sleep(0.7)
        assert upload.exists()
        assert len(published(point)) == 1
        upload.unlink()
        step(timedelta())
        wait_for(lambda: len(published(point)) == 2, "the second product")
    assert max(dates(point)) < datetime.now(UTC) + timedelta(minutes=2)
    assert broken(point, contents(granule, 1, 2)) == []


def test_a_wrong_clock_that_was_accepted(point: DeliveryPoint, step: Step, granule: Build, ingest_all: Ingest) -> None:
    """A product is dated ten years ahead; the next ones follow it, however the clock goes back."""
    with working(point):
        publish(point, granule(1))
        step(TEN_YEARS)
        wait_for_doubt(point)
        accept(point)
        publish(point, granule(2))
        step(timedelta())
        wait_for_doubt(point, 2)
        point.deliver(granule(3))
        accept(point)
        wait_for(lambda: len(published(point)) == 3, "the third product")
    first, second, third = dates(point)
    assert second - first > TEN_YEARS / 2
    assert timedelta() < third - second < HOUR
    ingest_all(point)
    assert broken(point, contents(granule, 1, 2, 3)) == []


@pytest.mark.parametrize("fault", ["stored", "stored:ENOSPC"], ids=["lease", "pause"])
def test_what_a_wrong_clock_put_off_for_years(point: DeliveryPoint, step: Step, granule: Build, fault: str) -> None:
    """A lease or a pause that was reckoned ten years ahead has ended when the clock is right again."""
    step(TEN_YEARS)
    point.deliver(granule(1))
    point.prip("ingest", "--once", PRIP_CRASH_AT=fault)
    assert published(point) == []
    step(timedelta())
    wait_for(lambda: point.prip("ingest", "--once").returncode == 0 and not left(point), "end of the work")
    assert broken(point, contents(granule, 1)) == []
