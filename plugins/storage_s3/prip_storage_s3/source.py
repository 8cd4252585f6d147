"""An object to be read in place: small pieces here and there, and all of it from start to end in one request."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import BinaryIO, cast

from prip_core import SeekableReader
from prip_storage_s3.connection import Connection
from prip_storage_s3.reader import open_object

_PIECE = 16 * 1024
"""The least that is asked for; the metadata of most products lie in a few of these."""

_KEPT = 256
"""Pieces that are kept, as what looks into a product comes back to its headers."""

_SMALL = 8 * 1024 * 1024
"""An object of this size is asked for once, whole, and kept while it is open; bytes."""

_RUN = 4 * _PIECE
"""Whoever has read so much in one go reads on: the rest is asked for in one request."""


def open_source(connection: Connection, key: str, tag: str, size: int) -> BinaryIO:
    """An object, seekable, as long as it is this one.

    :param tag: its ETag, in quotes.
    :raises TransientError: from reading: the server does not answer, or the object was replaced or removed.
    """
    return cast("BinaryIO", io.BufferedReader(_Source(connection, key, tag, size), _PIECE))


class _Source(SeekableReader):
    def __init__(self, connection: Connection, key: str, tag: str, size: int) -> None:
        super().__init__(size)
        self._connection, self._key, self._tag = connection, key, tag
        self._run_start = 0
        self._run_end = 0
        self._stream: BinaryIO | None = None
        self._stream_position = 0
        self._whole: bytes | None = None
        self._pieces: OrderedDict[int, bytes] = OrderedDict()

    def read_at(self, position: int, wanted: int) -> bytes:
        if position != self._run_end:
            self._run_start = position
        block = self._next(position, wanted)
        self._run_end = position + len(block)
        return block

    def _next(self, position: int, wanted: int) -> bytes:
        """Some of what stands at the position; at least a byte."""
        if self.size <= _SMALL:
            return self._from_whole(position, wanted)
        if self._stream is not None and self._stream_position == position:
            return self._from_stream(wanted)
        piece = self._pieces.get(position // _PIECE)
        if piece is not None:
            inside = position % _PIECE
            return piece[inside : inside + wanted]
        if position - self._run_start >= _RUN:
            self._hang_up()
            span = (position, None)
            self._stream = open_object(self._connection, self._key, span=span, tag=self._tag)
            self._stream_position = position
            return self._from_stream(wanted)
        return self._from_pieces(position, wanted)

    def _from_whole(self, position: int, wanted: int) -> bytes:
        if self._whole is None:
            with open_object(self._connection, self._key, span=(0, self.size), tag=self._tag) as file:
                self._whole = file.read(self.size)
        return self._whole[position : position + wanted]

    def _from_stream(self, wanted: int) -> bytes:
        assert self._stream is not None, "opened before"
        block = self._stream.read(wanted)
        self._stream_position += len(block)
        return block

    def _from_pieces(self, position: int, wanted: int) -> bytes:
        """Ask for whole pieces that hold what is wanted, and keep them, unless they are many."""
        first, last = position // _PIECE, (position + wanted - 1) // _PIECE
        start, stop = first * _PIECE, min((last + 1) * _PIECE, self.size)
        with open_object(self._connection, self._key, span=(start, stop), tag=self._tag) as file:
            content = file.read(stop - start)
        if last - first < _KEPT // 8:
            for number in range(first, last + 1):
                self._keep(number, content[(number - first) * _PIECE : (number - first + 1) * _PIECE])
        inside = position - start
        return content[inside : inside + wanted]

    def _keep(self, number: int, piece: bytes) -> None:
        self._pieces[number] = piece
        while len(self._pieces) > _KEPT:
            self._pieces.popitem(last=False)

    def _hang_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def close(self) -> None:
        if not self.closed:
            self._hang_up()
            self._pieces.clear()
            self._whole = None
        super().close()
