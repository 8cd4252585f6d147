"""Several inboxes in one delivery point, each with defaults of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

MADE = [datetime(2025, 8, 1, 9, minute, tzinfo=UTC) for minute in range(2)]
SECOND = """
[[inbox]]
name = "second"
path = "second"
storage = "cold"
origin_date = "sensing_end"
production_type = "on_demand_non_default"
retention = 1.5
receipts = true

[storages.cold]
path = "cold"
"""


@pytest.fixture
def names(instance: Any, tmp_path: Path) -> list[str]:
    """Of two products, one delivered through each inbox."""
    for folder in ("second", "cold"):
        (instance.folder / folder).mkdir()
    instance.config.write_text(instance.config.read_text() + SECOND)
    paths = [
        build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_TL", size=50_000, created=made), tmp_path)
        for made in MADE
    ]
    for path, inbox in zip(paths, ("inbox", "second"), strict=True):
        path.rename(instance.folder / inbox / path.name)
    assert instance.done("ingest", "--once").startswith("published 2")
    return [path.name for path in paths]


def test_each_product_has_the_defaults_of_its_inbox(instance: Any, names: list[str]) -> None:
    (first,), (second,) = (instance.json("product", "show", name) for name in names)
    assert (first["storage"], second["storage"]) == ("archive", "cold")
    assert (instance.folder / "cold" / second["key"]).stat().st_size == second["bytes"]
    assert (first["origin"], second["origin"]) == ("2025-08-01T09:00:00.000Z", "2025-08-01T07:06:20.464Z")
    published = datetime.fromisoformat(second["published"])
    assert (datetime.fromisoformat(second["eviction"]) - published).total_seconds() == 1.5 * 86_400
    assert first["eviction"].startswith("9999-")
    types = [instance.done("export", "--filter", f"Name eq '{name}'") for name in names]
    assert ['"on_demand_non_default"' in text for text in types] == [False, True]


def test_receipts_are_written_where_they_are_wanted(instance: Any, names: list[str]) -> None:
    assert [path.name for path in (instance.folder / "receipts").iterdir()] == [f"{names[1]}.json"]


def test_the_same_product_through_both_is_published_once(instance: Any, names: list[str], tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_TL", size=50_000, created=MADE[0]), tmp_path)
    path.rename(instance.folder / "second" / path.name)
    assert instance.done("ingest", "--once").startswith("published 0, duplicates 1")
    assert len(instance.json("product", "show", names[0])) == 1
