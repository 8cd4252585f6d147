"""What tests need of the machine: its absence skips with a reason, and fails where services are required."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.mark.needs("no-such-program")
def test_with_what_is_not_there(): pass

@pytest.mark.needs("python3")
def test_with_what_is_there(): pass
"""


@pytest.mark.parametrize(
    ("required", "outcomes"), [("", {"passed": 1, "skipped": 1}), ("1", {"passed": 1, "errors": 1})]
)
def test_what_is_not_there(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("PRIP_REQUIRE_SERVICES", required)
    pytester.makeconftest((Path(__file__).parents[1] / "conftest.py").read_text())
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-rsE", "-p", "no:cacheprovider")
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(["*there is no no-such-program here; install it*"])
