"""The journal of refused products: whole lines, whoever rotates, tears or shares the file."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from prip_core import ConfigError, Finding, ProductRejectedEvent, Rejection, Severity, TransientError
from prip_core.builtin.journal import JournalSettings, RejectionJournal

WHEN = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)


def event(name: str = "A.tar", uuid: UUID | None = None) -> ProductRejectedEvent:
    finding = Finding(rule="QC-11", severity=Severity.ERROR, message="no manifest", member="x/manifest.safe")
    rejection = Rejection(
        uuid=uuid or uuid4(), name=name, reason="kaputt, völlig", when=WHEN, findings=(finding,), inbox="chain"
    )
    return ProductRejectedEvent(rejection=rejection, size=7, arrived=WHEN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rejected.ndjson"


@pytest.fixture
def journal(path: Path) -> RejectionJournal:
    return RejectionJournal(JournalSettings(path=path))


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def test_a_line_tells_all_of_it(journal: RejectionJournal, path: Path) -> None:
    told = event()
    journal.prip_product_rejected(told)
    assert path.read_text().endswith("}\n")
    assert lines(path) == [
        {
            "event": "rejected",
            "uuid": str(told.rejection.uuid),
            "name": "A.tar",
            "reason": "kaputt, völlig",
            "when": "2026-03-01T12:00:00.123Z",
            "findings": [{"rule": "QC-11", "severity": "error", "message": "no manifest", "member": "x/manifest.safe"}],
            "inbox": "chain",
            "size": 7,
            "arrived": "2026-03-01T12:00:00.123Z",
        }
    ]


def test_lines_are_appended_and_the_file_may_be_taken_away(journal: RejectionJournal, path: Path) -> None:
    for name in ("A.tar", "B.tar"):
        journal.prip_product_rejected(event(name))
    rotated = path.rename(path.with_suffix(".1"))
    journal.prip_product_rejected(event("C.tar"))
    assert [line["name"] for line in lines(rotated)] == ["A.tar", "B.tar"]
    assert [line["name"] for line in lines(path)] == ["C.tar"]


def test_half_a_line_of_a_power_cut_spoils_no_other(journal: RejectionJournal, path: Path) -> None:
    path.write_text('{"event": "reje')
    journal.prip_product_rejected(event("B.tar"))
    torn, whole = path.read_text().splitlines()
    assert torn == '{"event": "reje'
    assert json.loads(whole)["name"] == "B.tar"


def test_names_that_are_no_text_are_written(journal: RejectionJournal, path: Path) -> None:
    journal.prip_product_rejected(event("line\nbreak\udcff.tar"))
    assert [line["name"] for line in lines(path)] == ["line\nbreak?.tar"]


def test_many_may_write_at_once(journal: RejectionJournal, path: Path) -> None:
    names = [f"{number}.tar" for number in range(60)]

    def write(own: list[str]) -> None:
        for name in own:
            journal.prip_product_rejected(event(name * 200))

    threads = [threading.Thread(target=write, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line["name"] for line in lines(path)) == sorted(name * 200 for name in names)


def test_what_does_not_fit_is_taken_back(journal: RejectionJournal, path: Path) -> None:
    journal.prip_product_rejected(event("A.tar"))
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
    try:
        with pytest.raises(TransientError, match="cannot be written"):
            journal.prip_product_rejected(event("B.tar"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before


def test_a_folder_that_is_away_is_tried_again(journal: RejectionJournal, path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))
    try:
        with pytest.raises(TransientError, match=r"rejected\.ndjson cannot be written: No such file"):
            journal.prip_product_rejected(event())
    finally:
        path.parent.with_name("elsewhere").rename(path.parent)


@pytest.mark.parametrize("wrong, sentence", [("nowhere/file", "there is no folder"), (".", "is a folder")])
def test_a_place_that_cannot_be_is_refused_at_the_start(tmp_path: Path, wrong: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        RejectionJournal(JournalSettings(path=tmp_path / wrong))


def test_a_pipe_is_refused_at_the_start(path: Path) -> None:
    """It can be written to, but not durably: each line would fail behind its end, and be written again."""
    os.mkfifo(path)
    with pytest.raises(ConfigError, match="is a pipe, socket or device; name a file"):
        RejectionJournal(JournalSettings(path=path))


def test_it_is_there_when_the_process_is_killed(path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from uuid import uuid4\n"
        "from datetime import UTC, datetime\n"
        "from prip_core import ProductRejectedEvent, Rejection\n"
        "from prip_core.builtin.journal import JournalSettings, RejectionJournal\n"
        "now = datetime.now(UTC)\n"
        "journal = RejectionJournal(JournalSettings(path=Path(sys.argv[1])))\n"
        "rejection = Rejection(uuid=uuid4(), name='A.tar', reason='no good', when=now)\n"
        "journal.prip_product_rejected(ProductRejectedEvent(rejection=rejection, size=1, arrived=now))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False, env=dict(os.environ))
    assert killed.returncode == -signal.SIGKILL
    assert [line["name"] for line in lines(path)] == ["A.tar"]
