"""A stream over bytes that lie elsewhere: read here and there it is the same as those bytes at hand."""

from __future__ import annotations

import io
import random

import pytest

from prip_core import SeekableReader

CONTENT = bytes(range(256)) * 4


class Sparing(SeekableReader):
    """Gives fewer bytes than are wanted, and none beyond its size."""

    def read_at(self, position: int, wanted: int) -> bytes:
        assert 0 < wanted <= self.size - position
        return CONTENT[position : position + min(wanted, 7)]


def test_it_reads_like_a_file() -> None:
    reader, file, chance = io.BufferedReader(Sparing(1000), 64), io.BytesIO(CONTENT[:1000]), random.Random(4)
    for _ in range(500):
        offset, whence = chance.choice(
            [(chance.randrange(1200), 0), (chance.randrange(5), 1), (-chance.randrange(9), 2)]
        )
        assert reader.seek(offset, whence) == file.seek(offset, whence) == reader.tell()
        amount = chance.choice([0, 1, 5, 70, 300])
        assert reader.read(amount) == file.read(amount)
    reader.seek(0)
    assert reader.read() == CONTENT[:1000]


def test_there_is_nothing_in_front_of_it() -> None:
    reader = Sparing(10)
    with pytest.raises(ValueError, match="in front of the first byte: -1"):
        reader.seek(-11, io.SEEK_END)
    assert (reader.tell(), reader.seek(3), reader.tell()) == (0, 3, 3)
