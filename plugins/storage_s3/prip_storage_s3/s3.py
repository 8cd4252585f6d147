"""The storage ``s3``: one object of a bucket for each object."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path, PurePath
from typing import BinaryIO, ClassVar

from prip_core import (
    ObjectMissing,
    PluginSettings,
    Storage,
    StoredObject,
    TransientError,
    check_key,
    disposition,
    is_key_segment,
)
from prip_storage_s3.connection import Connection
from prip_storage_s3.failures import NO_OBJECT, Refused, asking, explained
from prip_storage_s3.leftovers import abandon_uploads
from prip_storage_s3.places import place_of
from prip_storage_s3.reader import open_object
from prip_storage_s3.settings import S3Settings
from prip_storage_s3.uploads import Uploads

_NAME_LIMIT = 1024
_BATCH = 1000
_LONGEST_LINK = timedelta(days=7)  # no server takes more for a signature of version 4


class S3Storage(Storage):
    """Objects of a bucket, named as their keys behind a prefix; each appears whole.

    All methods raise ``ValueError`` for a key that is not safe, and ``TransientError`` while the server does not answer
    or the bucket is away: it must not look like a storage that lost everything.

    :raises ConfigError: boto3 is not installed, or the server says that a setting is wrong. A server that does not
        answer refuses no start.
    """

    NAME: ClassVar[str] = "s3"
    Settings: ClassVar[type[PluginSettings]] = S3Settings

    def __init__(self, settings: S3Settings) -> None:
        super().__init__(settings)
        self._connection = Connection(settings, settings.public_endpoint_url)
        self._connection.check()
        self._uploads = Uploads(self._connection, settings)
        self._prefix = f"{settings.prefix}/" if settings.prefix else ""

    def places(self) -> Mapping[str, PurePath]:
        return {"prefix": place_of(self.settings, self.settings.prefix)}

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        self._uploads.put(self._name(key), source, size)

    def adopt(self, key: str, path: Path) -> bool:  # noqa: ARG002 - there is nothing to link to
        self._name(key)
        return False

    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError(f"a range has no negative ends: {start} to {stop}")
        name = self._name(key)
        if stop is None or stop > start:
            return open_object(self._connection, name, span=(start, stop), missing=key)
        if self.stat(key) is None:
            raise ObjectMissing(key)
        return io.BytesIO()

    def stat(self, key: str) -> StoredObject | None:
        name = self._name(key)
        try:
            with asking(f"the object {name} cannot be looked at"):
                found = self._connection.client.head_object(Bucket=self._connection.bucket, Key=name)
                return _stored(key, found["ContentLength"], found["LastModified"])
        except Refused as refused:
            if refused.code not in NO_OBJECT:
                raise
            self._connection.check_present()
            return None

    def delete(self, keys: Iterable[str]) -> None:
        names = iter([self._name(key) for key in keys])
        while batch := list(islice(names, _BATCH)):
            self._delete(batch)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        pages = self._connection.client.get_paginator("list_objects_v2").paginate(
            Bucket=self._connection.bucket, Prefix=self._prefix + prefix
        )
        with asking(f"the bucket {self._connection.bucket} cannot be listed"):
            for page in pages:
                self._connection.check_page(page)
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    if all(map(is_key_segment, key.split("/"))):
                        yield _stored(key, found["Size"], found["LastModified"])

    def abandon_uploads(self, older_than: timedelta) -> int:
        return abandon_uploads(self._connection, self._prefix, older_than)

    def download_url(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        name = self._name(key)
        if self.settings.downloads == "stream":
            return None
        asked = {
            "Bucket": self._connection.bucket,
            "Key": name,
            "ResponseContentDisposition": disposition("attachment", filename),
        }
        with asking(f"there is no link to the object {name}"):
            url: str = self._connection.signer.generate_presigned_url(
                "get_object", Params=asked, ExpiresIn=int(min(lifetime, _LONGEST_LINK).total_seconds())
            )
        return url

    def local_path(self, key: str) -> Path | None:
        self._name(key)
        return None

    def _name(self, key: str) -> str:
        name = self._prefix + check_key(key)
        if len(name) > _NAME_LIMIT:
            raise ValueError(f"with the prefix {self._prefix!r} the key is longer than {_NAME_LIMIT}: {key[:60]!r}…")
        return name

    def _delete(self, names: Sequence[str]) -> None:
        with asking("objects cannot be removed"):
            answer = self._connection.client.delete_objects(
                Bucket=self._connection.bucket, Delete={"Objects": [{"Key": name} for name in names], "Quiet": False}
            )
        refused = {error.get("Key"): error for error in answer.get("Errors", ()) if error.get("Code") not in NO_OBJECT}
        gone = {each.get("Key") for each in (*answer.get("Deleted", ()), *answer.get("Errors", ()))} - set(refused)
        kept = [name for name in names if name not in gone]
        if kept:
            others = f" (and {len(kept) - 1} more)" if len(kept) > 1 else ""
            error = refused.get(kept[0])
            reason = explained(str(error.get("Code")), {"Error": error}) if error else "the server says nothing of it"
            raise TransientError(f"the object {kept[0]}{others} cannot be removed: {reason}")


def _stored(key: str, size: int, modified: datetime) -> StoredObject:
    """Lists have fractions of a second, and answers about one object have none."""
    return StoredObject(key=key, size=size, modified=modified.astimezone(UTC).replace(microsecond=0))
