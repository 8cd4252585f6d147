"""Zips as a view: the central directory is the index, members are read in place."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from prip_core.ingest.members import EXPANSION_LIMIT, Members, safe_name, unfolding_limit
from prip_core.rules import refusal


class ZipFiles(Members):
    """A zip.

    :raises ProductRejected: links, hostile names, encrypted members, or a bomb (QC-04, QC-05).
    """

    _container = "zip"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._zip = zipfile.ZipFile(path)
        for info in self._zip.infolist():
            self._index(info)
        if sum(self._sizes.values()) > unfolding_limit(path):
            raise refusal("QC-05", f"it unfolds to more than {EXPANSION_LIMIT} times its size")

    def _index(self, info: zipfile.ZipInfo) -> None:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            safe_name(info.filename)
        elif kind not in (0, stat.S_IFREG):
            raise refusal("QC-05", "links, devices and other special members are refused", info.filename)
        elif info.flag_bits & 0x1:
            raise refusal("QC-04", "it is encrypted", info.filename)
        elif info.header_offset < 0:
            raise refusal("QC-04", "the zip states that it lies in front of the file", info.filename)
        else:
            self._infos[self._add(info.filename, info.file_size)] = info

    def open(self, name: str) -> BinaryIO:
        try:
            return cast("BinaryIO", self._zip.open(self._infos[name]))
        except NotImplementedError as error:
            raise refusal("QC-04", f"it cannot be unpacked: {error}; pack it by deflate or store it", name) from error

    def close(self) -> None:
        self._zip.close()
