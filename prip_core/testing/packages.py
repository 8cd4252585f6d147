"""Containers for built products: tar and zip written as the production chains write them."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import shutil
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO, Protocol

_BLOCK = 1024 * 1024


class Content(Protocol):
    """What a member holds: its length is known before a byte of it exists."""

    def __len__(self) -> int: ...

    def open(self) -> BinaryIO: ...


class Filler(io.RawIOBase):
    """So many bytes of image data that looks compressed: repeatable, cheap to make, any size."""

    def __init__(self, size: int, seed: int = 0) -> None:
        self._size, self._seed, self._position = size, seed, 0

    def __len__(self) -> int:
        return self._size

    def open(self) -> BinaryIO:
        return io.BufferedReader(Filler(self._size, self._seed), _BLOCK)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._position)
        buffer[:wanted] = _noise(self._seed, self._position, wanted)
        self._position += wanted
        return wanted


def write_tar(path: Path, members: Mapping[str, bytes | Content]) -> None:
    """An uncompressed tar closed by two zero blocks, not padded to a record, as the Sentinel-2 chains write it."""
    with path.open("wb") as file:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(content), 1_754_031_600, 0o644
            file.write(info.tobuf(tarfile.PAX_FORMAT))
            _copy(content, file)
            file.write(b"\0" * (-info.size % 512))
        file.write(b"\0" * 1024)


def write_gzipped_tar(path: Path, members: Mapping[str, bytes | Content]) -> None:
    """A gzipped tar, as auxiliary files are delivered (``.TGZ``)."""
    unpacked = path.with_name(f"{path.name}.unpacked")
    write_tar(unpacked, members)
    with unpacked.open("rb") as source, gzip.GzipFile(path, "wb", mtime=0) as target:
        shutil.copyfileobj(source, target)
    unpacked.unlink()


def write_zip(path: Path, members: Mapping[str, bytes | Content]) -> None:
    """A zip whose members are stored, as image data hardly shrinks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as container:
        for name, content in members.items():
            with container.open(zipfile.ZipInfo(name, (2025, 8, 1, 7, 40, 0)), "w") as member:
                _copy(content, member)


def digest_of(content: bytes | Content, algorithm: str) -> str:
    """The digest of what a member holds, lower-case hex.

    :param algorithm: as :mod:`hashlib` calls it: ``md5``, ``sha3_256``.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for block in _blocks(content):
        digest.update(block)
    return digest.hexdigest()


def _copy(content: bytes | Content, target: IO[bytes]) -> None:
    for block in _blocks(content):
        target.write(block)


def _blocks(content: bytes | Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open() as source:
        while block := source.read(_BLOCK):
            yield block


def _noise(seed: int, position: int, size: int) -> bytes:
    block = _noise_block(seed % 16)
    start = position % _BLOCK
    repeated = block if start + size <= _BLOCK else block * (2 + size // _BLOCK)
    return repeated[start : start + size]


@cache
def _noise_block(seed: int) -> bytes:
    return random.Random(seed).randbytes(_BLOCK)  # noqa: S311 - filler, not a secret
