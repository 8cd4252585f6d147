"""How far a delivery in work has come, for those who watch."""

from __future__ import annotations

from typing import Any

STATEMENTS = (
    # The step of its way that it is in, and how far the one read has come; written each second.
    '''ALTER TABLE ingestion ADD COLUMN step text COLLATE "C"''',
    "ALTER TABLE ingestion ADD COLUMN bytes_read bigint NOT NULL DEFAULT 0",
)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make room for it."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
