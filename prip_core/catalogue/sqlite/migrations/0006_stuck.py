"""Deliveries whose work has failed and is to be tried again are counted every second."""

from __future__ import annotations

from typing import Any

# Nobody holds them, and they wait for no product that is to come.
STATEMENT = "CREATE INDEX ingestion_stuck ON ingestion (inbox) WHERE token = '' AND awaits IS NULL"


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make the index."""
    database.execute_sql(STATEMENT)
