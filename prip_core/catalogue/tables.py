"""The tables as peewee sees them, private to the catalogue: bound to no database, and never handed out as rows.

What the tables are, with their indexes and the reason for each, stands in the migrations. Those that only plain SQL
touches (the values of attributes) are not here.
"""

from __future__ import annotations

from peewee import BlobField, CompositeKey, IntegerField, Model, TextField


class Product(Model):
    """One row for each product ever published, narrow enough to be scanned."""

    seq = IntegerField(primary_key=True)
    change_seq = IntegerField()
    id = BlobField()
    name = TextField()
    online = IntegerField()
    publication_date = IntegerField()
    modification_date = IntegerField()
    eviction_date = IntegerField()
    origin_date = IntegerField()
    content_start = IntegerField()
    content_end = IntegerField()
    content_length = IntegerField()
    production_type = IntegerField()
    content_type = TextField()
    product_type = TextField()
    mission = TextField()
    platform_short_name = TextField(null=True)
    platform_serial_identifier = TextField(null=True)
    orbit_number = IntegerField(null=True)
    relative_orbit_number = IntegerField(null=True)
    origin_estimated = IntegerField()
    housekeeping = IntegerField()
    state = TextField()
    storage = TextField()
    key = TextField()
    parent = TextField(null=True)
    deletion_date = IntegerField(null=True)
    deletion_cause = TextField(null=True)

    class Meta:
        table_name = "product"


class Document(Model):
    """The wide part of a product: the text of its answer, compressed, and lists of names as JSON."""

    seq = IntegerField(primary_key=True)
    dictionary = IntegerField()
    content = BlobField()
    attributes = IntegerField()
    parts = TextField(null=True)
    quicklooks = TextField(null=True)

    class Meta:
        table_name = "document"


class StoredChecksum(Model):
    """A digest of a delivered file."""

    seq = IntegerField()
    algorithm = TextField()
    value = BlobField()
    date = IntegerField()

    class Meta:
        table_name = "checksum"
        primary_key = CompositeKey("seq", "algorithm")


class StoredFinding(Model):
    """What a quality rule said of a published product."""

    seq = IntegerField()
    position = IntegerField()
    rule = TextField()
    severity = TextField()
    message = TextField()
    member = TextField(null=True)

    class Meta:
        table_name = "finding"
        primary_key = CompositeKey("seq", "position")


class StoredIngestion(Model):
    """A delivery on its way through ingest."""

    uuid = BlobField(primary_key=True)
    inbox = TextField()
    name = TextField()
    path = TextField()
    size = IntegerField()
    arrived = IntegerField()
    state = TextField()
    token = TextField()
    leased_until = IntegerField()
    attempts = IntegerField()
    faults = IntegerField()
    due_at = IntegerField()
    rejection = TextField(null=True)
    storage = TextField(null=True)
    key = TextField(null=True)
    last_error = TextField(null=True)
    awaits = TextField(null=True)
    step = TextField(null=True)
    bytes_read = IntegerField()
    waited = TextField(null=True)

    class Meta:
        table_name = "ingestion"


class OutboxRow(Model):
    """Work that a verdict about a product causes, once for each channel."""

    id = IntegerField(primary_key=True)
    channel = TextField()
    subject = TextField()
    payload = TextField()
    due_at = IntegerField()
    attempts = IntegerField()
    token = TextField(null=True)
    last_error = TextField(null=True)
    done_at = IntegerField(null=True)
    faults = IntegerField()
    dead_at = IntegerField(null=True)

    class Meta:
        table_name = "outbox"


class UserAccount(Model):
    """A local user."""

    name = TextField(primary_key=True)
    password_hash = TextField()
    roles = TextField()
    disabled = IntegerField()
    created = IntegerField()

    class Meta:
        table_name = "user_account"


class ClockRow(Model):
    """The one row of what was handed out last."""

    id = IntegerField(primary_key=True)
    last_seq = IntegerField()
    last_change_seq = IntegerField()
    last_date = IntegerField(null=True)
    products = IntegerField()
    online = IntegerField()
    accepted = IntegerField()
    accepted_lead = IntegerField()
    accepted_by = TextField(null=True)
    accepted_at = IntegerField(null=True)
    last_vid = IntegerField()

    class Meta:
        table_name = "publication_clock"
