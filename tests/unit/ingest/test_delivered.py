"""Delivered files that are streams: the same views and the same digests as of files on this machine."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core.errors import TransientError
from prip_core.ingest.delivered import DeliveredFile
from prip_core.ingest.digests import DigestReader, ReadProduct
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.walks import walk_over
from prip_core.testing.packages import write_tar, write_zip

NOISE = random.Random(3).randbytes(3_000_001)
MEMBERS = {"TOP/manifest.safe": b"<manifest/>", "TOP/image.jp2": NOISE, "TOP/empty": b"", "TOP/last": b"x" * 512}


def write_gzipped(path: Path, members: dict[str, bytes]) -> None:
    write_tar(path, members)
    path.write_bytes(gzip.compress(path.read_bytes()))


CONTAINERS: dict[str, Callable[[Path], object]] = {
    "file": lambda path: path.write_bytes(NOISE),
    "tar": lambda path: write_tar(path, MEMBERS),
    "gzipped tar": lambda path: write_gzipped(path, MEMBERS),
    "zip": lambda path: write_zip(path, MEMBERS),
}


@pytest.fixture(params=CONTAINERS)
def container(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def path(tmp_path: Path, container: str) -> Path:
    path = tmp_path / "product"
    CONTAINERS[container](path)
    return path


class Stream(io.BytesIO):
    """A stream that gives little at once, and fails when it is told to."""

    fails = False
    given = 0

    def read(self, size: int | None = -1) -> bytes:
        if self.fails:
            raise TransientError("the server does not answer")
        block = super().read(min(size, 70_000) if size is not None and size >= 0 else 70_000)
        self.given += len(block)
        return block


def read_through(delivered: DeliveredFile) -> ReadProduct:
    with open_product(delivered) as files:
        walk = walk_over(files, MemberDigests({}, size=delivered.size))
        with DigestReader(delivered, walk, size=delivered.size, algorithms=(), go_on=lambda: None) as reader:
            while reader.read(300_000):
                with files.open(files.names()[-1]) as member:
                    member.read(10)  # as a storage that is slow, while something else looks into the product
            return reader.finish()


def test_a_stream_is_read_as_a_file_is(path: Path, container: str) -> None:
    with DeliveredFile(path) as here, DeliveredFile(Stream(path.read_bytes()), "product") as elsewhere:
        assert (elsewhere.size, elsewhere.name, elsewhere.path) == (here.size, here.name, None)
        with open_product(here) as expected, open_product(elsewhere) as files:
            assert files.container == expected.container == container
            assert files.names() == expected.names()
            contents = {name: files.read(name, 10**7) for name in files.names()}
            assert contents == {name: expected.read(name, 10**7) for name in expected.names()}
        assert read_through(elsewhere) == read_through(here)


def test_openings_have_positions_of_their_own(path: Path) -> None:
    content = path.read_bytes()
    with DeliveredFile(Stream(content), "product") as delivered:
        one, other, raw = delivered.open(), delivered.open(), delivered.open(buffered=False)
        assert one.read(100_000) == content[:100_000]
        assert other.read(1000) == content[:1000]
        assert raw.seek(-500, io.SEEK_END) == len(content) - 500
        assert raw.read() == content[-500:]
        assert one.read(1000) == content[100_000:101_000]
        assert (other.seek(5, io.SEEK_CUR), other.read(3)) == (1005, content[1005:1008])
        with pytest.raises(ValueError):
            raw.seek(-1)


def test_the_one_read_asks_for_no_byte_twice(tmp_path: Path) -> None:
    write_tar(tmp_path / "product", MEMBERS)
    stream = Stream((tmp_path / "product").read_bytes())
    delivered = DeliveredFile(stream, "product")
    with open_product(delivered) as files:
        walk = walk_over(files, MemberDigests({}, size=delivered.size))
        stream.given = 0
        with DigestReader(delivered, walk, size=delivered.size, algorithms=(), go_on=lambda: None) as reader:
            while reader.read(1024 * 1024):
                pass
            reader.finish()
    assert stream.given == delivered.size


@pytest.mark.parametrize("when", ["opened", "looked into"])
def test_a_stream_that_fails_damages_nothing(path: Path, when: str) -> None:
    """What the server does not give now is no fault of the product's."""
    stream = Stream(path.read_bytes())
    delivered = DeliveredFile(stream, "product")
    with pytest.raises(TransientError), damage_refused("product"):
        stream.fails = when == "opened"
        with open_product(delivered) as files:
            stream.fails = True
            for name in files.names():
                with files.open(name) as member:
                    member.read()
            delivered.open().read()


def test_closing_closes_the_stream() -> None:
    stream = Stream(b"bytes")
    with DeliveredFile(stream, "product"):
        assert not stream.closed
    assert stream.closed
