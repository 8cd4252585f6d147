"""Products are found by what they belong to."""

from __future__ import annotations

from typing import Any

# The granules of a datastrip, the quality reports about a product.
STATEMENTS = ("CREATE INDEX product_parent ON product (parent) WHERE parent IS NOT NULL",)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make the index."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
