"""Bytes on their way: exact ranges of files and streams, and a break where they run out."""

from __future__ import annotations

import io
import os
import socket
import threading
from pathlib import Path

import pytest

from prip_core.web.ranges import ByteRange
from prip_core.web.transfer import BLOCK_SIZE, FilePart, stream

_DATA = bytes(range(256)) * 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "product"
    path.write_bytes(_DATA)
    return path


@pytest.mark.parametrize("start, stop", [(0, 0), (0, 1), (0, 10240), (10239, 10240), (10240, 10240), (100, 5000)])
@pytest.mark.parametrize("block", [1 << 20, 4096, 7, -1, None])
def test_an_extent_reads_its_range(path: Path, start: int, stop: int, block: int | None) -> None:
    sent: list[int] = []
    with FilePart(path, ByteRange(start, stop, len(_DATA)), sent.append) as extent:
        assert b"".join(iter(lambda: extent.read(block), b"")) == _DATA[start:stop]
    assert sent == [stop - start]


@pytest.mark.parametrize("start, stop", [(0, 10240), (1, 10239), (5000, 5001)])
def test_an_extent_is_sent_by_the_kernel(path: Path, start: int, stop: int) -> None:
    sent: list[int] = []
    left, right = socket.socketpair()
    received = bytearray()
    reader = threading.Thread(target=lambda: received.extend(b"".join(iter(lambda: right.recv(4096), b""))))
    reader.start()
    with left, FilePart(path, ByteRange(start, stop, len(_DATA)), sent.append) as extent:
        left.sendfile(extent, offset=os.lseek(extent.fileno(), 0, os.SEEK_CUR), count=stop - start)
    reader.join()
    right.close()
    assert bytes(received) == _DATA[start:stop]
    assert sent == [stop - start]


def test_an_extent_of_a_file_that_shrinks_breaks(path: Path) -> None:
    sent: list[int] = []
    extent = FilePart(path, ByteRange(0, len(_DATA), len(_DATA)), sent.append)
    assert extent.read(1000) == _DATA[:1000]
    os.truncate(path, 1000)
    with pytest.raises(OSError, match="shorter"):
        extent.read(1000)
    with pytest.raises(OSError, match="shorter"):
        extent.close()
    extent.close()
    assert sent == [1000]


@pytest.mark.parametrize("size", [0, 1, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, 3 * BLOCK_SIZE + 5])
def test_a_stream_gives_blocks_that_join_to_the_whole(size: int) -> None:
    data, sent = os.urandom(size), []
    blocks = list(stream(io.BytesIO(data), ByteRange(0, size, size), sent.append))
    assert b"".join(blocks) == data
    assert all(len(block) <= BLOCK_SIZE for block in blocks)
    assert sent == [size]


def test_a_stream_gives_no_more_than_asked() -> None:
    source = io.BytesIO(b"0123456789")
    assert b"".join(stream(source, ByteRange(2, 6, 10), lambda _: None)) == b"0123"
    assert source.closed


def test_a_stream_that_ends_early_breaks() -> None:
    sent: list[int] = []
    source = io.BytesIO(b"0123")
    blocks = stream(source, ByteRange(0, 10, 10), sent.append)
    assert next(blocks) == b"0123"
    with pytest.raises(OSError, match="6 bytes too early"):
        next(blocks)
    assert sent == [4]
    assert source.closed


def test_a_stream_that_nobody_wants_any_more_is_closed() -> None:
    source, sent = io.BytesIO(b"x" * (2 * BLOCK_SIZE)), []
    blocks = stream(source, ByteRange(0, 2 * BLOCK_SIZE, 2 * BLOCK_SIZE), sent.append)
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert source.closed
    assert sent == [0]
