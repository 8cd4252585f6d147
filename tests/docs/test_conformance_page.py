"""docs/conformance.md names modules and tests that exist, and no recorded client is missing from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prip_core.errors import UnsupportedQuery
from prip_core.odata.options import parse_collection_options
from prip_core.odata.parse import parse_filter

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "conformance.md").read_text()
NAMED_TESTS = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
NAMED_MODULES = sorted(set(re.findall(r"`([\w/]+\.(?:py|lark))`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED_TESTS, ids=lambda value: value)
def test_named_tests_exist(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)


@pytest.mark.parametrize("module", NAMED_MODULES)
def test_named_modules_exist(module: str) -> None:
    assert (ROOT / "prip_core" / module).exists()


def test_every_row_of_the_tables_names_its_test() -> None:
    for section in ("## The interface", "## Clients"):
        table = PAGE.partition(section)[2].partition("\n## ")[0]
        rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
        assert rows
        assert [row for row in rows if "::" not in row] == []


def test_every_recorded_client_has_a_row() -> None:
    recorded = {f"clients/{path.name}" for path in (ROOT / "tests" / "clients").glob("test_*.py")}
    assert recorded == {file for file, _ in NAMED_TESTS if file.startswith("clients/")}


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("has", "ProductionType has OData.CSC.ProductionType'on_demand_default'"),
        ("geo.distance", "geo.distance(Footprint,geography'SRID=4326;POINT(1 2)') lt 1"),
        ("geo.length", "geo.length(Footprint) lt 1"),
        ("cast", "cast(Name,Edm.Int64) eq 1"),
        ("isof", "isof(Name,Edm.String)"),
        ("matchesPattern", "matchesPattern(Name,'^S1')"),
        ("Attributes/$count", "Attributes/$count gt 3"),
    ],
)
def test_what_is_not_served_is_said_so(name: str, condition: str) -> None:
    assert f"`{name}`" in PAGE.partition("## Not served")[2]
    with pytest.raises(UnsupportedQuery):
        parse_filter(condition)


@pytest.mark.parametrize("name", ["$search", "$apply"])
def test_options_that_are_not_served_are_said_so(name: str) -> None:
    assert f"`{name}`" in PAGE.partition("## Not served")[2]
    with pytest.raises(UnsupportedQuery):
        parse_collection_options([(name, "x")], 10)
