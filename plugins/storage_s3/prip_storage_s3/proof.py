"""Whether the bucket holds what was sent to it: nothing of what the server says is taken for granted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from prip_core import PripError, TransientError
from prip_storage_s3.connection import Connection
from prip_storage_s3.failures import GARBLED, Refused, asking
from prip_storage_s3.parts import Sent, SentPart
from prip_storage_s3.reader import open_object
from prip_storage_s3.settings import S3Settings

MARK = "prip-upload"
"""Name of the metadata that tells one put of an object from all others."""

_BLOCK = 1024 * 1024


class Proof:
    """Compares what the server says with what was sent."""

    def __init__(self, connection: Connection, settings: S3Settings) -> None:
        self._connection, self._settings = connection, settings

    def check_answer(self, name: str, digest: bytes, answer: Mapping[str, Any]) -> None:
        """Look at the answer to a request that carried bytes.

        :raises Refused: with the code ``Garbled``, the server says that it has others.
        """
        if self._tells_md5(answer) and plain_tag(answer) != digest.hex():
            told = plain_tag(answer) or "nothing"
            raise Refused(
                f"{name}: {digest.hex()} is the MD5 of the bytes that were sent, {told} of those that came", GARBLED
            )

    def check_encryption(self, name: str, answer: Mapping[str, Any]) -> None:
        """Look whether the server does what the settings ask for.

        :raises TransientError: it does not; products wait until somebody changes the setting or the server.
        """
        asked, told = self._settings.server_side_encryption, answer.get("ServerSideEncryption")
        if asked is not None and told != asked:
            raise TransientError(
                f"{name} is not kept: server_side_encryption = {asked!r} is asked for, the server says "
                f"{told or 'nothing of it'}; correct the setting, or the server"
            )

    def check_stored(self, name: str, sent: Sent) -> None:
        """Ask for the facts about an object that was just stored, and for its bytes where the settings say so.

        :raises TransientError: they are others; what was stored is removed.
        """
        with asking(f"{name} was sent, but cannot be looked at"):
            found = self._connection.client.head_object(Bucket=self._connection.bucket, Key=name)
        if found.get("Metadata", {}).get(MARK) != sent.mark:
            raise TransientError(f"under {name} lies another object than the one just stored; was it replaced?")
        try:
            self._compare(name, sent, found)
            self.read_back(name, sent)
        except TransientError:
            with suppress(PripError), asking(f"{name} cannot be removed"):
                self._connection.client.delete_object(Bucket=self._connection.bucket, Key=name)
            raise

    def read_back(self, name: str, sent: Sent) -> None:
        """Read an object again, where the settings ask for it.

        :raises TransientError: its bytes are others.
        """
        if self._settings.verify != "read":
            return
        with open_object(self._connection, name) as file:
            wrong = any(_md5_of(file, part) != part.md5 for part in sent.parts) or file.read(1)
        if wrong:
            raise TransientError(f"{name}: the server gives other bytes than were stored")

    def _compare(self, name: str, sent: Sent, found: Mapping[str, Any]) -> None:
        self.check_encryption(name, found)
        size, tag = found["ContentLength"], plain_tag(found)
        if size != sent.size:
            raise TransientError(f"{name} has {size} bytes on the server, {sent.size} were stored")
        if self._tells_md5(found) and tag != sent.tag:
            raise TransientError(f"{name} has the ETag {tag} on the server, bytes with {sent.tag} were stored")

    def _tells_md5(self, answer: Mapping[str, Any]) -> bool:
        """With a key of KMS the ETag may be anything; the server has then compared ``Content-MD5``."""
        encrypted = str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
        return self._settings.verify == "md5" and not encrypted


def plain_tag(answer: Mapping[str, Any]) -> str:
    """The ETag of an answer, without its quotes."""
    return str(answer.get("ETag", "")).strip('"')


def _md5_of(file: Any, part: SentPart) -> bytes:
    digest, left = hashlib.md5(usedforsecurity=False), part.size
    while left and (block := file.read(min(_BLOCK, left))):
        digest.update(block)
        left -= len(block)
    return digest.digest()
