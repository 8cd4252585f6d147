"""Delivered files as one view: bare file, tar, gzipped tar and zip, read in place, hostile members refused."""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from prip_core.errors import ProductRejected
from prip_core.interfaces import ProductFiles
from prip_core.model import Finding, Severity

MEMBER_LIMIT = 100_000
"""The most members a container may have (a real datastrip has about a hundred)."""

EXPANSION_LIMIT = 200
"""How many times its own size a compressed container may unfold to (real metadata reaches 30)."""

SMALL_CONTAINER = 64 * 1024 * 1024
"""Unfolding to less than this is never a bomb, whatever the ratio; bytes."""

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def open_product(path: Path) -> ProductFiles:
    """The view of a delivered file. What it is follows from its first bytes, not from its suffix.

    The view holds the file open until it is garbage-collected or left as a context manager.

    :raises ProductRejected: a folder, an unreadable container, or hostile members (rules QC-03 to QC-05).
    """
    if path.is_dir():
        raise _rejected(
            "QC-03",
            f"{path.name} is a folder; one product is one file: deliver it as one tar or zip, or as a bare file",
        )
    try:
        return _view(path)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise _rejected("QC-04", f"{path.name} cannot be read as a container: {error}") from error


def _view(path: Path) -> ProductFiles:
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise _rejected("QC-03", f"{path.name} is empty")
    if head.startswith(_ZIP):
        return _ZipFiles(path)
    if head.startswith(_GZIP):
        return _TarFiles(path, "gzipped tar") if _unfolds_to_tar(path) else _BareFile(path)
    return _TarFiles(path, "tar") if head[257:262] == b"ustar" else _BareFile(path)


def _unfolds_to_tar(path: Path) -> bool:
    with gzip.open(path) as unfolded:
        return unfolded.read(512)[257:262] == b"ustar"


class _Members(ProductFiles):
    """What all containers share: a table of safe names and sizes, and bounded reading."""

    _container: str

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    @property
    def container(self) -> str:
        return self._container

    def names(self) -> Sequence[str]:
        return tuple(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def read(self, name: str, limit: int) -> bytes:
        if self.size(name) > limit:
            raise _rejected("QC-07", f"it has {self.size(name)} bytes, at most {limit} are read", name)
        with self.open(name) as member:
            return member.read(limit + 1)

    def _add(self, name: str, size: int) -> None:
        safe = _safe_name(name)
        if safe in self._sizes:
            raise _rejected("QC-05", "the container holds this name twice", safe)
        if len(self._sizes) >= MEMBER_LIMIT:
            raise _rejected("QC-05", f"the container has more than {MEMBER_LIMIT} members")
        self._sizes[safe] = size


class _BareFile(_Members):
    _container = "file"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._add(path.name, path.stat().st_size)

    def open(self, name: str) -> BinaryIO:
        self.size(name)
        return self._path.open("rb")


class _TarFiles(_Members):
    def __init__(self, path: Path, container: str) -> None:
        super().__init__()
        self._container = container
        self._infos: dict[str, tarfile.TarInfo] = {}
        opener: Callable[[Path], tarfile.TarFile] = tarfile.open
        self._tar = opener(path)
        budget = max(SMALL_CONTAINER, EXPANSION_LIMIT * path.stat().st_size)
        for info in self._tar:
            if info.offset_data + info.size > budget:
                raise _rejected("QC-05", f"it unfolds to more than {EXPANSION_LIMIT} times its size", info.name)
            self._index(info)

    def _index(self, info: tarfile.TarInfo) -> None:
        if info.isdir():
            _safe_name(info.name)
        elif not info.isreg():
            raise _rejected("QC-05", "links, devices and other special members are refused", info.name)
        else:
            self._add(info.name, info.size)
            self._infos[_safe_name(info.name)] = info

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._tar.extractfile(self._infos[name]))


class _ZipFiles(_Members):
    _container = "zip"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._zip = zipfile.ZipFile(path)
        for info in self._zip.infolist():
            self._index(info)
        unfolded = sum(self._sizes.values())
        if unfolded > max(SMALL_CONTAINER, EXPANSION_LIMIT * path.stat().st_size):
            raise _rejected("QC-05", f"it unfolds to more than {EXPANSION_LIMIT} times its size")

    def _index(self, info: zipfile.ZipInfo) -> None:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            _safe_name(info.filename)
        elif kind not in (0, stat.S_IFREG):
            raise _rejected("QC-05", "links, devices and other special members are refused", info.filename)
        elif info.flag_bits & 0x1:
            raise _rejected("QC-04", "it is encrypted", info.filename)
        else:
            self._add(info.filename, info.file_size)

    def open(self, name: str) -> BinaryIO:
        self.size(name)
        return cast("BinaryIO", self._zip.open(name))


def _safe_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
        raise _rejected("QC-05", "absolute names, '..', backslashes and empty names are refused", name)
    return str(path)


def _rejected(rule: str, message: str, member: str | None = None) -> ProductRejected:
    finding = Finding(rule=rule, severity=Severity.ERROR, message=message, member=member)
    return ProductRejected(f"{member}: {message}" if member else message, (finding,))
