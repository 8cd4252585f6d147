"""The outbox: work that a publication causes, written in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from prip_core.catalogue.database import Database
from prip_core.catalogue.tables import Outbox
from prip_core.products import NewProduct


def post_publication(database: Database, product: NewProduct, date: int, channels: Sequence[str]) -> None:
    """Tell each channel that a product is published; inside a writing transaction only.

    :param date: of the publication, milliseconds.
    """
    payload = orjson.dumps({"event": "published", "id": product.id, "name": product.name}).decode()
    for channel in channels:
        database.execute(
            Outbox.insert(channel=channel, subject=str(product.id), payload=payload, due_at=date, attempts=0)
        )
