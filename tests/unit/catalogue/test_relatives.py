"""Products are found by what they belong to, whatever suffix that was delivered with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome
from prip_core.catalogue.relatives import stems
from prip_core.model import Attribute

Publish = Callable[..., PublishOutcome]
Sql = Callable[..., list[tuple[Any, ...]]]

GRANULE = "S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T070620_D04_N05.11"
MADE = datetime(2025, 8, 1, 7, 40, tzinfo=UTC)


def test_children_call_a_product_by_its_name_without_suffix() -> None:
    assert stems("A_N05.11.tar") == ["A_N05.11.tar", "A_N05", "A_N05.11"]
    assert stems("bare") == ["bare"]
    assert stems(".hidden") == [".hidden"]


def report(publish: Publish, parent: str | None, *attributes: Attribute, code: str = "REPORT") -> None:
    publish(product_type=code, parent=parent, attributes=attributes)


@pytest.mark.parametrize("suffix", ["", ".tar", ".SAFE.zip"])
def test_the_reports_about_a_product_are_found(catalogue: Catalogue, publish: Publish, suffix: str) -> None:
    report(publish, GRANULE, Attribute(name="checkName", value="SENSOR"), Attribute(name="qualityStatus", value="BAD"))
    report(publish, GRANULE, Attribute(name="processingDate", value=MADE), Attribute(name="checkName", value=3))
    report(publish, f"{GRANULE}0")
    report(publish, GRANULE[:-3])
    report(publish, None)
    report(publish, GRANULE, code="OTHER")
    found = catalogue.relatives.reports_about(f"{GRANULE}{suffix}", {"REPORT", "NONE"})
    expected = [("SENSOR", "BAD", None), (None, None, MADE)]
    shorter = [(None, None, None)]  # a product of that name would be called so, too
    assert [(each.check, each.status, each.date) for each in found] == expected + shorter
    assert catalogue.relatives.reports_about(f"{GRANULE}{suffix}", ()) == []


def test_they_are_found_by_an_index(sqlite_url: str, postgres_url: str) -> None:
    import sqlite3
    from contextlib import closing

    import psycopg

    question = "SELECT seq FROM product WHERE parent IN ('a', 'b') AND product_type IN ('c')"
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as file:
        plan = str(file.execute(f"EXPLAIN QUERY PLAN {question}").fetchall())
    assert "product_parent (parent=?)" in plan
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = str(connection.execute(f"EXPLAIN {question}").fetchall())
    assert "product_parent" in plan
