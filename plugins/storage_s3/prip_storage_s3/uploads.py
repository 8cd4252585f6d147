"""Objects on their way into the bucket: in one request or in parts, each proved by our own digests."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import Any, BinaryIO
from uuid import uuid4

from prip_core import PripError, TransientError
from prip_storage_s3.connection import Connection, content_md5
from prip_storage_s3.failures import GARBLED, Refused, asking
from prip_storage_s3.parts import Parts, Sent, SentPart
from prip_storage_s3.pauses import pause
from prip_storage_s3.proof import MARK, Proof
from prip_storage_s3.settings import MIB, S3Settings

_MOST_PARTS = 10_000


class Uploads:
    """Puts objects into the bucket. Memory is bounded by ``concurrency + 1`` parts, however large the object is."""

    def __init__(self, connection: Connection, settings: S3Settings) -> None:
        self._connection, self._settings = connection, settings
        self._proof = Proof(connection, settings)

    def put(self, name: str, source: BinaryIO, size: int | None) -> None:
        """Store all that a source gives.

        :param name: of the object, with the prefix.
        :raises TransientError: nothing is stored.
        """
        parts = Parts(name, source, size)
        limit = max(self._settings.part_size * MIB, -(-(size or 0) // _MOST_PARTS))
        waiting = deque((parts.next(limit),))  # held here and nowhere else: parts are large
        if len(waiting[0]) == limit:
            waiting.append(parts.next(limit))
        if waiting[-1] and len(waiting) > 1:
            self._put_in_parts(name, parts, _all_parts(waiting, parts, limit))
        else:
            parts.check_size()
            self._put_whole(name, waiting[0])

    def _put_whole(self, name: str, content: bytearray) -> None:
        mark = uuid4().hex
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        sent = Sent(mark=mark, parts=[SentPart(size=len(content), md5=digest)], whole=True)
        client = self._connection.client
        try:
            answer = self._send(name, client.put_object, content, digest, Key=name, **self._manner(mark))
            self._proof.check_encryption(name, answer)
            self._proof.read_back(name, sent)
        except TransientError as failure:
            self._settle(name, sent, failure)

    def _put_in_parts(self, name: str, parts: Parts, bodies: Iterator[bytearray]) -> None:
        mark = uuid4().hex
        what = f"the object {name} cannot be stored"
        client = self._connection.client
        with asking(what):
            begun = client.create_multipart_upload(Bucket=self._connection.bucket, Key=name, **self._manner(mark))
            upload = {"Key": name, "UploadId": begun["UploadId"]}
        try:
            sent_parts = self._send_parts(upload, bodies)
            parts.check_size()
            self._complete(upload, Sent(mark=mark, parts=sent_parts, whole=False))
        except BaseException:
            # Nobody would ever ask for these parts, and they cost as much as objects.
            with suppress(PripError), asking(what):
                client.abort_multipart_upload(Bucket=self._connection.bucket, **upload)
            raise

    def _send_parts(self, upload: dict[str, str], bodies: Iterable[bytearray]) -> Sequence[SentPart]:
        done: list[SentPart] = []
        pending: deque[Future[SentPart]] = deque()
        pool = ThreadPoolExecutor(self._settings.concurrency, "s3-part")
        try:
            for number, body in zip(count(1), bodies):
                while len(pending) >= self._settings.concurrency:
                    done.append(pending.popleft().result())
                pending.append(pool.submit(self._send_part, upload, number, body))
                del body
            while pending:
                done.append(pending.popleft().result())
        finally:
            # What is on its way must have come before the upload is abandoned: a part that came later would stay.
            pool.shutdown(cancel_futures=True)
            # A failure's traceback leads here, and a future to its failure: in that circle, parts would stay in memory.
            pending.clear()
        return done

    def _send_part(self, upload: dict[str, str], number: int, body: bytearray) -> SentPart:
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        call = self._connection.client.upload_part
        answer = self._send(upload["Key"], call, body, digest, PartNumber=number, **upload)
        return SentPart(size=len(body), md5=digest, tag=str(answer.get("ETag", "")))

    def _send(
        self, name: str, call: Callable[..., Any], body: bytearray, digest: bytes, **arguments: Any
    ) -> dict[str, Any]:
        """Send bytes until the server says that it has the same ones; boto3 itself repeats what got no answer."""
        for attempt in count(1):
            try:
                with asking(f"the object {name} cannot be stored"):
                    answer: dict[str, Any] = call(
                        Bucket=self._connection.bucket, Body=body, ContentMD5=content_md5(digest), **arguments
                    )
                self._proof.check_answer(name, digest, answer)
                return answer
            except Refused as refused:
                if refused.code != GARBLED or attempt >= self._settings.attempts:
                    raise
            pause(attempt)
        raise AssertionError("counting has no end")

    def _complete(self, upload: dict[str, str], sent: Sent) -> None:
        name = upload["Key"]
        tags = [{"PartNumber": number, "ETag": part.tag} for number, part in enumerate(sent.parts, 1)]
        try:
            with asking(f"the object {name} cannot be stored"):
                self._connection.client.complete_multipart_upload(
                    Bucket=self._connection.bucket, MultipartUpload={"Parts": tags}, **upload
                )
        except TransientError as failure:
            self._settle(name, sent, failure)
        else:
            self._proof.check_stored(name, sent)

    def _settle(self, name: str, sent: Sent, failure: TransientError) -> None:
        """After a failure: the work may have been done, and only the answer got lost.

        :raises TransientError: the failure; it was not done, or not rightly.
        """
        try:
            self._proof.check_stored(name, sent)
        except PripError:
            raise failure from failure.__cause__

    def _manner(self, mark: str) -> dict[str, Any]:
        asked = {
            "ServerSideEncryption": self._settings.server_side_encryption,
            "SSEKMSKeyId": self._settings.kms_key_id,
            "StorageClass": self._settings.storage_class,
        }
        return {"Metadata": {MARK: mark}, **{key: value for key, value in asked.items() if value is not None}}


def _all_parts(waiting: deque[bytearray], parts: Parts, limit: int) -> Iterator[bytearray]:
    """Those that are waiting, then the rest of them; a part is let go of when the next one is asked for."""
    while waiting:
        yield waiting.popleft()
    while part := parts.next(limit):
        yield part
        del part
