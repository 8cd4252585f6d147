"""The front of the catalogue: everything that the rest of the program asks of the database."""

from __future__ import annotations

from prip_core.catalogue.campaigns import Campaigns
from prip_core.catalogue.changes import Changes
from prip_core.catalogue.database import Database
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.documents import Documents
from prip_core.catalogue.ingestions import Ingestions
from prip_core.catalogue.inheritance import Inheritance
from prip_core.catalogue.kinship import Kinship
from prip_core.catalogue.outbox import Outbox
from prip_core.catalogue.products import Products
from prip_core.catalogue.publication import Publication
from prip_core.catalogue.publication_clock import PublicationClock
from prip_core.catalogue.relatives import Relatives
from prip_core.catalogue.schema import check_schema
from prip_core.catalogue.transitions import Transitions
from prip_core.catalogue.users import Users
from prip_core.catalogue.work_in_hand import WorkInHand
from prip_core.clock import Clock


class Catalogue:
    """A delivery point's catalogue; safe to share between threads.

    A process opens its own: one that was opened before a fork must not be used after it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        # What is read needs no more than this machine's time.
        self.products = Products(database, clock)
        self.changes = Changes(database, self.products)
        documents = Documents(database)
        self.relatives = Relatives(database, documents)
        self.campaigns = Campaigns(database, self.products)
        clock = database.clock(clock)
        self.clock = PublicationClock(database, clock)
        self.ingestions = Ingestions(database, clock)
        self.outbox = Outbox(database, clock)
        self.work = WorkInHand(database)
        self.inheritance = Inheritance(database, self.clock, documents, Kinship(self.products))
        self.publication = Publication(database, self.clock, self.ingestions, self.inheritance)
        self.transitions = Transitions(database, self.clock)
        self.users = Users(database, clock)

    def ping(self) -> None:
        """Make sure that the database answers, and has the schema of this program still.

        :raises CatalogueUnavailable: it does not answer.
        :raises SchemaMismatch: it has gone, or another program has upgraded it.
        """
        check_schema(self._database)
        self.clock.last()

    def leave(self) -> None:
        """Say that the calling thread asks no more for now, before it ends."""
        self._database.leave()

    def close(self) -> None:
        """Close the connections of the calling thread and those that nobody uses; the next question opens a new one."""
        self._database.close()


def open_catalogue(url: str, clock: Clock, *, answer_within: float | None = None) -> Catalogue:
    """The catalogue behind a database URL, which must have the schema of this program: nothing is migrated here.

    :param url: ``sqlite:////absolute/path`` or ``postgresql://user:password@host/database``.
    :param clock: the source of all dates; PostgreSQL's own clock takes the place of this machine's.
    :param answer_within: seconds that the database may take for a question, which is then refused as ``BadQuery``;
        ``None``: any time.
    :raises ConfigError: the URL is not understood.
    :raises SchemaMismatch: the database is absent, older or newer.
    :raises CatalogueUnavailable: the database cannot be used.
    """
    database = database_at(url, answer_within)
    check_schema(database)
    return Catalogue(database, clock)
