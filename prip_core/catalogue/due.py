"""What is due: rows of work that wait for a moment, and which of them is to be taken up next."""

from __future__ import annotations

from typing import Any

from peewee import Field, ModelSelect

from prip_core.catalogue.database import Database, Row

FURTHEST = 2 * 86_400_000
"""No lease and no pause is longer, in milliseconds: a moment further ahead was told by a clock that was wrong."""


def first_due(database: Database, query: ModelSelect[Any], due_at: Field, now: int) -> Row | None:
    """The first row of a query that is due, or is so by a wrong clock; ``None`` when there is none.

    Each is a question of its own, which an index answers in its order.

    :param query: in the order of ``due_at``.
    :param now: milliseconds.
    """
    for due in (due_at <= now, due_at > now + FURTHEST):
        if (row := database.row(query.where(due).limit(1))) is not None:
            return row
    return None
