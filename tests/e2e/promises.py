"""Looks from outside at a delivery point that has nothing more to do, and tells what is wrong with it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from prip_core.testing.delivery_point import DeliveryPoint

OURS = {".work", ".spare"}
"""Folders that an inbox always has."""

_LATER = "update ingestion set leased_until = 0, due_at = case when awaits is null then 0 else due_at end"


def broken(
    point: DeliveryPoint, delivered: Mapping[str, bytes], objects: Mapping[str, bytes] | None = None
) -> list[str]:
    """What does not hold.

    :param delivered: name → bytes of all that was.
    :param objects: key → bytes of all that is stored, where that is not the point's archive.
    """
    rows = published(point)
    return [
        *(f"left over: {name}" for name in left(point)),
        *_wrong_dates(rows),
        *_wrong_objects(rows, _archived(point) if objects is None else objects),
        *_wrong_fates(point, rows, delivered),
    ]


def asked(point: DeliveryPoint, query: str) -> list[dict[str, Any]]:
    """What the catalogue says to another program."""
    url = point.environment.get("PRIP__DATABASE__URL")
    if url is None:
        with closing(sqlite3.connect(f"file:{point.database}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query)]
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def published(point: DeliveryPoint) -> list[dict[str, Any]]:
    """Every published product, its MD5 as text."""
    rows = asked(
        point,
        "select product.*, document.quicklooks, checksum.value as md5 from product join document using (seq) "
        "join checksum using (seq) where algorithm = 'MD5' order by seq",
    )
    return [{**row, "md5": bytes(row["md5"]).hex()} for row in rows]


def let_time_pass(point: DeliveryPoint) -> None:
    """Let leases of workers that are dead or paused have ended, and pauses after failures: all work may be taken up."""
    url = point.environment.get("PRIP__DATABASE__URL")
    if url is None:
        with closing(sqlite3.connect(point.database, timeout=120, isolation_level=None)) as database:
            database.execute(_LATER)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(_LATER)


def left(point: DeliveryPoint) -> list[str]:
    """Whatever is not finished: files in the inbox and in work, open ingestions, unfinished uploads."""
    ingestions = [f"ingestion of {row['name']}" for row in asked(point, "select name from ingestion")]
    files = [str(path.relative_to(point.folder)) for path in point.inbox.rglob("*") if path.name not in OURS]
    return ingestions + files


def _archived(point: DeliveryPoint) -> dict[str, bytes]:
    files = (path for path in point.archive.rglob("*") if path.is_file())
    keys = {path.relative_to(point.archive).as_posix(): path for path in files}
    return {key: path.read_bytes() for key, path in keys.items() if not key.startswith(".")}


def _wrong_dates(rows: list[dict[str, Any]]) -> Iterator[str]:
    for before, after in pairwise(rows):
        if after["publication_date"] <= before["publication_date"]:
            yield f"PublicationDate of {after['name']} is not after that of {before['name']}"


def _wrong_objects(rows: list[dict[str, Any]], objects: Mapping[str, bytes]) -> Iterator[str]:
    expected = set()
    for row in rows:
        expected |= {row["key"], *json.loads(row["quicklooks"] or "[]")}
        stored = objects.get(row["key"])
        if stored is None:
            yield f"{row['name']} is published without an object"
        elif (len(stored), md5(stored)) != (row["content_length"], row["md5"]):
            yield f"the object of {row['name']} is not what the catalogue says"
    yield from (f"orphan: {key}" for key in sorted(objects.keys() - expected))


def _wrong_fates(point: DeliveryPoint, rows: list[dict[str, Any]], delivered: Mapping[str, bytes]) -> Iterator[str]:
    """Each delivered product must be published once with its bytes, or lie in quarantine once with its reason."""
    quarantined, digests = defaultdict(list), defaultdict(list)
    for path in (point.folder / "quarantine").glob("*/*/*"):
        quarantined[path.name].append(path)
    for row in rows:
        digests[row["name"]].append(row["md5"])
    for name, content in delivered.items():
        refused: list[Path] = quarantined[name]
        if len(digests[name]) + len(refused) != 1:
            yield f"{name} is published {len(digests[name])} times and quarantined {len(refused)} times"
        if any(digest != md5(content) for digest in digests[name]) or any(p.read_bytes() != content for p in refused):
            yield f"{name} has other bytes than were delivered"
        if not all((path.parent / "reason.json").is_file() for path in refused):
            yield f"{name} lies in quarantine without a reason"


def md5(content: bytes) -> str:
    """Of some bytes, as text."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
