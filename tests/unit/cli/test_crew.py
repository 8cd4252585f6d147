"""Crews: work in other processes, answered in order, with a sentence when one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest

from prip_core.cli.crew import crew
from prip_core.cli.errors import Failure
from prip_core.testing.delivery_point import wait_for
from tests.living import alive

_begun: list[str] = []


def begin(word: str) -> None:
    _begun.append(word)


def work(number: int) -> tuple[int, int, list[str]]:
    return number * number, os.getpid(), _begun


def die(_number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(number: int) -> int:
    raise ValueError(f"no {number}")


@pytest.mark.parametrize("size", (0, 2))
def test_all_is_answered_in_order_by_processes_that_have_begun(size: int) -> None:
    _begun.clear()
    with crew(size, begin, "word") as helpers:
        found = list(helpers.each(work, range(40)))
    assert [square for square, _, _ in found] == [number * number for number in range(40)]
    assert all(begun == ["word"] for _, _, begun in found)
    assert {pid == os.getpid() for _, pid, _ in found} == {size == 0}


def test_no_more_is_taken_up_than_a_few_pieces_ahead() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for number in count():
            taken.append(number)
            yield number

    with crew(2, begin, "word") as helpers:
        answers = helpers.each(work, pieces())
        assert next(answers)[0] == 0
        assert len(taken) < 10


@pytest.mark.parametrize("size", (0, 1))
def test_an_error_of_the_work_is_the_caller_s(size: int) -> None:
    with crew(size, begin, "word") as helpers, pytest.raises(ValueError, match="no 3"):
        list(helpers.each(refuse, [3]))


def test_a_process_that_is_killed_is_said() -> None:
    with crew(1, begin, "word") as helpers, pytest.raises(Failure, match="was killed"):
        list(helpers.each(die, range(3)))


def test_nobody_is_left_when_the_first_process_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "first.py"
    script.write_text(
        "import os, time\n"
        "from prip_core.cli.crew import crew\n"
        "if __name__ == '__main__':\n"
        "    with crew(2, print, 'begun') as helpers:\n"
        "        list(helpers.each(len, ['a', 'b', 'c']))\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(600)\n"
    )
    first = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    wait_for(lambda: "ready" in first.stdout.readline(), "crew at work")
    helpers = psutil.Process(first.pid).children(recursive=True)
    assert len(helpers) >= 2
    first.kill()
    first.wait()
    wait_for(lambda: not alive(helpers), "end of its crew")
