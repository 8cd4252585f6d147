"""The dispatcher: every plugin is told, whatever the others do."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.components import dispatcher as module
from prip_core.components.dispatcher import LEASE, Dispatcher
from prip_core.errors import ConfigError, PermanentError, ProductRejected, TransientError
from prip_core.ingest.failures import BUG_ATTEMPTS, DEATHS
from prip_core.model import Candidate, ProductRejectedEvent, Rejection
from prip_core.plugins import Listening
from prip_core.testing.clock import FixedClock
from prip_core.testing.delivery_point import wait_for
from tests.singly import begin_one

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Plugin:
    """Hears events, and fails as its script says."""

    def __init__(self, *script: BaseException | None) -> None:
        self.heard: list[str] = []
        self.script = list(script)

    def tell(self, event: ProductRejectedEvent) -> None:
        self.heard.append(event.rejection.name)
        failure = self.script.pop(0) if self.script else None
        if failure is not None:
            raise failure


class Point:
    """A catalogue and its dispatcher."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(START)
        self.stop = threading.Event()
        self.catalogue: Catalogue = open_catalogue(url, self.clock)
        self.channels: list[str] = []

    def listen(self, **plugins: Any) -> Dispatcher:
        listening = [Listening(name=name, tell=plugin.tell) for name, plugin in plugins.items()]
        self.channels = [each.channel for each in listening]
        return Dispatcher(self.catalogue, listening, self.clock, self.stop)

    def refuse(self, *names: str) -> None:
        for name in names:
            candidate = Candidate(name=name, path=name, size=1, arrived=START)
            ingestion = begin_one(self.catalogue.ingestions, uuid4(), "chain", candidate, LEASE)
            rejection = Rejection(uuid=ingestion.uuid, name=name, reason="no good", when=START)
            self.catalogue.ingestions.reject(ingestion, rejection, channels=self.channels)
            self.clock.advance(timedelta(milliseconds=1))

    def later(self) -> datetime:
        self.clock.advance(timedelta(days=1))
        return self.clock.now()


@pytest.fixture
def point(url: str) -> Iterator[Point]:
    point = Point(url)
    yield point
    point.stop.set()
    point.catalogue.close()


def test_everyone_is_told_everything_in_order(point: Point) -> None:
    one, two = Plugin(), Plugin()
    dispatcher = point.listen(one=one, two=two)
    point.refuse("A.tar", "B.tar", "C.tar")
    assert dispatcher.run_once(START) == 6
    assert one.heard == two.heard == ["A.tar", "B.tar", "C.tar"]
    assert dispatcher.run_once(START) == 0
    assert point.catalogue.outbox.counts() == (0, 0)


@pytest.mark.parametrize(
    "failure", [TransientError("away"), OSError(errno.ENOSPC, "full"), TransientError("away", timedelta(hours=2))]
)
def test_a_failure_that_may_pass_is_tried_again_however_often(point: Point, failure: Exception) -> None:
    flaky, sound = Plugin(*[failure] * 10), Plugin()
    dispatcher = point.listen(flaky=flaky, sound=sound)
    point.refuse("A.tar")
    for _ in range(11):
        dispatcher.run_once(point.later())
    assert flaky.heard == ["A.tar"] * 11
    assert sound.heard == ["A.tar"]
    assert point.catalogue.outbox.counts() == (0, 0)


def test_a_plugin_may_ask_for_a_longer_pause(point: Point) -> None:
    flaky = Plugin(TransientError("away", timedelta(hours=2)))
    dispatcher = point.listen(flaky=flaky)
    point.refuse("A.tar")
    dispatcher.run_once(START)
    (waiting,) = point.catalogue.outbox.waiting(10)
    assert waiting.due_at >= START + timedelta(hours=2)
    assert waiting.last_error == "away"


@pytest.mark.parametrize(
    "failure", [PermanentError("never"), ProductRejected("not mine to refuse"), ConfigError("wrong address")]
)
def test_a_failure_that_will_not_pass_is_put_aside_at_once(point: Point, failure: Exception) -> None:
    plugin = Plugin(failure)
    dispatcher = point.listen(plugin=plugin)
    point.refuse("A.tar", "B.tar")
    dispatcher.run_once(START)
    assert plugin.heard == ["A.tar", "B.tar"]
    (dead,) = point.catalogue.outbox.dead(10)
    assert dead.last_error == str(failure)
    assert point.catalogue.outbox.retry(dead.id)
    dispatcher.run_once(point.clock.now())
    assert plugin.heard == ["A.tar", "B.tar", "A.tar"]
    assert point.catalogue.outbox.counts() == (0, 0)


def test_a_bug_is_tried_three_times_and_logged_with_the_plugin(point: Point) -> None:
    faulty, sound = Plugin(*[KeyError("oops")] * 10), Plugin()
    dispatcher = point.listen(faulty=faulty, sound=sound)
    point.refuse("A.tar")
    with capture_logs() as logs:
        for _ in range(BUG_ATTEMPTS + 2):
            dispatcher.run_once(point.later())
    assert faulty.heard == ["A.tar"] * BUG_ATTEMPTS
    assert sound.heard == ["A.tar"]
    assert [log["plugin"] for log in logs if log["event"] == "plugin failed"] == ["faulty"] * BUG_ATTEMPTS
    (dead,) = point.catalogue.outbox.dead(10)
    assert "KeyError" in str(dead.last_error)


def test_a_plugin_that_wants_to_end_the_process_is_a_bug_like_others(point: Point) -> None:
    """A thread that ends so says nothing, and its event would wait for five leases."""
    leaving = Plugin(*[SystemExit(3)] * 10)
    dispatcher = point.listen(leaving=leaving)
    point.refuse("A.tar")
    for _ in range(BUG_ATTEMPTS):
        dispatcher.run_once(point.later())
    assert leaving.heard == ["A.tar"] * BUG_ATTEMPTS
    (dead,) = point.catalogue.outbox.dead(10)
    assert "sys.exit(3)" in str(dead.last_error)


def test_an_event_that_dispatchers_die_over_is_put_aside(point: Point) -> None:
    plugin = Plugin()
    dispatcher = point.listen(plugin=plugin)
    point.refuse("A.tar")
    for _ in range(DEATHS):
        assert point.catalogue.outbox.claim("plugin:plugin", LEASE) is not None
        point.clock.advance(LEASE)
    dispatcher.run_once(point.clock.now())
    assert plugin.heard == []
    (dead,) = point.catalogue.outbox.dead(10)
    assert "died" in str(dead.last_error)


def test_an_event_that_cannot_be_read_is_put_aside(point: Point, sql: Callable[..., Any]) -> None:
    plugin = Plugin()
    dispatcher = point.listen(plugin=plugin)
    point.refuse("A.tar")
    sql("""UPDATE outbox SET payload = '{"event": "rejected", "of": "another age"}'""")
    dispatcher.run_once(START + timedelta(seconds=1))
    assert plugin.heard == []
    (dead,) = point.catalogue.outbox.dead(10)
    assert "cannot be read" in str(dead.last_error)


class Hanging(Plugin):
    """Does not answer until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def tell(self, event: ProductRejectedEvent) -> None:
        super().tell(event)
        assert self.go.wait(60)


def come_to_hang(dispatcher: Dispatcher, hanging: Hanging) -> None:
    """Pass by pass, until nothing is told any more but what one plugin has been told and does not answer."""
    wait_for(lambda: dispatcher.run_once(START) == 0 and dispatcher.busy == ["hanging"] and hanging.heard, "plugin")


def test_a_plugin_that_hangs_holds_up_nobody(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.3)
    hanging, sound = Hanging(), Plugin()
    dispatcher = point.listen(hanging=hanging, sound=sound)
    point.refuse("A.tar", "B.tar")
    come_to_hang(dispatcher, hanging)
    point.refuse("C.tar")
    come_to_hang(dispatcher, hanging)
    assert sound.heard == ["A.tar", "B.tar", "C.tar"]
    assert hanging.heard == ["A.tar"]
    hanging.go.set()
    while dispatcher.busy:
        dispatcher.run_once(START)
    assert hanging.heard == ["A.tar", "B.tar", "C.tar"]


def test_the_lease_of_a_slow_plugin_is_kept(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.3))
    monkeypatch.setattr(module, "_COMPLAIN_SECONDS", 0.1)
    hanging = Hanging()
    dispatcher = point.listen(hanging=hanging)
    point.refuse("A.tar")
    come_to_hang(dispatcher, hanging)
    with capture_logs() as logs:
        for _ in range(4):
            dispatcher.run_once(point.clock.now())
            point.clock.advance(timedelta(seconds=0.2))
            assert not point.catalogue.outbox.is_due("plugin:hanging")
    assert any(log["event"] == "plugin does not answer" for log in logs)
    hanging.go.set()
    while dispatcher.busy:
        dispatcher.run_once(START)
    assert point.catalogue.outbox.counts() == (0, 0)


def test_whose_lease_was_lost_lets_go(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.2)
    hanging = Hanging()
    dispatcher = point.listen(hanging=hanging)
    point.refuse("A.tar")
    come_to_hang(dispatcher, hanging)
    point.clock.advance(LEASE)
    other = point.catalogue.outbox.claim("plugin:hanging", LEASE)
    assert other is not None
    hanging.go.set()
    while dispatcher.busy:
        dispatcher.run_once(START)
    point.catalogue.outbox.done(other)
    assert point.catalogue.outbox.counts() == (0, 0)


def test_it_ends_after_the_event_in_work(point: Point) -> None:
    class Stopping(Plugin):
        def tell(self, event: ProductRejectedEvent) -> None:
            super().tell(event)
            point.stop.set()

    plugin = Stopping()
    dispatcher = point.listen(plugin=plugin)
    point.refuse("A.tar", "B.tar")
    assert dispatcher.run_once(START) == 1
    assert dispatcher.run_once(START) == 0
    assert plugin.heard == ["A.tar"]
    assert point.catalogue.outbox.counts() == (1, 0)


def test_a_database_that_is_away_is_an_error_of_the_pass(tmp_path: Path, sqlite_url: str) -> None:
    from prip_core.errors import CatalogueUnavailable

    catalogue = open_catalogue(sqlite_url, FixedClock(START))
    dispatcher = Dispatcher(catalogue, [Listening(name="a", tell=Plugin().tell)], FixedClock(START), threading.Event())
    catalogue.close()
    (tmp_path / "prip.db").unlink()
    (tmp_path / "prip.db").mkdir()
    with pytest.raises(CatalogueUnavailable):
        dispatcher.run_once(START)
