"""Delivered files as one view: bare file, tar, gzipped tar and zip, read in place, hostile members refused."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prip_core.ingest.delivered import DeliveredFile, delivered_file
from prip_core.ingest.members import BareFile, Members
from prip_core.ingest.tars import GzippedTarFiles, TarFiles
from prip_core.ingest.zips import ZipFiles
from prip_core.rules import refusal

_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError)
_CRAFTED = (*_DAMAGE, ValueError, OverflowError, RecursionError, NotImplementedError)
"""What the standard library raises over a table of contents that is made to do harm, or beyond it."""

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def open_product(delivered: Path | DeliveredFile) -> Members:
    """The view of a delivered file, usually a path. What it is follows from its first bytes, not from its suffix.

    The view holds the file open until it is closed, left as a context manager, or garbage-collected.

    :raises ProductRejected: a folder, an unreadable container, or hostile members (rules QC-03 to QC-05).
    """
    file = delivered_file(delivered)
    if file.path is not None and file.path.is_dir():
        raise refusal(
            "QC-03",
            f"{file.name} is a folder; one product is one file: deliver it as one tar or zip, or as a bare file",
        )
    try:
        return _view(file)
    except _CRAFTED as error:
        raise refusal("QC-04", f"{file.name} cannot be read as a container: {error}") from error


@contextmanager
def damage_refused(name: str) -> Iterator[None]:
    """Turn what reading a damaged member raises into a refusal.

    :param name: the product.
    :raises ProductRejected: a member cannot be read (rule QC-04).
    """
    try:
        yield
    except _DAMAGE as error:
        raise refusal("QC-04", f"{name} cannot be read to its end: {error}") from error


def _view(file: DeliveredFile) -> Members:
    with file.open() as opened:
        head = opened.read(512)
    if not head:
        raise refusal("QC-03", f"{file.name} is empty")
    if head.startswith(_ZIP):
        return ZipFiles(file)
    if head.startswith(_GZIP):
        return GzippedTarFiles(file) if _unfolds_to_tar(file) else BareFile(file)
    return TarFiles(file) if _is_tar(head) else BareFile(file)


def _unfolds_to_tar(file: DeliveredFile) -> bool:
    with file.open() as folded, gzip.open(folded) as unfolded:
        return _is_tar(unfolded.read(512))


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"
