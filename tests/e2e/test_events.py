"""Everything at once: refused products are told of by ``prip run``, though the process that tells them is killed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import psutil

from prip_core.testing.delivery_point import DeliveryPoint, wait_for

PRODUCTS = 12


def told(journal: Path) -> Counter[str]:
    lines = journal.read_text().splitlines() if journal.exists() else []
    return Counter(json.loads(line)["name"] for line in lines)


def test_every_refusal_is_told_though_dispatchers_are_killed(point: DeliveryPoint, tmp_path: Path) -> None:
    journal = point.folder / "rejected.ndjson"
    with (point.folder / "prip.toml").open("a") as configuration:
        configuration.write('\n[plugins.journal]\npath = "rejected.ndjson"\n')
    nonsense = tmp_path / "nonsense.bin"
    nonsense.write_bytes(b"what is this")
    point.start()
    assert point.process is not None
    names = [point.deliver(nonsense, name=f"nonsense_{number}.bin") for number in range(PRODUCTS)]
    wait_for(lambda: told(journal), "line in the journal")
    for child in psutil.Process(point.process.pid).children(recursive=True):
        if "dispatch" in child.cmdline():
            child.kill()
            break
    else:
        raise AssertionError("prip run started no dispatcher")
    wait_for(lambda: set(told(journal)) == set(names), "line for each product", seconds=150)
    # What the killed one was about to tell, or had told, is told when its lease has ended.
    wait_for(lambda: "Nothing is to be told" in point.prip("outbox", "list").stdout, "end of the outbox", seconds=150)
    assert point.stop() == 0
    assert set(told(journal)) == set(names)
    assert max(told(journal).values()) <= 2
