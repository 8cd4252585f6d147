"""One product is one file: what the steps find out about it must be about the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from prip_core.errors import LeaseLost, TransientError
from prip_core.ingest.delivered import DeliveredFile


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What tells a file from another one, and from itself before somebody wrote into it.

    The change time is not among them: taking a file over by a hard link moves it.

    :param modified: nanoseconds since 1970.
    """

    device: int
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """The facts in what the system says of a file."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def changed(name: str) -> TransientError:
    """The error about a file that did not stay as it was."""
    return TransientError(
        f"{name} changed or vanished while it was read; it is tried again, if it is there: deliver products under a "
        "temporary name, and rename them when they are whole"
    )


@contextmanager
def unchanged(delivered: DeliveredFile) -> Iterator[FileFacts | None]:
    """Look at a file on this machine before the first step reads it, and again behind the block.

    A file that somebody still writes looks damaged; whatever fails over it is put down to that. One that vanished may
    have been read to its end by those who had it open.

    :returns: the facts that every later step must find again; ``None`` of a stream, which must notice by itself.
    :raises TransientError: the file changed, or vanished before the block failed.
    """
    path = delivered.path
    if path is None:
        yield None
        return
    before = _facts(path)
    if before is None:
        raise changed(path.name)
    try:
        yield before
    except LeaseLost:
        raise
    except Exception as error:
        if _facts(path) != before:
            raise changed(path.name) from error
        raise
    if _facts(path) not in {before, None}:
        raise changed(path.name)


def _facts(path: Path) -> FileFacts | None:
    try:
        return FileFacts.of(path.stat())
    except FileNotFoundError:
        return None
