"""docs/faults.md names a test for every fault, and each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()
ROWS = [
    [cell.strip(" `") for cell in line.split("|")[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| fault |")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0][:40]} {row[-1]}")
def test_the_test_of_a_fault_exists(row: list[str]) -> None:
    fault, _, test = row
    assert fault
    file, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)


def test_every_test_of_faults_stands_on_the_page() -> None:
    files = sorted((ROOT / "tests" / "e2e").glob("test_faults_*.py"))
    tests = {
        f"e2e/{file.name}::{name}" for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }
    assert tests
    assert tests <= {row[-1] for row in ROWS}
