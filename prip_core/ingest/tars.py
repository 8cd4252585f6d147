"""Tars and gzipped tars as a view: indexed once, members read in place."""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import dataclass
from typing import BinaryIO, cast

from prip_core.ingest.delivered import DeliveredFile
from prip_core.ingest.members import GuardedReads, Members, safe_name, unfolding_limit
from prip_core.rules import refusal

HEADER_LIMIT = 1024 * 1024
"""The most bytes that one header (a long name, extended attributes) may have."""

LONG_HEADERS_LIMIT = 16 * 1024 * 1024
"""The most bytes that all long names and extended attributes may have together: they are kept in memory."""

KEPT_MEMBER = 4 * 1024 * 1024
"""Members of a gzipped tar up to this size are kept as they go by; bytes."""

KEPT_TOTAL = 64 * 1024 * 1024
"""How much of a gzipped tar is kept in all; bytes."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a member's bytes lie in the (unfolded) tar: offset of the first, and how many."""

    name: str
    start: int
    size: int


class TarFiles(Members):
    """A tar. Its index holds only what lies in front of the first thing that is no header; ``end`` says where.

    :raises ProductRejected: links, devices, hostile names, or a member that reaches beyond the file (QC-04, QC-05).
    """

    _container = "tar"

    def __init__(self, file: DeliveredFile) -> None:
        super().__init__()
        self.extents: list[Extent] = []
        self.end = 0
        self._infos: dict[str, tarfile.TarInfo] = {}
        self._long_headers = 0
        self._limit = self._tar_limit(file)
        self._file = _BoundedReads(self._open_file(file))
        with self._file.bounded():
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115 - close() closes it
            for info in self._tar:
                self._index(info)

    @property
    def held(self) -> int:
        return super().held + self._long_headers

    def _open_file(self, file: DeliveredFile) -> BinaryIO:
        return file.open()

    def _tar_limit(self, file: DeliveredFile) -> int:
        return file.size

    def _index(self, info: tarfile.TarInfo) -> None:
        self._count()
        size = info.size if info.isreg() else 0
        if not (info.isreg() or info.isdir()) or info.issparse():
            raise refusal("QC-05", "links, devices and other special members are refused", info.name)
        self._long_headers += info.offset_data - info.offset - tarfile.BLOCKSIZE
        if self._long_headers > LONG_HEADERS_LIMIT:
            raise refusal("QC-05", f"long names and extended headers have more than {LONG_HEADERS_LIMIT} bytes")
        if size < 0 or info.offset_data + size > self._limit:
            raise self._too_long(info.name)
        self.end = info.offset_data + size + -size % tarfile.BLOCKSIZE
        if info.isreg():
            name = self._add(info.name, size)
            self._infos[name] = info
            self.extents.append(Extent(name, info.offset_data, size))
        elif info.name != ".":
            safe_name(info.name)

    def _too_long(self, member: str) -> Exception:
        return refusal("QC-04", "the tar ends before this member does", member)

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._tar.extractfile(self._infos[name]))

    def close(self) -> None:
        self._tar.close()
        self._file.close()


class GzippedTarFiles(TarFiles):
    """A gzipped tar. It is unfolded once, for the index; small members are kept in memory on the way."""

    _container = "gzipped tar"

    def __init__(self, file: DeliveredFile) -> None:
        self._kept: dict[str, bytes] = {}
        self._kept_bytes = 0
        super().__init__(file)

    def _open_file(self, file: DeliveredFile) -> BinaryIO:
        self._folded = file.open()
        return cast("BinaryIO", gzip.open(self._folded))

    @property
    def held(self) -> int:
        return super().held + self._kept_bytes

    def close(self) -> None:
        super().close()
        self._folded.close()

    def _tar_limit(self, file: DeliveredFile) -> int:
        return unfolding_limit(file)

    @property
    def unfolding_limit(self) -> int:
        """The most bytes that it may unfold to."""
        return self._limit

    def _too_long(self, member: str) -> Exception:
        return refusal("QC-05", f"it unfolds to more than {self._limit} bytes", member)

    def _index(self, info: tarfile.TarInfo) -> None:
        super()._index(info)
        if info.isreg() and info.size <= min(KEPT_MEMBER, KEPT_TOTAL - self._kept_bytes):
            content = self._read_whole(info)
            self._kept[safe_name(info.name)] = content
            self._kept_bytes += len(content)

    def _read_whole(self, info: tarfile.TarInfo) -> bytes:
        with self._file.unbounded(), cast("BinaryIO", self._tar.extractfile(info)) as member:
            content = member.read()
        if len(content) != info.size:
            raise refusal("QC-04", "the tar ends before this member does", info.name)
        return content

    def open(self, name: str) -> BinaryIO:
        if name in self._kept:
            return io.BytesIO(self._kept[name])
        return super().open(name)


class _BoundedReads(GuardedReads):
    """A file whose single reads are bounded while headers are read: ``tarfile`` trusts the length that they state."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._bounds: list[int | None] = [None]

    def bounded(self) -> _Bound:
        return _Bound(self._bounds, HEADER_LIMIT)

    def unbounded(self) -> _Bound:
        return _Bound(self._bounds, None)

    def read(self, size: int | None = -1) -> bytes:
        bound, wanted = self._bounds[-1], -1 if size is None else size
        if bound is not None and not 0 <= wanted <= bound:
            raise tarfile.ReadError(f"a header states a length of {wanted} bytes, at most {bound} are read")
        return self._file.read(wanted)


class _Bound:
    def __init__(self, bounds: list[int | None], bound: int | None) -> None:
        self._bounds, self._bound = bounds, bound

    def __enter__(self) -> None:
        self._bounds.append(self._bound)

    def __exit__(self, *_: object) -> None:
        self._bounds.pop()
