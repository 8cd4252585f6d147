"""The walk over a zip: its members are unfolded and checked as they stream by, where its directory says they lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from prip_core.errors import ProductRejected
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.members import BLOCK
from prip_core.ingest.zips import STORED, ZipFiles, ZipMember
from prip_core.model import MemberDigest
from prip_core.rules import refusal

_HEADER = struct.Struct("<4s22xHH")
"""Signature, length of the name and of the extra field of the header in front of a member."""

_SIGNATURE = b"PK\x03\x04"


class ZipWalk:
    """Cuts the stream where the directory says that members lie.

    What lies between them, and the directory itself, holds no bytes of a member and is passed over.
    """

    def __init__(self, files: ZipFiles, digests: MemberDigests) -> None:
        self._waiting: Iterator[ZipMember] = iter(sorted(files.members, key=lambda member: member.start))
        self._digests = digests
        self.close = digests.close
        self._position = 0
        self._member = next(self._waiting, None)
        self._header = bytearray()
        self._content: _Content | None = None

    def feed(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            taken = self._take(rest)
            self._position += taken
            rest = rest[taken:]

    def finish(self) -> Mapping[str, MemberDigest]:
        if self._member is not None:
            raise refusal("QC-04", "the zip ends before this member does", self._member.name)
        return self._digests.finish()

    def _take(self, rest: memoryview) -> int:
        """Take some of what comes next; at least a byte."""
        member = self._member
        if member is None:
            return len(rest)
        if self._position < member.start:
            return min(len(rest), member.start - self._position)
        if self._content is None:
            return self._take_header(member, rest)
        taken = self._content.take(rest)
        self._end_if_complete(self._content)
        return taken

    def _take_header(self, member: ZipMember, rest: memoryview) -> int:
        if self._position > member.start + len(self._header):
            raise refusal("QC-04", "the zip states that two members share their bytes", member.name)
        taken = min(len(rest), self._header_size(member) - len(self._header))
        self._header += rest[:taken]
        if len(self._header) == self._header_size(member):
            self._check_name(member)
            self._header.clear()
            self._content = _Content(member, self._digests)
            self._end_if_complete(self._content)
        return taken

    def _header_size(self, member: ZipMember) -> int:
        if len(self._header) < _HEADER.size:
            return _HEADER.size
        signature, name, extra = _HEADER.unpack_from(self._header)
        if signature != _SIGNATURE:
            raise _elsewhere(member)
        return _HEADER.size + int(name) + int(extra)

    def _check_name(self, member: ZipMember) -> None:
        _, length, _ = _HEADER.unpack_from(self._header)
        if self._header[_HEADER.size : _HEADER.size + length] != member.raw_name:
            raise _elsewhere(member)

    def _end_if_complete(self, content: _Content) -> None:
        if content.is_complete:
            content.end()
            self._content = None
            self._member = next(self._waiting, None)


def _elsewhere(member: ZipMember) -> ProductRejected:
    return refusal("QC-04", "the zip's directory says that it lies where it does not", member.name)


class _Content:
    """The bytes of one member, unfolded."""

    def __init__(self, member: ZipMember, digests: MemberDigests) -> None:
        self._member = member
        self._digests = digests
        self._left = member.packed
        self._crc = 0
        self._size = 0
        self._unfolding: _Unfolding = _Stored() if member.method == STORED else zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def is_complete(self) -> bool:
        """All packed bytes have gone by."""
        return not self._left

    def take(self, rest: memoryview) -> int:
        taken = min(len(rest), self._left)
        self._left -= taken
        try:
            self._unfold(rest[:taken])
        except zlib.error as error:
            raise refusal("QC-04", f"it cannot be unfolded: {error}", self._member.name) from error
        return taken

    def end(self) -> None:
        """The member is over: it must have been what the directory says.

        :raises ProductRejected: it was not.
        """
        size = self._digests.end(self._member.name)
        if size != self._member.size or not self._unfolding.eof:
            raise refusal("QC-04", f"it has {size} bytes, the zip states {self._member.size}", self._member.name)
        if self._crc != self._member.crc:
            raise refusal("QC-04", "its CRC-32 is not the one that the zip states", self._member.name)

    def _unfold(self, packed: bytes | memoryview) -> None:
        unfolded = b""
        while packed or len(unfolded) == BLOCK:
            unfolded = self._unfolding.decompress(packed, BLOCK)
            self._see(unfolded)
            if self._unfolding.unused_data:
                raise refusal("QC-04", "it goes on behind its end", self._member.name)
            packed = self._unfolding.unconsumed_tail

    def _see(self, unfolded: bytes) -> None:
        self._size += len(unfolded)
        if self._size > self._member.size:
            raise refusal(
                "QC-04", f"it has more than the {self._member.size} bytes that the zip states", self._member.name
            )
        self._crc = zlib.crc32(unfolded, self._crc)
        self._digests.update(self._member.name, unfolded)


class _Unfolding(Protocol):
    """What :func:`zlib.decompressobj` makes."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


class _Stored:
    """A member that was not folded at all."""

    eof = True
    unconsumed_tail = b""
    unused_data = b""

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        del max_length  # no more comes out than goes in
        return bytes(data)
