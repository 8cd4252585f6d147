"""Files of JSON documents that are read more than once, in any order, without being held in memory."""

from __future__ import annotations

import shutil
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import click
import orjson

_LARGEST_ANSWER = 256 * 1024 * 1024


class Documents:
    """A file with one JSON document on each line.

    :param unit: what a document's number counts, for messages: ``line``, or ``product`` of an answer.
    """

    def __init__(self, file: BinaryIO, unit: str) -> None:
        self._file = file
        self.unit = unit

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._file.seek(0, 2)

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, offset and text of each line that is not empty."""
        self._file.seek(0)
        offset = 0
        for number, line in enumerate(self._file, start=1):
            if line.strip():
                yield number, offset, line
            offset += len(line)

    def at(self, offsets: array[int]) -> Iterator[bytes]:
        """The lines at these offsets, in their order."""
        for offset in offsets:
            self._file.seek(offset)
            yield self._file.readline()


@contextmanager
def open_documents(name: str) -> Iterator[Documents]:
    """Open NDJSON, or a whole OData answer (``{"value": […]}``); ``-`` is standard input.

    :raises click.UsageError: there is no such file.
    """
    if name == "-":
        with TemporaryFile() as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
            yield from _documents(spool)
        return
    path = Path(name)
    if not path.is_file():
        raise click.UsageError(f"{name}: there is no such file")
    with path.open("rb") as file:
        yield from _documents(file)


def _documents(file: BinaryIO) -> Iterator[Documents]:
    answer = _answer(file)
    if answer is None:
        yield Documents(file, "line")
        return
    with TemporaryFile() as spool:
        spool.writelines(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in answer)
        yield Documents(spool, "product")


def _answer(file: BinaryIO) -> list[object] | None:
    """The products of a whole answer; ``None``: the file is no answer, so it is NDJSON.

    The first line decides: a whole document without ``value`` is the first of many. What begins like an answer and is
    larger than any server would send is taken for NDJSON.
    """
    file.seek(0)
    first = file.readline()
    try:
        document = orjson.loads(first)
    except orjson.JSONDecodeError:
        if not first.lstrip().startswith(b"{") or file.seek(0, 2) > _LARGEST_ANSWER:
            return None
        file.seek(0)
        try:
            document = orjson.loads(file.read())
        except orjson.JSONDecodeError:
            return None
    value = document.get("value") if isinstance(document, dict) else None
    return value if isinstance(value, list) else None
