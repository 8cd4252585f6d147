"""Walks over a container as its bytes stream by: digests of members, and whether the container is whole to its end."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Protocol

from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.members import BLOCK
from prip_core.ingest.tars import GzippedTarFiles, TarFiles
from prip_core.ingest.zip_walk import ZipWalk
from prip_core.ingest.zips import ZipFiles
from prip_core.interfaces import ProductFiles
from prip_core.model import MemberDigest
from prip_core.rules import refusal

_TAR_BLOCK = 512
_ZEROS = bytes(BLOCK)

GZIP_MEMBER_LIMIT = 100_000
"""The most gzip members (RFC 1952, section 2.2) that a gzipped tar may have: there is one, or one for each 64 KiB.

An empty one has twenty bytes, and to begin it takes a thousand times as long as to read them.
"""


class Walk(Protocol):
    """Sees every byte of a delivered file once, in order."""

    def feed(self, block: bytes) -> None:
        """Take the next bytes.

        :raises ProductRejected: the container is damaged here (rule QC-04).
        """

    def finish(self) -> Mapping[str, MemberDigest]:
        """The members' digests, when all bytes have been fed.

        :raises ProductRejected: the container does not end as it must (rule QC-04).
        """

    def close(self) -> None:
        """Let go of what the digests need. Repeating it is fine."""


def walk_over(files: ProductFiles, digests: MemberDigests) -> Walk:
    """The walk that fits a view made by :func:`prip_core.ingest.package.open_product`.

    :param digests: new ones; the walk feeds and closes them.
    """
    if isinstance(files, GzippedTarFiles):
        return _GzippedTarWalk(files, digests)
    if isinstance(files, TarFiles):
        return _TarWalk(files, digests)
    return ZipWalk(files, digests) if isinstance(files, ZipFiles) else _BareWalk(files, digests)


class _BareWalk:
    """A bare file has no inner form: its one member is itself."""

    def __init__(self, files: ProductFiles, digests: MemberDigests) -> None:
        self._name = files.names()[0]
        self._digests = digests
        self.close = digests.close

    def feed(self, block: bytes) -> None:
        self._digests.update(self._name, block)

    def finish(self) -> Mapping[str, MemberDigest]:
        self._digests.end(self._name)
        return self._digests.finish()


class _TarWalk:
    """Cuts the stream where the index says that members lie, and demands zeros behind the last one.

    The index was read from the same file by header checksums; whatever it did not take for a header stands where
    the closing zeros must be, so a bad header, a lost end and trailing bytes all show there.
    """

    def __init__(self, files: TarFiles, digests: MemberDigests) -> None:
        self._extents = files.extents
        self._end = files.end
        self._next = 0
        self._position = 0
        self._digests = digests
        self.close = digests.close
        self._close_finished()

    def feed(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            taken = self._take(rest)
            self._position += taken
            rest = rest[taken:]
            self._close_finished()

    def _take(self, rest: memoryview) -> int:
        if self._next == len(self._extents):
            return self._take_end(rest)
        extent = self._extents[self._next]
        if self._position < extent.start:
            return min(len(rest), extent.start - self._position)
        taken = min(len(rest), extent.start + extent.size - self._position)
        self._digests.update(extent.name, rest[:taken])
        return taken

    def _take_end(self, rest: memoryview) -> int:
        if self._position < self._end:
            return min(len(rest), self._end - self._position)
        taken = min(len(rest), len(_ZEROS))
        if bytes(rest[:taken]) != _ZEROS[:taken]:  # views are compared byte by byte
            raise refusal("QC-04", f"the tar is damaged behind byte {self._position}: zeros or a member must follow")
        return taken

    def _close_finished(self) -> None:
        while self._next < len(self._extents):
            extent = self._extents[self._next]
            if self._position < extent.start + extent.size:
                return
            self._digests.end(extent.name)
            self._next += 1

    def finish(self) -> Mapping[str, MemberDigest]:
        if self._position < self._end + 2 * _TAR_BLOCK:
            raise refusal("QC-04", "the tar does not end with two zero blocks")
        if self._position % _TAR_BLOCK:
            raise refusal("QC-03", f"the tar has {self._position} bytes, which is no multiple of {_TAR_BLOCK}")
        return self._digests.finish()


class _GzippedTarWalk:
    """Unfolds the stream on the way; zlib checks each gzip member's CRC and length."""

    def __init__(self, files: GzippedTarFiles, digests: MemberDigests) -> None:
        self._tar = _TarWalk(files, digests)
        self.close = digests.close
        self._limit = files.unfolding_limit
        self._unfolded = 0
        self._members = 1
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def feed(self, block: bytes) -> None:
        try:
            self._unfold(block)
        except zlib.error as error:
            raise refusal("QC-04", f"the gzip stream is damaged: {error}") from error

    def _unfold(self, rest: bytes) -> None:
        while rest:
            if self._gzip.eof:
                self._begin_member()
            unfolded = self._gzip.decompress(rest, BLOCK)
            self._unfolded += len(unfolded)
            if self._unfolded > self._limit:
                raise refusal("QC-05", f"it unfolds to more than {self._limit} bytes")
            self._tar.feed(unfolded)
            rest = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > GZIP_MEMBER_LIMIT:
            raise refusal("QC-05", f"it has more than {GZIP_MEMBER_LIMIT} gzip members")
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def finish(self) -> Mapping[str, MemberDigest]:
        if not self._gzip.eof:
            raise refusal("QC-04", "the gzip stream ends before its trailer")
        return self._tar.finish()
