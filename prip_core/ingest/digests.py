"""The one read of a product: every byte feeds the digests and the container's walk while a storage takes it."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from blake3 import blake3

from prip_core.errors import PripError, ProductRejected, TransientError
from prip_core.ingest.members import BLOCK
from prip_core.ingest.walks import Walk
from prip_core.model import MemberDigest

THREADED_FROM = 8 * 1024 * 1024
"""Files from this size on have their digests computed on a second thread; bytes."""

_READ_AHEAD = 8


class Hash(Protocol):
    """What all digests offer."""

    def update(self, data: bytes, /) -> object: ...

    def hexdigest(self) -> str: ...


_ALGORITHMS: Mapping[str, Callable[[], Hash]] = {
    "MD5": lambda: hashlib.md5(usedforsecurity=False),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
    "SHA3-256": hashlib.sha3_256,
    "BLAKE3": blake3,
}


def algorithm_of(name: str) -> str:
    """The digest algorithm of a name, as OData writes it: ``md5`` and ``SHA-256`` are ``MD5`` and ``SHA256``.

    :raises ProductRejected: none that this delivery point computes.
    """
    plain = name.upper().replace("_", "-")
    for known in _ALGORITHMS:
        if plain in (known, known.replace("SHA", "SHA-", 1)):
            return known
    raise ProductRejected(f"no digest is called {name!r} here; there are {', '.join(_ALGORITHMS)}")


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

    :param size: the bytes that the file must have.
    :param algorithms: digests to compute, MD5 and BLAKE3 always among them.
    :param go_on: called before each block; raises to stop the read (the lease is lost).

    What stops the read is kept, because a storage may turn it into an error of its own.
    """

    def __init__(
        self, path: Path, walk: Walk, *, size: int, algorithms: Sequence[str], go_on: Callable[[], None]
    ) -> None:
        super().__init__()
        self._failure: PripError | None = None
        self._file = path.open("rb", buffering=0)
        self._walk = walk
        self.size = size
        self._go_on = go_on
        self._position = 0
        self._before = self._fingerprint()
        self._wanted = tuple(dict.fromkeys(("MD5", *algorithms)))
        self._hashes = {name: _ALGORITHMS[name]() for name in dict.fromkeys((*self._wanted, "BLAKE3"))}
        self._updates = _Updates([hash_ for name, hash_ in self._hashes.items() if name != "BLAKE3"], size)

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
        self._updates.add(block)
        self._hashes["BLAKE3"].update(block)
        self._walk.feed(block)

    def _fingerprint(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    def finish(self) -> ReadProduct:
        """What was seen, when everything has been read; whatever is left is read now.

        :raises ProductRejected: the container is damaged (rule QC-04).
        :raises TransientError: the file changed meanwhile.
        """
        while self.read(BLOCK):
            pass
        self._updates.finish()
        if self._position != self.size or self._fingerprint() != self._before:
            raise TransientError(f"the file changed while it was read ({self._position} of {self.size} bytes)")
        values = {name: hash_.hexdigest() for name, hash_ in self._hashes.items()}
        members = self._walk.finish(MemberDigest(size=self.size, blake3=values["BLAKE3"]))
        return ReadProduct(size=self.size, checksums={name: values[name] for name in self._wanted}, members=members)

    def close(self) -> None:
        if not self.closed:
            self._updates.close()
            self._file.close()
        super().close()


class _Updates:
    """Feeds the slow digests: at once for a small file, on a thread of their own, in order, for a big one."""

    def __init__(self, hashes: Sequence[Hash], size: int) -> None:
        self._hashes = hashes
        self._thread = ThreadPoolExecutor(1, "digest") if size >= THREADED_FROM else None
        self._pending: deque[Future[None]] = deque()

    def add(self, block: bytes) -> None:
        if self._thread is None:
            self._update(block)
            return
        self._pending.append(self._thread.submit(self._update, block))
        if len(self._pending) > _READ_AHEAD:
            self._pending.popleft().result()

    def _update(self, block: bytes) -> None:
        for hash_ in self._hashes:
            hash_.update(block)

    def finish(self) -> None:
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
