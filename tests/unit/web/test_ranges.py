"""The ``Range`` header: every boundary of a file, and what is ignored."""

import pytest

from prip_core.web.ranges import ByteRange, UnsatisfiableRange, read_range


@pytest.mark.parametrize(
    "header, start, stop",
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-1", 0, 2),
        ("bytes=0-9", 0, 10),
        ("bytes=0-10", 0, 10),
        ("bytes=0-", 0, 10),
        ("bytes=9-9", 9, 10),
        ("bytes=9-", 9, 10),
        ("bytes=9-99999999999999999999", 9, 10),
        ("bytes=4-6", 4, 7),
        ("bytes=-1", 9, 10),
        ("bytes=-10", 0, 10),
        ("bytes=-11", 0, 10),
        ("BYTES=1-2", 1, 3),
        ("bytes= 1 - 2 ", 1, 3),
        ("bytes=007-8", 7, 9),
    ],
)
def test_a_range_inside_ten_bytes(header: str, start: int, stop: int) -> None:
    part = read_range(header, 10)
    assert part == ByteRange(start, stop, 10)
    assert part.size == stop - start
    assert str(part) == f"bytes {start}-{stop - 1}/10"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-b",
        "bytes=5-4",
        "bytes=99-98",
        "bytes=0-1,4-5",
        "bytes=0-1,",
        "bytes=--1",
        "bytes=1--2",
        "bytes=+1-2",
        "bytes=1.0-2",
        "bytes=²-3",
        "bytes=0-" + "9" * 5000,
        "items=0-1",
        "0-1",
    ],
)
def test_what_is_ignored(header: str | None) -> None:
    assert read_range(header, 10) is None


@pytest.mark.parametrize(
    "header, length", [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=99-99", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_behind_the_end(header: str, length: int) -> None:
    with pytest.raises(UnsatisfiableRange) as caught:
        read_range(header, length)
    assert caught.value.length == length


def test_the_last_bytes_of_an_empty_file_are_the_whole_file() -> None:
    assert read_range("bytes=-5", 0) is None
