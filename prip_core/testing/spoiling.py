"""Products whose members are spoiled on the way: missing, cut, noise, or XML with unreadable values."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from prip_core import ProductFiles, ProductRejected

Spoiling = Callable[[bytes], bytes | None]
"""Makes a bad member of a good one; ``None``: the member is missing."""

_TEXT = re.compile(rb">[^<>]*[^<>\s][^<>]*<")
_VALUE = re.compile(rb'="[^"]*"')

SPOILINGS: Mapping[str, Spoiling] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "cut in half": lambda content: content[: len(content) // 2],
    "noise": lambda content: bytes((7 * place + 13) % 256 for place in range(min(len(content), 5000))),
    "another XML document": lambda _: b"<another/>",
    "XML with a document type": lambda _: b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "XML with empty elements": lambda content: _TEXT.sub(b"><", content),
    "XML with unreadable texts": lambda content: _TEXT.sub(b">unreadable<", content),
    "XML with unreadable attributes": lambda content: _VALUE.sub(b'="unreadable"', content),
    "XML with immense numbers": lambda content: _TEXT.sub(b">" + b"9" * 5000 + b"<", content),
}
"""What may have happened to a member, and how to make it happen."""

UNREADABLE = ("empty", "noise")
"""The spoilings after which no metadata can be read from a member, whatever its form."""


class SpoiledFiles(ProductFiles):
    """A view of a product with some members spoiled; remembers which members were read.

    :param files: the good product.
    :param members: which members are spoiled; ``None``: all.
    :ivar read_members: names that were opened or read.
    """

    def __init__(self, files: ProductFiles, spoiling: Spoiling, members: Sequence[str] | None = None) -> None:
        self._files = files
        self._spoiling = spoiling
        self._members = files.names() if members is None else members
        self.read_members: set[str] = set()

    @property
    def container(self) -> str:
        return self._files.container

    def names(self) -> Sequence[str]:
        return [name for name in self._files.names() if name not in self._members or self._content(name) is not None]

    def size(self, name: str) -> int:
        return len(self._bytes(name)) if name in self._members else self._files.size(name)

    def open(self, name: str) -> BinaryIO:
        self.read_members.add(name)
        return io.BytesIO(self._bytes(name)) if name in self._members else self._files.open(name)

    def read(self, name: str, limit: int) -> bytes:
        self.read_members.add(name)
        if name not in self._members:
            return self._files.read(name, limit)
        content = self._bytes(name)
        if len(content) > limit:
            raise ProductRejected(f"{name} has {len(content)} bytes, at most {limit} are read")
        return content

    def _bytes(self, name: str) -> bytes:
        content = self._content(name)
        if content is None:
            raise KeyError(name)
        return content

    def _content(self, name: str) -> bytes | None:
        with self._files.open(name) as file:
            return self._spoiling(file.read())
