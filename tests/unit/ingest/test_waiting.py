"""Reports that come before the products that they are about."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import Any

from structlog.testing import capture_logs

from prip_core.ingest.context import Outcome
from tests.singly import take_over_one

HOUR = timedelta(hours=1)


def survey(point: Any, rock: str = "ROCK_1", **facts: Any) -> None:
    point.deliver(f"{rock}_SURVEY.tar", facts={"mountain": rock, **facts})


def test_a_report_waits_for_its_product(point: Any) -> None:
    survey(point)
    assert point.accept() is Outcome.WAITING
    assert point.stored() == []
    (row,) = point.catalogue.ingestions.open()
    assert (row.awaits, row.attempts, row.last_error) == ("ROCK_1", 0, "ROCK_1 is not published yet")
    assert take_over_one(point.catalogue.ingestions, ["inbox"], point.lease) is None
    point.deliver("ROCK_1.tar")
    assert point.accept() is Outcome.PUBLISHED
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once("ROCK_1_SURVEY.tar")
    point.assert_published_once("ROCK_1.tar")


def test_one_that_vanishes_while_it_waits_is_missed(point: Any) -> None:
    survey(point)
    assert point.accept() is Outcome.WAITING
    shutil.rmtree(next((point.folder / "inbox" / ".work").glob("*/ROCK_*")).parent)
    point.deliver("ROCK_1.tar")
    assert point.accept() is Outcome.PUBLISHED
    with capture_logs() as lines:
        assert point.resume() is Outcome.LOST
    assert [line["product"] for line in lines if line["event"] == "product vanished"] == ["ROCK_1_SURVEY.tar"]


def test_it_waits_no_longer_than_it_may(point: Any) -> None:
    survey(point)
    assert point.accept() is Outcome.WAITING
    point.clock.advance(HOUR)
    assert point.resume() is Outcome.PUBLISHED
    point.assert_published_once("ROCK_1_SURVEY.tar")


def test_it_has_waited_long_enough_even_when_its_worker_dies_then(point: Any) -> None:
    survey(point)
    point.accept()
    point.clock.advance(HOUR)
    assert take_over_one(point.catalogue.ingestions, ["inbox"], point.lease) is not None
    point.clock.advance(point.lease)
    assert point.resume() is Outcome.PUBLISHED


def test_it_does_not_wait_once_more_when_it_fails_then(point: Any) -> None:
    survey(point)
    point.accept()
    point.clock.advance(HOUR)
    taken = take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)
    point.catalogue.ingestions.postpone(taken, point.clock.now(), "no room left")
    assert point.catalogue.work.stuck("inbox") == 1
    assert point.resume() is Outcome.PUBLISHED


def test_products_and_reports_about_nothing_do_not_wait(point: Any) -> None:
    for name, facts in (("ROCK_1.tar", {"mountain": "EVEREST"}), ("ROCK_2_SURVEY.tar", {"weight": 1})):
        point.deliver(name, facts=facts)
        assert point.accept() is Outcome.PUBLISHED


def test_nothing_waits_where_it_may_not(point: Any) -> None:
    point.parent_wait = timedelta(0)
    survey(point)
    assert point.accept() is Outcome.PUBLISHED


def test_a_report_about_what_is_there_goes_on(point: Any) -> None:
    point.deliver("ROCK_1.tar")
    point.accept()
    survey(point)
    assert point.accept() is Outcome.PUBLISHED


def test_a_broken_report_is_refused_at_once(point: Any) -> None:
    survey(point, weight=-1)
    assert point.accept() is Outcome.REJECTED
