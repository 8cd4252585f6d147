"""Passing on, between products, what parents have that came later than their children."""

from __future__ import annotations

import structlog

from prip_core.errors import CatalogueUnavailable
from prip_core.ingest.context import IngestContext
from prip_core.ingest.origin import log_failure

_log = structlog.get_logger(__name__)


def pass_on(context: IngestContext) -> int:
    """Do a small part of what is to be passed on; the rest waits, so that products go in between.

    :returns: how many children were looked at; 0: nothing is left to do, or it cannot be done now.
    :raises CatalogueUnavailable: the database cannot be used.
    """
    kinds = {(kind.mission, kind.code): kind for each in context.missions.values() for kind in each.product_types()}
    try:
        return context.catalogue.inheritance.pass_on(kinds)
    except CatalogueUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - what cannot be passed on may keep no product waiting
        log_failure(_log, "inheritance not passed on", error)
        return 0
