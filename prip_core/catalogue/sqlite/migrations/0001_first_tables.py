"""The first schema: products with their documents and attributes, ingestions, outbox, users, publication clock."""

from __future__ import annotations

from typing import Any

# Dates are INTEGER milliseconds since 1970-01-01 UTC; Ids are the 16 bytes of the UUID, whose order is the text's.
# Every index of `product` ends in the rowid, which is `seq`: equal values lie in publication order.
STATEMENTS = (
    # `seq` is handed out by the publishing transaction, in the order of PublicationDate; rows are never deleted.
    # Columns that queries skip over (storage, key …) come last: SQLite reads a row from its start.
    """
    CREATE TABLE product (
        seq INTEGER PRIMARY KEY,
        change_seq INTEGER NOT NULL,
        id BLOB NOT NULL,
        name TEXT NOT NULL,
        online INTEGER NOT NULL,
        publication_date INTEGER NOT NULL,
        modification_date INTEGER NOT NULL,
        eviction_date INTEGER NOT NULL,
        origin_date INTEGER NOT NULL,
        content_start INTEGER NOT NULL,
        content_end INTEGER NOT NULL,
        content_length INTEGER NOT NULL,
        production_type INTEGER NOT NULL,
        content_type TEXT NOT NULL,
        product_type TEXT NOT NULL,
        mission TEXT NOT NULL,
        platform_short_name TEXT,
        platform_serial_identifier TEXT,
        orbit_number INTEGER,
        relative_orbit_number INTEGER,
        origin_estimated INTEGER NOT NULL,
        housekeeping INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ONLINE', 'EVICTING', 'EVICTED', 'WITHDRAWN')),
        storage TEXT NOT NULL,
        "key" TEXT NOT NULL,
        md5 TEXT,
        parent TEXT
    )
    """,
    # Products(id), and the check of every publication that its Id is new.
    "CREATE UNIQUE INDEX product_id ON product (id)",
    # Name eq, and startswith as a range.
    "CREATE INDEX product_name ON product (name)",
    # One product of a name at a time: what makes a second delivery a duplicate, whoever publishes it.
    "CREATE UNIQUE INDEX product_live_name ON product (name) WHERE state IN ('ONLINE', 'EVICTING')",
    # The list of what is online in publication order, once most of the catalogue is evicted; and its exact count.
    "CREATE INDEX product_online ON product (online)",
    # A date of publication → the seq at that moment: how every condition on PublicationDate begins.
    "CREATE INDEX product_publication_date ON product (publication_date)",
    # Clients that follow changes ask ModificationDate gt <last seen>, most often for a few rows out of all.
    "CREATE INDEX product_modification_date ON product (modification_date)",
    # What is due for eviction (EvictionDate lt now).
    "CREATE INDEX product_eviction_date ON product (eviction_date)",
    # Windows of sensing time, and orders by them; windows of OriginDate are what timeliness monitors ask for.
    "CREATE INDEX product_content_start ON product (content_start)",
    "CREATE INDEX product_content_end ON product (content_end)",
    "CREATE INDEX product_origin_date ON product (origin_date)",
    # The two pieces of the answer's text, rendered once; apart from `product`, so that scanning that stays cheap.
    """
    CREATE TABLE document (
        seq INTEGER PRIMARY KEY REFERENCES product (seq),
        fixed TEXT NOT NULL,
        attributes TEXT,
        parts TEXT,
        quicklooks TEXT
    )
    """,
    """
    CREATE TABLE checksum (
        seq INTEGER NOT NULL REFERENCES product (seq),
        algorithm TEXT NOT NULL,
        value TEXT NOT NULL,
        date INTEGER NOT NULL,
        PRIMARY KEY (seq, algorithm)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE finding (
        seq INTEGER NOT NULL REFERENCES product (seq),
        position INTEGER NOT NULL,
        rule TEXT NOT NULL,
        severity TEXT NOT NULL,
        message TEXT NOT NULL,
        member TEXT,
        PRIMARY KEY (seq, position)
    ) WITHOUT ROWID
    """,
    # Attributes as a dictionary: each distinct value once, then which products have it. `count` tells the rarer of two.
    "CREATE TABLE attribute_name (name_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE attribute_value (
        vid INTEGER PRIMARY KEY,
        name_id INTEGER NOT NULL REFERENCES attribute_name (name_id),
        kind INTEGER NOT NULL,
        value NOT NULL,
        count INTEGER NOT NULL,
        UNIQUE (name_id, kind, value)
    )
    """,
    """
    CREATE TABLE attribute_post (
        vid INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (vid, seq)
    ) WITHOUT ROWID
    """,
    # Ranges over the numeric and time attributes that a product type names as worth an index.
    """
    CREATE TABLE attribute_number (
        name_id INTEGER NOT NULL,
        value NUMERIC NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (name_id, value, seq)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE ingestion (
        uuid BLOB PRIMARY KEY,
        inbox TEXT NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        size INTEGER NOT NULL,
        arrived INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('CLAIMED', 'PUBLISHED', 'DUPLICATE', 'REJECTED')),
        token TEXT NOT NULL,
        leased_until INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        faults INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        rejection TEXT,
        storage TEXT,
        "key" TEXT,
        last_error TEXT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        channel TEXT NOT NULL,
        subject TEXT NOT NULL,
        payload TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        token TEXT,
        leased_until INTEGER,
        last_error TEXT,
        done_at INTEGER
    )
    """,
    # What is to be done now, by channel; finished rows leave the index.
    "CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE done_at IS NULL",
    """
    CREATE TABLE user_account (
        name TEXT PRIMARY KEY,
        password_hash TEXT NOT NULL,
        roles TEXT NOT NULL,
        disabled INTEGER NOT NULL,
        created INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # One row: what was handed out last, how many rows there are, and what an operator accepted.
    """
    CREATE TABLE publication_clock (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        last_seq INTEGER NOT NULL,
        last_change_seq INTEGER NOT NULL,
        last_date INTEGER,
        products INTEGER NOT NULL,
        online INTEGER NOT NULL,
        accepted INTEGER NOT NULL,
        accepted_lead INTEGER NOT NULL,
        accepted_by TEXT,
        accepted_at INTEGER
    )
    """,
    "INSERT INTO publication_clock VALUES (1, 0, 0, NULL, 0, 0, 0, 0, NULL, NULL)",
)


def up(migrator: Any, database: Any) -> None:  # noqa: ARG001  # the runner hands in both
    """Create everything."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
