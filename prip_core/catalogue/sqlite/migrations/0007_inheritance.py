"""Parents that came later than their children, and have yet to pass on what they have."""

from __future__ import annotations

from typing import Any

STATEMENTS = (
    # `done_seq`: children up to it have been looked at; `upto_seq`: those behind it saw the parent when they came.
    """
    CREATE TABLE inheritance (
        parent_seq INTEGER PRIMARY KEY,
        done_seq INTEGER NOT NULL,
        upto_seq INTEGER NOT NULL
    )
    """,
)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make the table."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
