"""The one read: right digests for every form of file, damage and changes noticed."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from blake3 import blake3

from prip_core.errors import LeaseLost, ProductRejected, TransientError
from prip_core.ingest import walks
from prip_core.ingest.algorithms import algorithm_of
from prip_core.ingest.digests import DigestReader, ReadProduct
from prip_core.ingest.lanes import THREADED_FROM
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.walks import Walk, walk_over
from prip_core.interfaces import ProductFiles
from prip_core.model import ListedMember
from prip_core.testing.packages import write_tar, write_zip

NOISE = random.Random(7).randbytes(300_001)
MEMBERS = {"TOP/manifest.safe": b"<manifest/>", "TOP/image.jp2": NOISE, "TOP/empty": b"", "TOP/last": b"x" * 512}


def walk(files: ProductFiles, size: int, listed: Mapping[str, ListedMember] | None = None) -> Walk:
    return walk_over(files, MemberDigests(listed or {}, size=size))


def read_through(
    path: Path,
    algorithms: tuple[str, ...] = ("MD5", "BLAKE3"),
    block: int = 1000,
    listed: Mapping[str, ListedMember] | None = None,
) -> ReadProduct:
    size = path.stat().st_size
    with damage_refused(path.name), open_product(path) as files:
        reader = DigestReader(path, walk(files, size, listed), size=size, algorithms=algorithms, go_on=lambda: None)
        with reader:
            copied = b"".join(iter(lambda: reader.read(block), b""))
            read = reader.finish()
    assert copied == path.read_bytes()
    return read


def write_bare(path: Path) -> None:
    path.write_bytes(NOISE)


def write_gzipped(path: Path) -> None:
    write_tar(path, MEMBERS)
    path.write_bytes(gzip.compress(path.read_bytes()))


def write_gzipped_in_parts(path: Path) -> None:
    write_tar(path, MEMBERS)
    content = path.read_bytes()
    path.write_bytes(gzip.compress(content[:1000]) + gzip.compress(content[1000:]))


def write_padded_tar(path: Path) -> None:
    with tarfile.open(path, "w") as tar:
        folder = tarfile.TarInfo("TOP")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def write_deflated_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in MEMBERS.items():
            container.writestr(name, content)


CONTAINERS: dict[str, Callable[[Path], None]] = {
    "tar": lambda path: write_tar(path, MEMBERS),
    "padded tar": write_padded_tar,
    "gzipped": write_gzipped,
    "gzipped in parts": write_gzipped_in_parts,
    "zip": lambda path: write_zip(path, MEMBERS),
    "deflated zip": write_deflated_zip,
}


@pytest.mark.parametrize("form", CONTAINERS)
@pytest.mark.parametrize("block", [7, 511, 1 << 20, -1])
def test_digests_of_file_and_members_are_right(form: str, block: int, tmp_path: Path) -> None:
    path = tmp_path / "product"
    CONTAINERS[form](path)
    listed = {name: ListedMember(algorithm="BLAKE3") for name in MEMBERS}
    read = read_through(path, block=block, listed=listed)
    content = path.read_bytes()
    assert dict(read.checksums) == {"MD5": hashlib.md5(content).hexdigest(), "BLAKE3": blake3(content).hexdigest()}
    assert {name: (digest.size, digest.stated) for name, digest in read.members.items()} == {
        name: (len(member), blake3(member).hexdigest()) for name, member in MEMBERS.items()
    }


STATED = {
    "TOP/manifest.safe": ("MD5", "md5"),
    "TOP/image.jp2": ("SHA3-256", "sha3_256"),
    "TOP/empty": ("sha3_256", "sha3_256"),
    "TOP/last": ("SHA-256", "sha256"),
}
"""Member → its algorithm as a manifest may write it, and as hashlib does."""


@pytest.mark.parametrize("form", CONTAINERS)
@pytest.mark.parametrize("block", [7, 511, 1 << 20])
def test_the_digests_that_a_manifest_states_are_computed_beside(form: str, block: int, tmp_path: Path) -> None:
    path = tmp_path / "product"
    CONTAINERS[form](path)
    listed = {name: ListedMember(algorithm=algorithm, digest="") for name, (algorithm, _) in STATED.items()}
    read = read_through(path, block=block, listed=listed)
    assert {name: digest.stated for name, digest in read.members.items()} == {
        name: hashlib.new(STATED[name][1], content).hexdigest() for name, content in MEMBERS.items()
    }


def test_no_digest_is_computed_that_nobody_states_or_knows(tmp_path: Path) -> None:
    write_tar(tmp_path / "x", MEMBERS)
    listed = {"TOP/manifest.safe": ListedMember(algorithm="CRC32"), "TOP/last": ListedMember(size=512)}
    assert {digest.stated for digest in read_through(tmp_path / "x", listed=listed).members.values()} == {None}


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_big_members_are_digested_on_a_thread_with_the_same_result(
    write: Callable[[Path, dict[str, bytes]], None], tmp_path: Path
) -> None:
    big = NOISE * (1 + THREADED_FROM // len(NOISE))
    write(tmp_path / "big", {"TOP/a": big, "TOP/b": NOISE, "TOP/c": big})
    listed = {name: ListedMember(algorithm="SHA3-256") for name in ("TOP/a", "TOP/b", "TOP/c")}
    read = read_through(tmp_path / "big", block=1 << 20, listed=listed)
    assert [digest.stated for digest in read.members.values()] == [
        hashlib.sha3_256(content).hexdigest() for content in (big, NOISE, big)
    ]


def test_a_bare_file_is_its_own_member(tmp_path: Path) -> None:
    path = tmp_path / "report.EOF"
    write_bare(path)
    read = read_through(path, listed={"report.EOF": ListedMember(algorithm="BLAKE3")})
    assert read.members["report.EOF"].stated == blake3(NOISE).hexdigest()


def test_big_files_are_digested_on_a_second_thread_with_the_same_result(tmp_path: Path) -> None:
    path = tmp_path / "big.tar"
    write_tar(path, {"TOP/image": NOISE * (1 + THREADED_FROM // len(NOISE))})
    assert path.stat().st_size > THREADED_FROM
    read = read_through(path, ("MD5", "SHA256", "SHA1", "SHA3-256"), block=1 << 20)
    content = path.read_bytes()
    assert list(read.checksums) == ["MD5", "SHA256", "SHA1", "SHA3-256"]
    for algorithm, value in read.checksums.items():
        assert value == hashlib.new(algorithm.lower().replace("-", "_"), content).hexdigest()


def test_md5_is_always_first(tmp_path: Path) -> None:
    write_bare(tmp_path / "x")
    assert list(read_through(tmp_path / "x", ("SHA256",)).checksums) == ["MD5", "SHA256"]


@pytest.mark.parametrize(
    ("written", "known"),
    [("MD5", "MD5"), ("md5", "MD5"), ("sha-256", "SHA256"), ("SHA3_256", "SHA3-256"), ("blake3", "BLAKE3")],
)
def test_algorithms_have_one_name(written: str, known: str) -> None:
    assert algorithm_of(written) == known


def test_unknown_algorithms_are_refused() -> None:
    with pytest.raises(ProductRejected, match="no digest is called 'CRC32' here; there are MD5"):
        algorithm_of("CRC32")


@pytest.mark.parametrize("form", CONTAINERS)
@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.999])
def test_truncation_is_noticed_wherever_it_is(form: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / "product"
    CONTAINERS[form](path)
    content = path.read_bytes()
    path.write_bytes(content[: max(600, int(len(content) * share))])
    with pytest.raises(ProductRejected) as refused:
        read_through(path)
    assert refused.value.findings[0].rule in {"QC-03", "QC-04"}


@pytest.mark.parametrize("form", ["gzipped", "gzipped in parts", "zip", "deflated zip"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_flipped_bit_in_a_checked_stream_is_noticed(form: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / "product"
    CONTAINERS[form](path)
    content = bytearray(path.read_bytes())
    content[int(len(content) * share)] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(ProductRejected) as refused:
        read_through(path)
    assert refused.value.findings[0].rule == "QC-04"


def damaged_header(content: bytes) -> bytes:
    at = content.index(b"TOP/last")
    return content[:at] + b"X" + content[at + 1 :]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: content[:-1024], "does not end with two zero blocks"),
        (lambda content: content[:-512], "does not end with two zero blocks"),
        (lambda content: content + bytes(100), "no multiple of 512"),
        (lambda content: content + b"rubbish" + bytes(505), "damaged behind byte"),
        (lambda content: content + content, "damaged behind byte"),
        (damaged_header, "damaged behind byte"),
    ],
    ids=["no end", "half an end", "odd size", "rubbish", "two tars", "bad header"],
)
def test_a_tar_must_be_whole_to_its_end(damage: Callable[[bytes], bytes], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "product.tar"
    write_tar(path, MEMBERS)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ProductRejected, match=reason):
        read_through(path)


@pytest.mark.parametrize("tail", [b"rubbish", bytes(20), b"\x1f\x8b\x08"], ids=["text", "zeros", "half a header"])
def test_nothing_may_follow_a_gzip_stream(tail: bytes, tmp_path: Path) -> None:
    path = tmp_path / "product.tgz"
    write_gzipped(path)
    path.write_bytes(path.read_bytes() + tail)
    with pytest.raises(ProductRejected, match="gzip stream"):
        read_through(path)


def test_a_gzipped_tar_has_a_bounded_number_of_gzip_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty ones are twenty bytes long: a gigabyte of them would keep a worker busy for half an hour."""
    path = tmp_path / "product.tgz"
    write_gzipped(path)
    path.write_bytes(path.read_bytes() + gzip.compress(b"") * 4)
    monkeypatch.setattr(walks, "GZIP_MEMBER_LIMIT", 5)
    assert read_through(path)
    monkeypatch.setattr(walks, "GZIP_MEMBER_LIMIT", 4)
    with pytest.raises(ProductRejected, match="more than 4 gzip members"):
        read_through(path)


def test_zeros_without_end_behind_a_gzipped_tar_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tgz"
    write_tar(path, {"TOP/a": b"x"})
    path.write_bytes(gzip.compress(path.read_bytes() + bytes(70 * 1024 * 1024), compresslevel=1))
    with pytest.raises(ProductRejected, match="unfolds to more than"):
        read_through(path, block=1 << 20)


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    path = tmp_path / "product.tar"
    write_tar(path, MEMBERS)
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.open("ab").write(bytes(5000)),
        lambda path: os.truncate(path, 1000),
        lambda path: os.utime(path, ns=(1, 1)),
    ],
    ids=["grown", "cut", "touched"],
)
def test_a_file_that_changes_while_it_is_read_is_tried_again(change: Callable[[Path], object], changing: Path) -> None:
    files = open_product(changing)
    size = changing.stat().st_size
    with DigestReader(changing, walk(files, size), size=size, algorithms=(), go_on=lambda: None) as reader:
        reader.read(600)
        change(changing)
        with pytest.raises(TransientError):
            reader.finish()


def test_a_read_stops_when_it_must_and_says_why_again(changing: Path) -> None:
    answers = iter([None, LeaseLost("gone")])

    def go_on() -> None:
        if answer := next(answers):
            raise answer

    files = open_product(changing)
    size = changing.stat().st_size
    with DigestReader(changing, walk(files, size), size=size, algorithms=(), go_on=go_on) as reader:
        reader.raise_failure()
        assert len(reader.read(100)) == 100
        with pytest.raises(LeaseLost):
            reader.read(100)
        with pytest.raises(LeaseLost):
            reader.raise_failure()
