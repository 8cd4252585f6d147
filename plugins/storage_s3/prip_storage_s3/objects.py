"""Small requests about objects: facts, short texts, copies within the bucket, lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from prip_core import TransientError
from prip_storage_s3.circuit import Circuit
from prip_storage_s3.connection import Connection, content_md5
from prip_storage_s3.failures import NO_KEY, NO_OBJECT, Refused, asking
from prip_storage_s3.leftovers import abandon_uploads_of
from prip_storage_s3.settings import MIB

WHOLE_COPY = 1024 * MIB
"""Larger objects are copied in parts: no server copies more than 5 GiB in one request."""

_COPY_PART = 256 * MIB
_TAKEN = frozenset({"PreconditionFailed", "412"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the server says of an object.

    :param tag: its ETag, in quotes.
    :param modified: when it came, UTC.
    :param metadata: what was written down beside it; lists do not have it.
    """

    key: str
    size: int
    tag: str
    modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The first bytes of an object, and its ETag."""

    content: bytes
    tag: str


class Objects:
    """Objects of one bucket, by their whole keys.

    All methods raise ``TransientError`` while the server does not answer or refuses, or the bucket is away; one that
    keeps them waiting is left alone for a while.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._circuit = Circuit()

    def facts(self, key: str) -> Facts | None:
        """What there is of an object; ``None``: nothing."""
        try:
            return self._head(key)
        except Refused as refused:
            self._check_missing(refused)
            return None

    def has(self, key: str) -> bool:
        """Whether there is an object, for those who know that the bucket is there: a missing one has none."""
        try:
            self._head(key)
        except Refused as refused:
            if refused.code in NO_OBJECT:
                return False
            raise
        return True

    def read(self, key: str, limit: int) -> Text | None:
        """The first bytes of an object; ``None``: there is none."""
        try:
            with self._asking(f"the object {key} cannot be read"):
                answer = self._connection.brisk_client.get_object(Bucket=self._connection.bucket, Key=key)
                try:
                    return Text(content=answer["Body"].read(limit), tag=answer["ETag"])
                finally:
                    answer["Body"].close()
        except Refused as refused:
            self._check_missing(refused)
            return None

    def write(self, key: str, content: bytes, *, new: bool = False, metadata: Mapping[str, str] | None = None) -> bool:
        """Put a short object.

        :param metadata: to be written down beside it; ASCII, of two kilobytes at the most.
        :param new: only where there is none; of all who try at the same time, one succeeds.
        :returns: ``False``: there is one already.
        """
        digest = content_md5(hashlib.md5(content, usedforsecurity=False).digest())
        condition = {"IfNoneMatch": "*"} if new else {}
        try:
            with self._asking(f"the object {key} cannot be written"):
                self._connection.brisk_client.put_object(
                    Bucket=self._connection.bucket,
                    Key=key,
                    Body=content,
                    ContentMD5=digest,
                    Metadata=dict(metadata or {}),
                    **condition,
                )
        except Refused as refused:
            if not new or refused.code not in _TAKEN:
                raise
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine."""
        with self._asking(f"the object {key} cannot be removed"):
            self._connection.brisk_client.delete_object(Bucket=self._connection.bucket, Key=key)

    def copy(self, source: Facts, target: str) -> None:
        """Copy an object within the bucket, on the server.

        :raises TransientError: it is another one by now, too.
        """
        what = f"the object {source.key} cannot be copied to {target}"
        if source.size > WHOLE_COPY:
            self._copy_in_parts(what, source, target)
        else:
            with asking(what):
                self._connection.client.copy_object(
                    Bucket=self._connection.bucket,
                    Key=target,
                    CopySource={"Bucket": self._connection.bucket, "Key": source.key},
                    CopySourceIfMatch=source.tag,
                )
        copied = self.facts(target)
        if copied is None or copied.size != source.size:
            raise TransientError(f"{what}: the server says that it did, and does not have it")

    def list(self, prefix: str) -> Iterator[Facts]:
        """Every object whose key begins with this and has no further ``/``, in the order of keys."""
        for page in self._pages(prefix, Delimiter="/"):
            for found in page.get("Contents", ()):
                yield _facts(found["Key"], found["Size"], found)

    def below(self, prefix: str) -> Iterator[Facts]:
        """Every object whose key begins with this, in the order of keys."""
        for page in self._pages(prefix):
            for found in page.get("Contents", ()):
                yield _facts(found["Key"], found["Size"], found)

    def folders(self, prefix: str) -> Iterator[str]:
        """What keys that begin with this have between it and their next ``/``."""
        for page in self._pages(prefix, Delimiter="/"):
            for found in page.get("CommonPrefixes", ()):
                yield found["Prefix"].removeprefix(prefix).rstrip("/")

    def now(self) -> datetime:
        """The server's time, by which it tells when objects came; whole seconds, UTC."""
        with self._asking("the server's time is not known"):
            answer = self._connection.brisk_client.list_objects_v2(Bucket=self._connection.bucket, MaxKeys=1)
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return parsedate_to_datetime(told).astimezone(UTC) if told else datetime.now(UTC)

    def _pages(self, prefix: str, **more: str) -> Iterator[Mapping[str, Any]]:
        pages = self._connection.brisk_client.get_paginator("list_objects_v2").paginate(
            Bucket=self._connection.bucket, Prefix=prefix, **more
        )
        waiting = iter(pages)
        while True:
            # What is done with a page meanwhile is no time that the server took.
            with self._asking(f"the bucket {self._connection.bucket} cannot be listed"):
                page = next(waiting, None)
                if page is None:
                    return
                self._connection.check_page(page)
            yield page

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        with self._circuit.closed(), asking(what):
            yield

    def _copy_in_parts(self, what: str, source: Facts, target: str) -> None:
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 - an extra

        # Those of a process that was killed over the same copy.
        abandon_uploads_of(self._connection, target)
        with asking(what):
            self._connection.client.copy(
                {"Bucket": self._connection.bucket, "Key": source.key},
                self._connection.bucket,
                target,
                ExtraArgs={"CopySourceIfMatch": source.tag},
                Config=TransferConfig(multipart_threshold=WHOLE_COPY, multipart_chunksize=_COPY_PART),
            )

    def _head(self, key: str) -> Facts:
        with self._asking(f"the object {key} cannot be looked at"):
            found = self._connection.brisk_client.head_object(Bucket=self._connection.bucket, Key=key)
            return _facts(key, found["ContentLength"], found)

    def _check_missing(self, refused: Refused) -> None:
        """:raises TransientError: it is not the object alone that is missing."""
        if refused.code not in NO_OBJECT:
            raise refused
        if refused.code != NO_KEY:
            self._connection.check_present()


def _facts(key: str, size: int, found: Mapping[str, Any]) -> Facts:
    """Lists have fractions of a second, and answers about one object have none."""
    modified = found["LastModified"].astimezone(UTC).replace(microsecond=0)
    metadata = found.get("Metadata", {})
    return Facts(key=key, size=size, tag=found["ETag"], modified=modified, metadata=metadata)
