"""Delivery points to ingest with: what their catalogues lie in, and how their bytes are taken over."""

from __future__ import annotations

import json
from enum import StrEnum
from itertools import count
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.odata.databases import Database
from prip_core.testing.delivery_point import DeliveryPoint

_numbers = count()


class Place(StrEnum):
    """Where the bytes go, and how."""

    COPY = "copy"
    """Copied into a folder."""
    LINK = "link"
    """Taken over by a hard link."""
    S3 = "s3"
    """Uploaded into a bucket."""


def new_point(bench: Bench, place: Place = Place.COPY, database: Database = Database.SQLITE) -> DeliveryPoint:
    """A new delivery point with nothing in it, not at work.

    :raises NotMeasured: the server that it needs cannot run here.
    """
    number = next(_numbers)
    point = bench.template.copy(bench.folder / f"ingest-{number}")
    if database is Database.POSTGRESQL:
        bench.databases.remove(database, point.folder.name)  # an earlier run's
        point.environment["PRIP__DATABASE__URL"] = bench.databases.url(database, point.folder.name, Path())
        upgraded = point.prip("db", "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
    if place is Place.LINK:
        _rewrite(point, 'path = "inbox"', 'path = "inbox"\ntake_over = "link"')
    elif place is Place.S3:
        _rewrite(point, 'path = "archive"', _bucket(bench, point))
    return point


def _bucket(bench: Bench, point: DeliveryPoint) -> str:
    """The settings of a storage in a new bucket."""
    server = bench.s3()
    secret = point.folder / "secret"
    secret.write_text(server.secret_key)
    values = {
        "backend": "s3",
        "bucket": server.new_bucket(),
        "endpoint_url": server.url,
        "access_key": server.access_key,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join([*lines, f'secret_key = {{ file = "{secret}" }}'])


def _rewrite(point: DeliveryPoint, written: str, instead: str) -> None:
    config = point.folder / "prip.toml"
    text = config.read_text()
    assert text.count(written) == 1, config
    config.write_text(text.replace(written, instead))
