"""Deliveries wait for the product that they are about, and cost nothing meanwhile."""

from __future__ import annotations

from typing import Any

STATEMENTS = (
    # The name of the product, without suffix, that a report waits for, or has waited for in vain.
    """ALTER TABLE ingestion ADD COLUMN awaits TEXT""",
    # Who waits for what has just been published.
    "CREATE INDEX ingestion_awaits ON ingestion (awaits) WHERE awaits IS NOT NULL",
    # What is due, in the order in which it became so: those that wait lie behind it, however many they are.
    "CREATE INDEX ingestion_due ON ingestion (due_at, arrived, uuid)",
)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make room for it."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
