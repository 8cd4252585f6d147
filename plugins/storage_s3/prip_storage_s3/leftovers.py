"""Parts of objects that were never finished: what processes that were killed left in the bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from prip_storage_s3.connection import Connection
from prip_storage_s3.failures import NO_UPLOAD, Refused, asking

_WHAT = "the unfinished uploads cannot be removed"


def abandon_uploads(connection: Connection, prefix: str, older_than: timedelta) -> int:
    """Remove unfinished uploads of names with a prefix whose last part came longer ago than this; returns how many.

    Times are the server's own, for the clock of this machine may be wrong.
    """
    latest = _now(connection, prefix) - older_than
    abandoned = 0
    for upload in _unfinished(connection, prefix):
        if upload["Initiated"] <= latest and _last_part(connection, upload) <= latest:
            abandoned += _abort(connection, upload)
    return abandoned


def abandon_uploads_of(connection: Connection, name: str) -> None:
    """Remove all unfinished uploads of one object, on which nobody may be at work."""
    for upload in _unfinished(connection, name):
        if upload["Key"] == name:
            _abort(connection, upload)


def _now(connection: Connection, prefix: str) -> datetime:
    """The server's time; its answers have whole seconds, so that the next one is taken."""
    with asking(_WHAT):
        answer = connection.client.list_multipart_uploads(Bucket=connection.bucket, Prefix=prefix, MaxUploads=1)
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(told) if told else datetime.now(UTC)
    return now + timedelta(seconds=1)


def _unfinished(connection: Connection, prefix: str) -> Iterator[Mapping[str, Any]]:
    pages = connection.client.get_paginator("list_multipart_uploads").paginate(Bucket=connection.bucket, Prefix=prefix)
    with asking(_WHAT):
        for page in pages:
            yield from page.get("Uploads", ())


def _last_part(connection: Connection, upload: Mapping[str, Any]) -> datetime:
    pages = connection.client.get_paginator("list_parts").paginate(
        Bucket=connection.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
    )
    last: datetime = upload["Initiated"]
    try:
        with asking(_WHAT):
            for page in pages:
                last = max([last, *(part["LastModified"] for part in page.get("Parts", ()))])
    except Refused as refused:
        if refused.code != NO_UPLOAD:
            raise
    return last


def _abort(connection: Connection, upload: Mapping[str, Any]) -> bool:
    try:
        with asking(_WHAT):
            connection.client.abort_multipart_upload(
                Bucket=connection.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )
    except Refused as refused:
        if refused.code != NO_UPLOAD:
            raise
        return False  # finished, or abandoned by somebody else
    return True
