"""Containers and XML that are made to do harm: each is refused with a reason, in bounded memory, and work goes on.

Each delivery point runs in a process of its own, whose memory is looked at when it has ended; one that does not end
fails its test.
"""

from __future__ import annotations

import gzip
import os
import signal
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from tests.e2e.promises import OURS, published

MEMORY = 200 * 1024 * 1024
"""The most that an ingest process may ever have had in memory; bytes."""

SECONDS = 240
MANY = 1_000_000 if os.environ.get("PRIP_SOAK") else 150_000
GIBIBYTE = 1 << 30
TILE = Sentinel2Specification()

Make = Callable[[Path], Path]


def tile(folder: Path) -> Path:
    """A good tile, whose tar is replaced."""
    return build_sentinel2(TILE, folder)


def tar_with(*hostile: tarfile.TarInfo) -> Make:
    """A good tile with a member more."""

    def make(folder: Path) -> Path:
        path = tile(folder)
        more = b"".join(each.tobuf(tarfile.GNU_FORMAT) for each in hostile)
        path.write_bytes(without_end(path) + more + bytes(1024))
        return path

    return make


def without_end(path: Path) -> bytes:
    """A tar up to its two zero blocks."""
    with tarfile.open(path) as tar:
        last = tar.getmembers()[-1]
    return path.read_bytes()[: last.offset_data + last.size + -last.size % 512]


def member(name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def headers(names: Iterable[str]) -> Iterator[bytes]:
    """Headers of empty members, made fast: only names and checksums differ."""
    template = bytearray(member("x" * 20).tobuf(tarfile.USTAR_FORMAT))
    template[148:156] = b" " * 8
    rest = sum(template) - sum(template[:20])
    for name in names:
        encoded = name.encode()
        template[:20] = encoded
        template[148:156] = b"%06o\0 " % (rest + sum(encoded))
        yield bytes(template)
        template[148:156] = b" " * 8


def many_members_of_a_tar(folder: Path) -> Path:
    path = tile(folder)
    with path.open("wb") as file:
        file.writelines(headers(f"TOP/{number:016d}" for number in range(MANY)))
        file.write(bytes(1024))
    return path


def many_members_of_a_zip(folder: Path) -> Path:
    """A directory of a million entries, all of them of the same bytes."""
    path = radar(folder)
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 11, 0)
    with path.open("wb") as file:
        file.write(header + b"TOP/0000000")
        start = file.tell()
        for number in range(MANY):
            entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0)
            file.write(entry + b"TOP/%07d" % number)
        size = file.tell() - start
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, MANY & 0xFFFF, MANY & 0xFFFF, size, start, 0))
    return path


def long_names(folder: Path) -> Path:
    """Members with names of half a megabyte each."""
    path = tile(folder)
    with path.open("wb") as file:
        for number in range(200):
            file.write(member(f"TOP/{number}" + "x" * (512 * 1024)).tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(1024))
    return path


def gzip_bomb(stated: int) -> Make:
    """A good tile that goes on with ten gibibytes of zeros in ten megabytes; a last member states so many of them."""

    def make(folder: Path) -> Path:
        path = tile(folder)
        zeros = gzip.compress(bytes(64 << 20), compresslevel=9)
        last = member(f"{path.stem}/QI_DATA/zeros", size=stated).tobuf(tarfile.GNU_FORMAT)
        path.write_bytes(gzip.compress(without_end(path) + last) + zeros * 160)
        return path

    return make


def radar(folder: Path) -> Path:
    return build_sentinel1(Sentinel1Specification(product_type="IW_GRDH_1S", size=20_000), folder)


def with_zip_member(info: zipfile.ZipInfo, content: bytes) -> Make:
    """A good radar product with a member more."""

    def make(folder: Path) -> Path:
        path = radar(folder)
        with zipfile.ZipFile(path, "a") as container:
            container.writestr(info, content, zipfile.ZIP_DEFLATED)
        return path

    return make


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def zip_bomb(stated: int) -> Make:
    """A radar product with a member that unfolds to two gibibytes, and states so many bytes."""

    def make(folder: Path) -> Path:
        path = radar(folder)
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        zeros = packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
        packed = zeros * 128 + packer.flush()
        name = f"{path.name.removesuffix('.zip')}/measurement/zeros".encode()
        sizes = (0, len(packed), stated, len(name))
        header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, *sizes, 0)
        with zipfile.ZipFile(path, "a") as container:
            container.fp.seek(container.start_dir)  # type: ignore[union-attr]
            start = container.start_dir
            container.fp.write(header + name + packed)  # type: ignore[union-attr]
            container.start_dir = container.fp.tell()  # type: ignore[union-attr]
            info = zipfile.ZipInfo(name.decode(), (2025, 8, 1, 0, 0, 0))
            info.compress_type, info.header_offset = zipfile.ZIP_DEFLATED, start
            info.compress_size, info.file_size, info.CRC = len(packed), stated, 0
            container.filelist.append(info)
            container.NameToInfo[info.filename] = info
            container._didModify = True
        return path

    return make


def inventory(content: bytes) -> Make:
    """A tile with another inventory."""
    return lambda folder: build_sentinel2(replace(TILE, replaced={"Inventory_Metadata.xml": content}), folder)


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY a0 "ha">{entities}]><Inventory_Metadata>&a9;</Inventory_Metadata>'.encode()


OUTSIDE = """<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Inventory_Metadata><File_ID>&x;</File_ID></Inventory_Metadata>"""

HOSTILE: dict[str, tuple[Make, str, str]] = {
    "traversal": (tar_with(member("../../escape")), "QC-05", "absolute names, '..'"),
    "absolute name": (tar_with(member("/etc/cron.d/x")), "QC-05", "absolute names, '..'"),
    "symbolic link": (tar_with(member("TOP/x", tarfile.SYMTYPE, link="/etc/passwd")), "QC-05", "links, devices"),
    "hard link": (tar_with(member("TOP/x", tarfile.LNKTYPE, link="TOP/y")), "QC-05", "links, devices"),
    "character device": (tar_with(member("TOP/x", tarfile.CHRTYPE)), "QC-05", "links, devices"),
    "block device": (tar_with(member("TOP/x", tarfile.BLKTYPE)), "QC-05", "links, devices"),
    "pipe": (tar_with(member("TOP/x", tarfile.FIFOTYPE)), "QC-05", "links, devices"),
    "member beyond the end": (tar_with(member("TOP/x", size=1 << 40)), "QC-04", "ends before this member"),
    "many members of a tar": (many_members_of_a_tar, "QC-05", "more than 100000 members"),
    "many members of a zip": (many_members_of_a_zip, "QC-05", ""),
    "long names": (long_names, "QC-05", "long names and extended headers"),
    "gzip bomb that says so": (gzip_bomb(10 * GIBIBYTE), "QC-05", "unfolds to more than"),
    "gzip bomb behind the end": (gzip_bomb(0), "QC-05", "unfolds to more than"),
    "traversal in a zip": (with_zip_member(zipfile.ZipInfo("../../escape"), b"x"), "QC-05", "absolute names, '..'"),
    "link in a zip": (with_zip_member(zip_link("TOP/x"), b"/etc/passwd"), "QC-05", "links, devices"),
    "zip bomb that says so": (zip_bomb(2 * GIBIBYTE), "QC-05", "unfolds to more than 200 times its size"),
    "zip bomb that lies": (zip_bomb(10), "QC-04", "more than the 10 bytes that the zip states"),
    "a billion laughs": (
        inventory(laughs()),
        "QC-07",
        "Inventory_Metadata.xml: ",
    ),  # the parser says it, or the document type is refused
    "entity of a file": (inventory(OUTSIDE.encode()), "QC-07", "document type"),
    "deep XML": (inventory(b"<a>" * 300_000 + b"</a>" * 300_000), "QC-07", "not well-formed XML"),
    "XML of a million elements": (inventory(b"<a>" + b"<b/>" * 1_500_000 + b"</a>"), "QC-07", "more than 1000000"),
    "XML of a million attributes": (
        inventory(b"<a " + b" ".join(b'b%d="0"' % number for number in range(1_500_000)) + b"/>"),
        "QC-07",
        "more than 1000000 elements and attributes",
    ),
    "XML of large texts": (
        inventory(b"<a>" + (b"x" * 8_000_000 + b"<b/>") * 4 + b"</a>"),
        "QC-07",
        "",
    ),
    "XML without end": (inventory(b"<a>" + b" " * (33 << 20) + b"</a>"), "QC-07", "at most 33554432 are read"),
}


MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command and prints its peak of memory: what a large process starts itself counts with the memory of both."""


def ingested(point: DeliveryPoint) -> int:
    """Run ``prip ingest --once``. Returns the most memory that it ever had; bytes."""
    command = [sys.executable, "-c", MEASURED, *point.command("ingest", "--once")]
    process = subprocess.Popen(
        command, env=point.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        said, log = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail(f"it did not end within {SECONDS} s")
    assert process.returncode == 0, log
    return int(said.split()[-1]) * 1024


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_refused_in_bounded_memory_and_the_next_product_is_published(
    kind: str, point: DeliveryPoint, tmp_path: Path
) -> None:
    make, rule, words = HOSTILE[kind]
    (tmp_path / "built").mkdir()
    bad = make(tmp_path / "built")
    bad.rename(point.inbox / bad.name)
    good = build_sentinel2(replace(TILE, sensing=TILE.sensing + timedelta(seconds=30)), tmp_path)
    point.deliver(good)
    assert ingested(point) < MEMORY
    reason = point.rejected(bad.name)
    assert {finding["rule"] for finding in reason["findings"] if finding["severity"] == "error"} == {rule}
    assert words in reason["reason"]
    assert [row["name"] for row in published(point)] == [good.name]
    assert [path for path in point.inbox.rglob("*") if path.name not in OURS] == []
