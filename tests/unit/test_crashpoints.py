"""Labelled points end a real process, raise a real error, or do nothing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from prip_core import crashpoints

PROGRAM = "from prip_core import crashpoints; crashpoints.reached('stored'); print('went on')"


@pytest.mark.parametrize(
    ("asked", "code", "output"),
    [
        ("stored", -signal.SIGKILL, ""),
        ("publish.before", 0, "went on\n"),
        ("", 0, "went on\n"),
        ("stored:ENOSPC", 1, ""),
        ("stored:SIGTERM", -signal.SIGTERM, ""),
    ],
)
def test_a_label_does_what_the_environment_asks(asked: str, code: int, output: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"PRIP_CRASH_AT": asked}, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (code, output)
    if "ENOSPC" in asked:
        assert "No space left on device" in run.stderr


def test_every_label_stands_in_the_pipeline() -> None:
    import prip_core.ingest

    (folder,) = prip_core.ingest.__path__
    from pathlib import Path

    source = "".join(path.read_text() for path in Path(folder).glob("*.py"))
    assert [label for label in crashpoints.LABELS if f'crashpoints.reached("{label}")' not in source] == []
