"""The overview of the inboxes, watched: on a terminal, as lines, as JSON; Ctrl-C ends it in peace."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import IO, Any
from uuid import uuid4

import pytest

from prip_core.catalogue import InWork, Progress
from prip_core.cli.inbox_overview import Observer, Overview, Rates
from prip_core.model import Candidate
from prip_core.runtime import load
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.times import format_utc
from tests.singly import begin_one

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(hours=1)


@pytest.fixture
def busy(instance: Any) -> Any:
    """With one product that waits, one refused, and one in work of which half is read."""
    (instance.inbox / "refused.bin").write_bytes(b"what is this")
    instance.done("ingest", "--once")
    (instance.inbox / "waits.bin").write_bytes(b"what is this")
    (instance.inbox / ".paused").write_text("the [red]disk[/red] is full\n")
    catalogue = instance.catalogue()
    candidate = Candidate(name="S2B_BIG.tar", path="S2B_BIG.tar", size=200 * 1024 * 1024, arrived=NOW)
    ingestion = begin_one(catalogue.ingestions, uuid4(), "inbox", candidate, LEASE)
    catalogue.work.note([Progress(ingestion=ingestion, step="store", bytes_read=100 * 1024 * 1024)])
    catalogue.close()
    return instance


@contextmanager
def watching(instance: Any, *more: str, **streams: Any) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "prip_core", "--config", str(instance.config), "inbox", "list", "--watch", *more]
    process = subprocess.Popen(command, text=True, env={**os.environ, "TERM": "xterm", "COLUMNS": "160"}, **streams)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def lines_of(stream: IO[str] | None, number: int) -> list[str]:
    assert stream is not None
    return [stream.readline() for _ in range(number)]


def test_lines_tell_all_and_ctrl_c_ends_them(busy: Any) -> None:
    with watching(busy, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        inbox, pause, work, again, _, _ = lines_of(process.stdout, 6)
        assert all(
            fact in inbox
            for fact in ("inbox=inbox", "unclaimed=1", "in_work=1", "quarantined=1", "oldest=", "paused=yes")
        )
        assert pause.endswith("Z inbox: the [red]disk[/red] is full\n")
        assert all(fact in work for fact in ("name=S2B_BIG.tar", "step=store", "read=100/200 MiB", "percent=50 %"))
        assert "inbox=inbox" in again
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_the_list_tells_how_far_it_is_once(busy: Any) -> None:
    (work,) = busy.json("inbox", "list")["in_work"]
    assert (work["name"], work["step"], work["size"]) == ("S2B_BIG.tar", "store", 200 * 1024 * 1024)
    assert work["bytes_read"] == 100 * 1024 * 1024
    assert "104857600" in busy.done("inbox", "list")


def test_json_is_an_object_each_time(busy: Any) -> None:
    with watching(busy, "--json", stdout=subprocess.PIPE) as process:
        for line in lines_of(process.stdout, 2):
            document = json.loads(line)
            (work,) = document["in_work"]
            assert (work["step"], work["bytes_read"], work["size"]) == ("store", 100 * 1024 * 1024, 200 * 1024 * 1024)
            assert document["inboxes"][0]["unclaimed"] == 1
            assert document["published"] is None
            assert document["inboxes"][0]["paused"] == "the [red]disk[/red] is full"
        assert work["bytes_per_second"] == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0


def test_a_terminal_shows_tables_in_place(busy: Any) -> None:
    ours, theirs = pty.openpty()
    with watching(busy, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while shown.count(b"S2B_BIG.tar") < 2:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        while True:
            try:
                if not (block := os.read(ours, 4096)):
                    break
            except OSError:
                break
            shown += block
        assert process.wait(120) == 0
    os.close(ours)
    for fact in (b"unclaimed", b"last published never", b"100/200 MiB", b"50 %", b"inbox: the [red]disk[/red] is full"):
        assert fact in shown
    assert b"\x1b[1A" in shown  # the second picture stands where the first stood


def test_rates_are_from_one_look_to_the_next() -> None:
    begun = InWork(uuid=uuid4(), name="A", inbox="inbox", size=1000, attempts=1, step="store", bytes_read=0)
    rates = Rates()
    shown = []
    for seconds, read in ((0, 0), (1, 300), (3, 700), (4, 700)):
        overview = Overview(
            at=NOW + timedelta(seconds=seconds),
            published=None,
            inboxes=[],
            in_work=[replace(begun, bytes_read=read)],
        )
        (row,) = rates.rows(overview)
        shown.append(row["bytes_per_second"])
    assert shown == [None, 300, 200, 0]


def test_a_product_that_is_withdrawn_was_not_published_then(instance: Any) -> None:
    name = build_sentinel1(Sentinel1Specification(product_type="AUX_POEORB"), instance.inbox).name
    instance.done("ingest", "--once")
    instance.done("product", "withdraw", name, "--reason", "Corrupted product")
    (shown,) = instance.json("product", "show", name)
    catalogue = instance.catalogue()
    published = Observer(load(instance.config), catalogue).look().published
    catalogue.close()
    assert published is not None
    assert format_utc(published) == shown["published"] != shown["modified"]
