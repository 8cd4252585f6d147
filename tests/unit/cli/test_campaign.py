"""`prip campaign` over a delivery point that took a campaign in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

TILES = [
    Sentinel2Specification(product_type="MSI_L1C_TL", size=50_000, created=datetime(2025, 8, 1, 9, number, tzinfo=UTC))
    for number in range(3)
]
SECTION = """
[[inbox]]
name = "reprocessing"
path = "reprocessing"
retention = 30.0
production_type = "on_demand_default"

[inbox.campaign]
name = "collection-1"
baseline = "{baseline}"
expected = "names.txt"
due = 2099-12-31
"""


@pytest.fixture
def reprocessing(instance: Any, tmp_path: Path) -> Any:
    """A delivery point that took two of three tiles of a campaign in, and refused something."""
    (instance.folder / "reprocessing").mkdir()
    paths = [build_sentinel2(tile, tmp_path) for tile in TILES]
    (instance.folder / "names.txt").write_text("".join(f"{path.name.removesuffix('.tar')}\n" for path in paths))
    instance.config.write_text(instance.config.read_text() + SECTION.format(baseline="05.11"))
    for path in paths[:2]:
        path.rename(instance.folder / "reprocessing" / path.name)
    (instance.folder / "reprocessing" / "nonsense.bin").write_bytes(b"what is this")
    assert instance.done("ingest", "--once").startswith("published 2, duplicates 0, quarantined 1")
    return instance


def test_a_campaign_is_listed(reprocessing: Any) -> None:
    (row,) = reprocessing.json("campaign", "list")
    assert row == {
        **row,
        "campaign": "collection-1",
        "state": "running",
        "done": 2,
        "expected": 3,
        "percent": 66.7,
        "due": "2100-01-01T00:00:00.000Z",
    }
    assert "collection-1" in reprocessing.done("campaign", "list")


def test_a_campaign_is_shown_with_what_is_missing_and_refused(reprocessing: Any) -> None:
    missing = listed(reprocessing)[2]
    shown = reprocessing.json("campaign", "show", "collection-1")
    assert shown == {
        **shown,
        "inboxes": ["reprocessing"],
        "published": 2,
        "missing": 1,
        "missing_names": [missing],
        "refused": 1,
        "refused_names": ["nonsense.bin"],
    }
    assert shown["bytes"] == sum(found["bytes"] for found in published(reprocessing))
    plain = reprocessing.done("campaign", "show", "collection-1")
    assert f"missing  {missing}" in plain
    assert "refused  nonsense.bin: " in plain
    assert reprocessing.done("campaign", "show", "collection-1", "--missing") == f"{missing}\n"
    assert reprocessing.json("campaign", "show", "collection-1", "--missing") == [missing]


def test_products_have_the_defaults_of_their_inbox(reprocessing: Any) -> None:
    for found in published(reprocessing):
        assert found["eviction"][:10] > found["published"][:10]
        (exported,) = reprocessing.done("export", "--filter", f"Name eq '{found['name']}'").splitlines()
        assert '"Name":"campaign","ValueType":"String","Value":"collection-1"' in exported
        assert '"ProductionType":"on_demand_default"' in exported


def test_another_baseline_is_a_warning(reprocessing: Any) -> None:
    config = reprocessing.config.read_text()
    reprocessing.config.write_text(config.replace('baseline = "05.11"', 'baseline = "05.12"'))
    path = build_sentinel2(TILES[2], reprocessing.folder)
    path.rename(reprocessing.folder / "reprocessing" / path.name)
    reprocessing.done("ingest", "--once")
    (found,) = reprocessing.json("product", "show", path.name)
    said = [finding["message"] for finding in found["findings"] if finding["rule"] == "QC-21"]
    assert len(said) == 1
    assert said[0].endswith("the campaign is of baseline 05.12")
    (row,) = reprocessing.json("campaign", "list")
    assert (row["state"], row["margin"] > 0) == ("done", True)


def test_an_unknown_campaign_is_exit_code_1(reprocessing: Any) -> None:
    result = reprocessing.prip("campaign", "show", "collection-2")
    assert (result.exit_code, "there are collection-1" in result.stderr) == (1, True)


def test_a_list_that_is_away_is_said_and_keeps_no_other_campaign_from_being_shown(reprocessing: Any) -> None:
    (reprocessing.folder / "names.txt").unlink()
    (reprocessing.folder / "other").mkdir()
    other = '[[inbox]]\nname = "other"\npath = "other"\n[inbox.campaign]\nname = "collection-2"\nexpected = 5\n'
    reprocessing.config.write_text(reprocessing.config.read_text() + other)
    listed = reprocessing.prip("campaign", "list", "--json")
    (row,) = json.loads(listed.stdout)
    assert (row["campaign"], row["state"], row["expected"]) == ("collection-2", "waiting", 5)
    assert reprocessing.json("campaign", "show", "collection-2")["missing"] == 5
    for result in (listed, reprocessing.prip("campaign", "show", "collection-1")):
        assert result.exit_code == 2
        assert "the campaign 'collection-1': its list of names" in result.stderr
    assert reprocessing.done("ingest", "--once"), "only this verb reads it"


def test_without_a_list_nobody_knows_what_is_missing(reprocessing: Any) -> None:
    config = reprocessing.config.read_text()
    reprocessing.config.write_text(config.replace('expected = "names.txt"', "expected = 5"))
    assert reprocessing.json("campaign", "show", "collection-1")["missing"] == 3
    result = reprocessing.prip("campaign", "show", "collection-1", "--missing")
    assert (result.exit_code, "nobody said which" in result.stderr) == (1, True)


def test_there_may_be_none(instance: Any) -> None:
    assert instance.json("campaign", "list") == []
    assert "No campaign" in instance.done("campaign", "list")


def listed(point: Any) -> list[str]:
    return (point.folder / "names.txt").read_text().splitlines()


def published(point: Any) -> list[Any]:
    return [point.json("product", "show", f"{name}.tar")[0] for name in listed(point)[:2]]


def test_a_list_that_is_not_there_is_said_by_the_check(reprocessing: Any) -> None:
    assert reprocessing.prip("config", "check").exit_code == 0
    (reprocessing.folder / "names.txt").unlink()
    for verb in (("config", "check"), ("campaign", "list")):
        result = reprocessing.prip(*verb)
        assert result.exit_code == 2
        assert "names.txt cannot be read: No such file or directory; put it there" in result.stderr
    assert reprocessing.prip("ingest", "--once").exit_code == 0
    reprocessing.config.write_text(f"{reprocessing.config.read_text()}[log]\nlevel = 'loud'\n")
    problems = reprocessing.prip("config", "check").stderr.splitlines()
    assert len(problems) == 2
    assert "log.level" in problems[0]
    assert "names.txt cannot be read" in problems[1]
