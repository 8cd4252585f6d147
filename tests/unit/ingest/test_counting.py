"""Steps are measured, and what became of products is counted."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from prip_core import crashpoints
from prip_core.ingest.context import Outcome
from prip_core.ingest.patience import Patience
from prip_core.ingest.pipeline import Pipeline
from prip_core.ingest.progress import ProgressNotes
from prip_core.ingest.stopwatch import Step, Stopwatch
from prip_core.metrics import Metrics
from tests.singly import resume_one, take_over_one

Point = Any


class Counted:
    """A delivery point whose pipeline counts."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.metrics = Metrics()
        self.pipeline = Pipeline(replace(point.context, metrics=self.metrics), Patience(point.stop, point.grace))

    def accept(self) -> list[Outcome]:
        chosen = [(self.point.served, candidate) for candidate in self.point.served.inbox.scan()]
        return list(self.pipeline.accept_all(chosen))

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
def counted(point: Point) -> Counted:
    return Counted(point)


def test_what_becomes_of_products_is_counted(counted: Counted, point: Point) -> None:
    sizes = [point.deliver(name=f"ROCK_{number}.tar").stat().st_size for number in range(3)]
    content = (point.folder / "inbox" / "ROCK_0.tar").read_bytes()
    assert counted.accept() == [Outcome.PUBLISHED] * 3
    point.deliver(name="ROCK_0.tar").write_bytes(content)
    point.deliver(name="PAPER.tar")
    point.deliver(name="ROCK_4.tar", facts={"weight": -1})
    assert sorted(counted.accept()) == [Outcome.DUPLICATE, Outcome.REJECTED, Outcome.REJECTED]
    assert counted.value("prip_products_published_total", mission="geology", type="ROCK_L0") == 3
    assert counted.value("prip_bytes_published_total") == sum(sizes)
    assert counted.value("prip_rejected_total", rule="QC-01") == 1
    assert counted.value("prip_rejected_total", rule="none") == 1
    for outcome, number in (("published", 3), ("duplicate", 1), ("rejected", 2), ("postponed", 0)):
        assert counted.value("prip_ingest_outcomes_total", outcome=outcome) == number


def test_every_step_is_measured_once_for_each_product(counted: Counted, point: Point) -> None:
    for number in range(3):
        point.deliver(name=f"ROCK_{number}.tar")
    counted.accept()
    for step in Step:
        assert counted.value("prip_stage_seconds_count", stage=step) == 3, step


def test_the_log_tells_what_each_step_took(counted: Counted, point: Point) -> None:
    point.deliver()
    with capture_logs() as logs:
        counted.accept()
    (line,) = [log for log in logs if log["event"] == "product published"]
    assert set(line["seconds"]) == set(Step)
    assert all(seconds >= 0 for seconds in line["seconds"].values())


def test_a_product_that_another_worker_published_is_counted(
    counted: Counted, point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def reached(label: str) -> None:
        if label == "publish.after":
            raise Killed

    point.deliver()
    with monkeypatch.context() as patched:
        patched.setattr(crashpoints, "reached", reached)
        with pytest.raises(Killed):
            point.accept()
    point.clock.advance(timedelta(hours=1))
    ingestion = take_over_one(point.catalogue.ingestions, ["inbox"], point.lease)
    assert resume_one(counted.pipeline, point.served, ingestion) is Outcome.PUBLISHED
    assert counted.value("prip_products_published_total", mission="geology", type="ROCK_L0") == 1


def test_a_watch_adds_up_what_a_step_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    watch = Stopwatch()
    for step, until in ((Step.CLAIM, 101.0), (Step.STORE, 101.5), (Step.WAIT, 104.0), (Step.STORE, 105.0)):
        now = until
        watch.enter(step)
    now = 107.25
    assert watch.seconds() == {"wait": 2.0, "claim": 0.5, "store": 4.75}
    assert watch.step is Step.STORE
    assert watch.bytes_read == 0
    positions = [1, 4711]
    with watch.reading(lambda: positions[-1]):
        assert watch.bytes_read == 4711
        positions.append(4712)
    positions.append(0)
    assert watch.bytes_read == 4712


def test_progress_is_noted_while_a_product_is_stored(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the thread that keeps the lease, while the worker is at it."""
    monkeypatch.setattr("prip_core.ingest.lease._NOTE_SECONDS", 0.05)
    seen: list[Any] = []
    noted = threading.Event()
    note = ProgressNotes.note

    def look(notes: ProgressNotes) -> None:
        note(notes)
        found = point.catalogue.work.in_work(10)
        if found and found[0].step == "content-check":
            seen.extend(found)
            noted.set()

    monkeypatch.setattr(ProgressNotes, "note", look)
    monkeypatch.setattr(crashpoints, "reached", lambda label: noted.wait(120) if label == "content-checked" else None)
    size = point.deliver(more={"ROCK_1/x": bytes(3_000_000)}).stat().st_size
    assert point.accept() is Outcome.PUBLISHED
    assert seen[0].name == "ROCK_1.tar"
    assert seen[0].bytes_read == seen[0].size == size
