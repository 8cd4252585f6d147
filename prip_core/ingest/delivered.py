"""A delivered file: on this machine, or a stream of an inbox that is elsewhere; read as if it were the same."""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Self, cast

from prip_core.seekable import SeekableReader

_BUFFER = 16 * 1024


class DeliveredFile:
    """A file as an inbox hands it out. It may be opened as often as wanted; each opening has a position of its own.

    :param source: a path, or a seekable stream, which nobody else uses and which :meth:`close` closes.
    :param name: the product's name, for messages and for the one member of a bare file; ``None``: that of the path.
    """

    def __init__(self, source: Path | BinaryIO, name: str | None = None) -> None:
        self._source = source
        self.name = name or source.name

    @cached_property
    def size(self) -> int:
        """Bytes, as they were when this was first asked for."""
        return self._source.stat().st_size if isinstance(self._source, Path) else self._source.seek(0, io.SEEK_END)

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine; ``None``: elsewhere."""
        return self._source if isinstance(self._source, Path) else None

    def open(self, *, buffered: bool = True) -> BinaryIO:
        """The bytes from the start, seekable.

        :raises TransientError: from reading, too: the inbox cannot be reached, or the file was replaced.
        """
        if isinstance(self._source, Path):
            return self._source.open("rb") if buffered else self._source.open("rb", buffering=0)
        handle = _Handle(self._source, self.size)
        return cast("BinaryIO", io.BufferedReader(handle, _BUFFER) if buffered else handle)

    def close(self) -> None:
        """Let go of the stream; what was opened ends with it. Repeating it is fine."""
        if not isinstance(self._source, Path):
            self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def delivered_file(delivered: Path | DeliveredFile) -> DeliveredFile:
    """A path as a delivered file."""
    return DeliveredFile(delivered) if isinstance(delivered, Path) else delivered


class _Handle(SeekableReader):
    """A position of its own in a stream that is shared, by turns."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        super().__init__(size)
        self._source = source

    def read_at(self, position: int, wanted: int) -> bytes:
        self._source.seek(position)
        return self._source.read(wanted)

    def read(self, size: int = -1) -> bytes:
        """Read exactly so many bytes, fewer only at the end."""
        blocks = []
        while size and (block := self.read_some(size if size > 0 else io.DEFAULT_BUFFER_SIZE)):
            blocks.append(block)
            size -= len(block) if size > 0 else 0
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)
