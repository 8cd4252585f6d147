"""The bytes of a source in parts, and the proof of what was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from prip_core import TransientError

_BLOCK = 1024 * 1024


class Parts:
    """The parts of a source, read one after another, never twice.

    :param size: the bytes that must come, when known.
    :ivar read: bytes so far.
    """

    def __init__(self, key: str, source: BinaryIO, size: int | None) -> None:
        self._key, self._source, self._size = key, source, size
        self.read = 0

    def next(self, limit: int) -> bytearray:
        """The next part: so many bytes, fewer only at the end. Errors of the source pass as they are.

        :raises TransientError: more came than was announced.
        """
        part = bytearray()
        while len(part) < limit and (block := self._source.read(min(_BLOCK, limit - len(part)))):
            part += block
            self.read += len(block)
            if self._size is not None and self.read > self._size:
                raise self._wrong(f"more than {self._size}")
        return part

    def check_size(self) -> None:
        """After the last part.

        :raises TransientError: fewer bytes came than were announced.
        """
        if self._size is not None and self.read != self._size:
            raise self._wrong(str(self.read))

    def _wrong(self, came: str) -> TransientError:
        return TransientError(
            f"the source of {self._key} gave {came} bytes, {self._size} were announced; nothing is stored"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPart:
    """A part that the server has taken.

    :param md5: of the bytes as they were read here.
    :param tag: the server's name for it, in quotes.
    """

    size: int
    md5: bytes
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """All that was sent of an object.

    :param mark: nobody else's; it lies beside the object as metadata.
    :param whole: it went in one request.
    """

    mark: str
    parts: Sequence[SentPart]
    whole: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.size for part in self.parts)

    @property
    def tag(self) -> str:
        """The ETag of a server that stored the same bytes: their MD5, or the one of their parts' MD5s."""
        if self.whole:
            return self.parts[0].md5.hex()
        digests = b"".join(part.md5 for part in self.parts)
        return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(self.parts)}"
