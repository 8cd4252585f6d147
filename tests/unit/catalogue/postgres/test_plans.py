"""What is asked of each product stays a question of its own, and what finds products is asked first: on any amount of
rows, whatever the planner takes for quicker."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely

from prip_core.catalogue import PublishOutcome
from prip_core.catalogue.database import Database
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.fragments import Fragment
from prip_core.catalogue.postgres.dialect import PostgresDialect
from prip_core.odata.ast import Relation

DIALECT = PostgresDialect()
AREA = shapely.to_wkb(shapely.box(0, 0, 1, 1))
VIDS = Fragment("SELECT v.vid FROM attribute_value AS v")


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


def plan(database: Database, condition: Fragment, order: str = "") -> str:
    rows = database.rows_of(f"EXPLAIN SELECT p.seq FROM product AS p WHERE {condition.text} {order}", condition.values)
    return "\n".join(line for (line,) in rows)


@pytest.mark.parametrize(
    "condition",
    [
        DIALECT.posted([1], "p.seq"),
        DIALECT.posted([1, 2], "p.seq"),
        DIALECT.posted(range(100), "p.seq"),
        DIALECT.spread(VIDS, "p.seq"),
        DIALECT.relates(Relation.INTERSECTS, AREA, "p.seq"),
        DIALECT.relates(Relation.WITHIN, AREA, "p.seq"),
        DIALECT.exists(Fragment("checksum AS c WHERE c.seq = p.seq AND c.algorithm = ?", ("MD5",))),
    ],
    ids=["one", "two", "many", "spread", "intersects", "within", "exists"],
)
def test_a_look_at_each_product_is_no_join(
    url: str, publish: Callable[..., PublishOutcome], condition: Fragment
) -> None:
    publish()
    database = database_at(url)
    found = plan(database, condition)
    assert "SubPlan" in found
    assert "Join" not in found
    assert "Nested Loop" not in found
    database.close()


def test_what_finds_products_is_asked_first(url: str, publish: Callable[..., PublishOutcome]) -> None:
    publish()
    database = database_at(url)
    question = Fragment("SELECT s.seq FROM document AS s WHERE s.vids @> ?::integer[]", ([1],))
    assert "InitPlan" in plan(database, DIALECT.among("p.seq", question))
    database.close()


@pytest.mark.parametrize("column", ["name", "id", "eviction_date", "online", "seq"])
def test_a_term_leads_to_no_index(url: str, column: str) -> None:
    database = database_at(url)
    with database.writing():
        database.change("SET LOCAL enable_seqscan = off")
        by_index = plan(database, Fragment("true"), f"ORDER BY p.{column} LIMIT 1")
        by_term = plan(database, Fragment("true"), f"ORDER BY {DIALECT.unindexed(column)} LIMIT 1")
    assert "Sort" not in by_index
    assert "Sort" in by_term
    database.close()
