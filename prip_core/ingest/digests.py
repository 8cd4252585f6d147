"""The one read of a product: every byte feeds the digests and the container's walk while a storage takes it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prip_core.errors import PripError, TransientError
from prip_core.ingest.algorithms import new_hash
from prip_core.ingest.delivered import DeliveredFile, delivered_file
from prip_core.ingest.lanes import Lane
from prip_core.ingest.members import BLOCK
from prip_core.ingest.sameness import FileFacts, changed
from prip_core.ingest.walks import Walk
from prip_core.model import MemberDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProduct:
    """What the one read saw.

    :param checksums: algorithm → lower-case hex, in the order asked for, MD5 first.
    :param members: member name → digest.
    """

    size: int
    checksums: Mapping[str, str]
    members: Mapping[str, MemberDigest]


class DigestReader(io.RawIOBase):
    """A product's file for a storage to read from, which never reads it twice.

    :param delivered: usually a path.
    :param size: the bytes that the file must have.
    :param algorithms: digests to compute, MD5 and BLAKE3 always among them.
    :param go_on: called before each block; raises to stop the read (the lease is lost).

    What stops the read is kept, because a storage may turn it into an error of its own.
    """

    def __init__(
        self,
        delivered: Path | DeliveredFile,
        walk: Walk,
        *,
        size: int,
        algorithms: Sequence[str],
        go_on: Callable[[], None],
    ) -> None:
        super().__init__()
        self._failure: PripError | None = None
        file = delivered_file(delivered)
        self._file = file.open(buffered=False)
        self._is_here = file.path is not None
        self._walk = walk
        self.size = size
        self._go_on = go_on
        self._position = 0
        self._name = file.name
        self._before = self._facts()
        self._wanted = tuple(dict.fromkeys(("MD5", *algorithms)))
        self._hashes = {name: new_hash(name) for name in dict.fromkeys((*self._wanted, "BLAKE3"))}
        self._slow = [hash_ for name, hash_ in self._hashes.items() if name != "BLAKE3"]
        self._lane = Lane(size, "digests")

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._position

    def raise_failure(self) -> None:
        """Raise again what stopped the read, if anything has."""
        if self._failure is not None:
            raise self._failure

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Read exactly so many bytes, fewer only at the end of the file."""
        self.raise_failure()
        blocks = []
        while size and (block := self._next_block(size)):
            blocks.append(block)
            size -= len(block) if size > 0 else 0
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def _next_block(self, wanted: int) -> bytes:
        try:
            self._go_on()
            block = self._file.read(BLOCK if wanted < 0 else min(wanted, BLOCK))
            self._see(block)
        except PripError as error:
            self._failure = error
            raise
        return block

    def _see(self, block: bytes) -> None:
        self._position += len(block)
        if self._position > self.size:
            raise TransientError(f"the file has grown beyond its {self.size} bytes while it was read")
        self._lane.do(self._update, block)
        self._walk.feed(block)
        self._hashes["BLAKE3"].update(block)

    def _update(self, block: bytes | memoryview) -> None:
        for hash_ in self._slow:
            hash_.update(block)

    def _facts(self) -> FileFacts | None:
        return FileFacts.of(os.fstat(self._file.fileno())) if self._is_here else None

    def check(self, seen: FileFacts | None) -> None:
        """Make sure that the file is the one, and is as it was, when the work on it began. A stream does so by itself.

        :raises TransientError: it is not.
        """
        if self._facts() != seen:
            raise changed(self._name)

    def finish(self) -> ReadProduct:
        """What was seen, when everything has been read; whatever is left is read now.

        :raises ProductRejected: the container is damaged (rule QC-04).
        :raises TransientError: the file changed meanwhile.
        """
        while self.read(BLOCK):
            pass
        self._lane.finish()
        self.check(self._before)
        if self._position != self.size:
            raise TransientError(f"the file changed while it was read ({self._position} of {self.size} bytes)")
        values = {name: hash_.hexdigest() for name, hash_ in self._hashes.items()}
        checksums = {name: values[name] for name in self._wanted}
        return ReadProduct(size=self.size, checksums=checksums, members=self._walk.finish())

    def close(self) -> None:
        if not self.closed:
            self._lane.close()
            self._walk.close()
            self._file.close()
        super().close()
