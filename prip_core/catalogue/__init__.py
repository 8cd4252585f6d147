"""The catalogue: what is published, in work and allowed, on a database that nothing else touches."""

from prip_core.catalogue.answers import ProductRow
from prip_core.catalogue.campaigns import Campaigns, Tally
from prip_core.catalogue.catalogue import Catalogue, open_catalogue
from prip_core.catalogue.databases import database_file, require_driver
from prip_core.catalogue.documents import Packing
from prip_core.catalogue.ingestion_rows import Ingestion, IngestionState
from prip_core.catalogue.ingestions import Ingestions
from prip_core.catalogue.inheritance import PARENT_UNKNOWN
from prip_core.catalogue.outbox import Outbox, OutboxEntry
from prip_core.catalogue.products import CataloguedProduct, Page, Products, Untold
from prip_core.catalogue.publication import Publication, PublishOutcome
from prip_core.catalogue.publication_clock import ClockStatus, PublicationClock
from prip_core.catalogue.relatives import KnownReport, stems
from prip_core.catalogue.rendering import RenderedProduct, render, share_entries
from prip_core.catalogue.restore import RestoreCount
from prip_core.catalogue.schema import SchemaStatus, schema_status, upgrade
from prip_core.catalogue.states import ProductState
from prip_core.catalogue.users import StoredUser, Users
from prip_core.catalogue.work_in_hand import IngestionCount, InWork, Progress, WorkInHand

__all__ = [
    "PARENT_UNKNOWN",
    "Campaigns",
    "Catalogue",
    "CataloguedProduct",
    "ClockStatus",
    "InWork",
    "Ingestion",
    "IngestionCount",
    "IngestionState",
    "Ingestions",
    "KnownReport",
    "Outbox",
    "OutboxEntry",
    "Packing",
    "Page",
    "ProductRow",
    "ProductState",
    "Products",
    "Progress",
    "Publication",
    "PublicationClock",
    "PublishOutcome",
    "RenderedProduct",
    "RestoreCount",
    "SchemaStatus",
    "StoredUser",
    "Tally",
    "Untold",
    "Users",
    "WorkInHand",
    "database_file",
    "open_catalogue",
    "render",
    "require_driver",
    "schema_status",
    "share_entries",
    "stems",
    "upgrade",
]
