"""What a delivery has waited for is told apart from what it waits for: it is not to wait again, and may be stuck."""

from __future__ import annotations

from typing import Any

# The name of the product, without suffix. `awaits` says what it waits for until it is taken up again.
STATEMENT = '''ALTER TABLE ingestion ADD COLUMN waited text COLLATE "C"'''


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Make room for it."""
    database.execute_sql(STATEMENT)
