"""The outbox as a queue: faults are counted, and what is done or given up slows no look for what is due."""

from __future__ import annotations

from typing import Any

STATEMENTS = (
    "DROP INDEX outbox_due",
    # `due_at` says it: while a row has a token, its lease lasts until then.
    "ALTER TABLE outbox DROP COLUMN leased_until",
    "ALTER TABLE outbox ADD COLUMN faults INTEGER NOT NULL DEFAULT 0",
    # When it was given up; null while there is hope.
    "ALTER TABLE outbox ADD COLUMN dead_at INTEGER",
    # What is to be done next, by channel; what is done or given up leaves the index.
    "CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE done_at IS NULL AND dead_at IS NULL",
    # What operators look at.
    "CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL",
)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Change the table, in the runner's one transaction."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
