"""Zips as a view: the central directory is the index, members are read in place."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from prip_core.ingest.delivered import DeliveredFile
from prip_core.ingest.members import EXPANSION_LIMIT, MEMBER_LIMIT, GuardedReads, Members, safe_name, unfolding_limit
from prip_core.rules import refusal

STORED = zipfile.ZIP_STORED
_METHODS = (STORED, zipfile.ZIP_DEFLATED)
_UTF_8 = 0x800
_ENCRYPTED = 0x1

DIRECTORY_LIMIT = 32 * 1024 * 1024
"""The largest directory of a zip that is read; bytes."""

_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipMember:
    """What the directory says of a member.

    :param raw_name: its name as the zip writes it.
    :param start: offset of the header in front of it; bytes.
    :param packed: bytes that it takes in the zip.
    :param size: bytes that it unfolds to.
    """

    name: str
    raw_name: bytes
    start: int
    packed: int
    size: int
    crc: int
    method: int


class ZipFiles(Members):
    """A zip.

    :raises ProductRejected: links, hostile names, encrypted members, or a bomb (QC-04, QC-05).
    """

    _container = "zip"

    def __init__(self, file: DeliveredFile) -> None:
        super().__init__()
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._file = _GuardedFile(file.open())
        self._zip = zipfile.ZipFile(cast("BinaryIO", self._file))
        self._file.open_for_members()
        for info in self._zip.infolist():
            self._index(info)
        if sum(self._sizes.values()) > unfolding_limit(file):
            raise refusal("QC-05", f"it unfolds to more than {EXPANSION_LIMIT} times its size")

    @property
    def members(self) -> list[ZipMember]:
        """What the directory says of each member, in its order."""
        return [
            ZipMember(
                name=name,
                raw_name=info.orig_filename.encode("utf-8" if info.flag_bits & _UTF_8 else "cp437"),
                start=info.header_offset,
                packed=info.compress_size,
                size=info.file_size,
                crc=info.CRC,
                method=info.compress_type,
            )
            for name, info in self._infos.items()
        ]

    def _index(self, info: zipfile.ZipInfo) -> None:
        self._count()
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.filename.endswith("/"):
            safe_name(info.filename)
        elif kind not in (0, stat.S_IFREG):
            raise refusal("QC-05", "links, devices and other special members are refused", info.filename)
        elif info.flag_bits & _ENCRYPTED:
            raise refusal("QC-04", "it is encrypted", info.filename)
        elif info.header_offset < 0:
            raise refusal("QC-04", "the zip states that it lies in front of the file", info.filename)
        elif info.compress_type not in _METHODS:
            raise refusal("QC-04", "it cannot be unpacked: pack it by deflate or store it", info.filename)
        else:
            self._infos[self._add(info.filename, info.file_size)] = info

    def open(self, name: str) -> BinaryIO:
        try:
            return cast("BinaryIO", self._zip.open(self._infos[name]))
        except NotImplementedError as error:
            raise refusal("QC-04", f"it cannot be unpacked: {error}", name) from error

    def close(self) -> None:
        self._zip.close()
        self._file.close()


class _GuardedFile(GuardedReads):
    """A zip's file. ``zipfile`` reads the directory whole and makes an object of each entry, however many there are."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._is_guarded = True

    def open_for_members(self) -> None:
        """The directory has been read."""
        self._is_guarded = False

    def read(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        if not self._is_guarded:
            return self._file.read(wanted)
        if wanted > DIRECTORY_LIMIT:
            raise refusal("QC-05", f"the zip's directory has {wanted} bytes, at most {DIRECTORY_LIMIT} are read")
        content = self._file.read(min(wanted, DIRECTORY_LIMIT) if wanted >= 0 else DIRECTORY_LIMIT)
        if content.count(_ENTRY) > MEMBER_LIMIT:
            raise refusal("QC-05", f"the container has more than {MEMBER_LIMIT} members")
        return content
