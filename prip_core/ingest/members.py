"""What all views of a delivered file share: a table of safe member names with sizes, and bounded reading."""

from __future__ import annotations

import io
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

from prip_core.ingest.delivered import DeliveredFile
from prip_core.interfaces import ProductFiles
from prip_core.rules import refusal

MEMBER_LIMIT = 100_000
"""The most members and folders a container may have (a real datastrip has about a hundred)."""

EXPANSION_LIMIT = 200
"""How many times its own size a compressed container may unfold to (real metadata reaches 30)."""

SMALL_CONTAINER = 64 * 1024 * 1024
"""Unfolding to less than this is never a bomb, whatever the ratio; bytes."""

MEMBER_HELD = 2048
"""About what a view keeps in memory of each member: its name, its size, its place; bytes."""

BLOCK = 1024 * 1024
"""How much of a file is read at once; bytes."""


class Members(ProductFiles):
    """A table of members in the order of the container."""

    _container: str

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._entries = 0

    @property
    def container(self) -> str:
        return self._container

    def names(self) -> Sequence[str]:
        return tuple(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    @property
    def held(self) -> int:
        """About how many bytes of memory the view takes while it is open."""
        return MEMBER_HELD * self._entries

    def read(self, name: str, limit: int) -> bytes:
        if self.size(name) > limit:
            raise refusal("QC-07", f"it has {self.size(name)} bytes, at most {limit} are read", name)
        with self.open(name) as member:
            return member.read(limit + 1)

    def _count(self) -> None:
        """Count a member or a folder: libraries keep both in memory."""
        self._entries += 1
        if self._entries > MEMBER_LIMIT:
            raise refusal("QC-05", f"the container has more than {MEMBER_LIMIT} members")

    def _add(self, name: str, size: int) -> str:
        """Enter a regular member; returns its safe name."""
        safe = safe_name(name)
        if safe in self._sizes:
            raise refusal("QC-05", "the container holds this name twice", safe)
        self._sizes[safe] = size
        return safe


class BareFile(Members):
    """A file that is no container: its one member is itself."""

    _container = "file"

    def __init__(self, file: DeliveredFile) -> None:
        super().__init__()
        self._file = file
        self._count()
        self._add(file.name, file.size)

    def open(self, name: str) -> BinaryIO:
        self.size(name)
        return self._file.open()


class GuardedReads(io.RawIOBase):
    """A delivered file as a library reads it that trusts what stands there; a subclass bounds what it gives.

    Closing it closes the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    @abstractmethod
    def read(self, size: int | None = -1) -> bytes:
        """Some bytes, if no more are asked for than is right."""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def unfolding_limit(file: DeliveredFile) -> int:
    """The most bytes that a compressed container may unfold to."""
    return max(SMALL_CONTAINER, EXPANSION_LIMIT * file.size)


def safe_name(name: str) -> str:
    """A member's name, relative, with single slashes.

    :raises ProductRejected: it could reach out of its folder, or cannot be shown (rule QC-05).
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise refusal("QC-05", "absolute names, '..', backslashes and empty names are refused", name)
    if not name.isprintable():
        raise refusal("QC-05", "names with control characters or broken encoding are refused", name)
    return str(path)
