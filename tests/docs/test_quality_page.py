"""docs/quality.md lists every rule that there is, as it is, with its module and its test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prip_core.ingest.known_rules import known_rules
from prip_core.plugins import load_plugins

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quality.md").read_text()
ROWS = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| QC-")]


def test_every_rule_stands_in_the_table_as_it_is() -> None:
    plugins = load_plugins()
    types = [kind for cls in plugins.missions().values() for kind in cls(cls.Settings()).product_types()]
    assert {tuple(row[:4]) for row in ROWS} == {
        (rule.id, rule.sentence, rule.severity.value, rule.stage.value if rule.stage else "always")
        for rule in known_rules(plugins, types)
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1][:40]}")
def test_modules_and_tests_of_the_table_exist(row: list[str]) -> None:
    *_, module, test = row
    found = [*ROOT.glob(module), *ROOT.glob(f"plugins/*/{module}")]
    assert len(found) == 1
    file, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)


def test_every_number_is_accounted_for() -> None:
    assert {f"QC-{number:02d}" for number in range(1, 22)} == {row[0] for row in ROWS}
