"""Zips whose directory and members do not agree: refused, wherever the lie is."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest import zips
from prip_core.ingest.digests import DigestReader, ReadProduct
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.walks import walk_over

NOISE = random.Random(3).randbytes(5000)
CONTENT = {"TOP/a": NOISE + bytes(3_000_000), "TOP/b": NOISE}
_CENTRAL = b"PK\x01\x02"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "P.zip", "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in CONTENT.items():
            container.writestr(name, content)
    return tmp_path / "P.zip"


def read(path: Path, block: int = 1000) -> ReadProduct:
    size = path.stat().st_size
    with damage_refused(path.name), open_product(path) as files:
        walk = walk_over(files, MemberDigests({}, size=size))
        with DigestReader(path, walk, size=size, algorithms=(), go_on=lambda: None) as reader:
            while reader.read(block):
                pass
            return reader.finish()


def in_directory(path: Path, number: int, at: int, form: str, change: Callable[[int], int]) -> None:
    """Change a field of the directory's entry of a member."""
    content = bytearray(path.read_bytes())
    entry = [index for index in range(len(content)) if content.startswith(_CENTRAL, index)][number]
    (value,) = struct.unpack_from(form, content, entry + at)
    struct.pack_into(form, content, entry + at, change(value))
    path.write_bytes(content)


def test_what_unfolds_far_is_digested_whole(path: Path) -> None:
    assert {name: digest.size for name, digest in read(path).members.items()} == {
        name: len(content) for name, content in CONTENT.items()
    }


@pytest.mark.parametrize(
    ("number", "at", "form", "change", "reason"),
    [
        (0, 24, "<I", lambda size: size - 1, "more than the 3004999 bytes that the zip states"),
        (0, 24, "<I", lambda size: size + 1, "it has 3005000 bytes, the zip states 3005001"),
        (0, 16, "<I", lambda crc: crc ^ 1, "CRC-32"),
        (0, 20, "<I", lambda packed: packed - 9, "the zip states 3005000"),
        (0, 20, "<I", lambda packed: packed + 9, "goes on behind its end"),
        (1, 20, "<I", lambda packed: packed + (1 << 20), "goes on behind its end"),
        (1, 42, "<I", lambda start: start + 3, "lies where it does not"),
        (1, 42, "<I", lambda start: 0, "share their bytes"),
        (0, 42, "<I", lambda start: start + (1 << 24), "the zip ends before this member does"),
    ],
)
def test_a_directory_that_lies_is_found_out(
    number: int, at: int, form: str, change: Callable[[int], int], reason: str, path: Path
) -> None:
    in_directory(path, number, at, form, change)
    with pytest.raises(ProductRejected) as refused:
        read(path)
    assert reason in refused.value.reason
    assert [finding.rule for finding in refused.value.findings] == ["QC-04"]


def test_a_header_of_another_name_is_found_out(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"TOP/b", b"TOP/c", 1))
    with pytest.raises(ProductRejected, match="lies where it does not"):
        read(path)


def test_a_stream_that_is_no_deflate_is_found_out(path: Path) -> None:
    content = path.read_bytes()
    packed = zlib.compress(NOISE)[2:12]
    start = content.index(b"TOP/b") + 5
    path.write_bytes(content[:start] + b"\xff" * len(packed) + content[start + len(packed) :])
    with pytest.raises(ProductRejected, match="cannot be unfolded"):
        read(path)


def test_a_directory_with_too_many_entries_is_refused_before_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MEMBER_LIMIT", 1)
    with pytest.raises(ProductRejected, match="more than 1 members") as refused:
        open_product(path)
    assert refused.value.findings[0].rule == "QC-05"


def test_a_directory_that_is_too_large_is_refused_before_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "DIRECTORY_LIMIT", 90)
    with pytest.raises(ProductRejected, match="the zip's directory has 102 bytes, at most 90 are read"):
        open_product(path)
