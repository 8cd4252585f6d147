"""Files and folders that are still there after a power cut: what storages and inboxes are built of."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_UNABLE = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def sync_folder(folder: Path | int) -> None:
    """Make the entries of a folder durable: what was created in it, renamed into it or removed from it.

    Some file systems, mostly of file servers, cannot do that: what they do by themselves must suffice there.

    :param folder: its path, or the descriptor of one that is open.
    :raises OSError: it is gone, or the device fails.
    """
    if isinstance(folder, int):
        _sync_entries(folder)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sync_entries(descriptor)
    finally:
        os.close(descriptor)


def _sync_entries(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNABLE:
            raise


def make_folders(folder: Path) -> None:
    """Make a folder and its missing parents, durably. Others may do the same at the same time.

    :raises FileNotFoundError: somebody removed it, or a parent, meanwhile.
    :raises OSError: it cannot be made.
    """
    missing = [folder]
    while not missing[-1].parent.is_dir():
        missing.append(missing[-1].parent)
    for new in reversed(missing):
        try:
            new.mkdir()
        except FileExistsError:
            if not stat.S_ISDIR(new.stat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "a file lies where a folder must be", str(new)) from None
        else:
            sync_folder(new.parent)


def write_durable(path: Path, content: bytes, *, passing: Path | None = None) -> None:
    """Write a small file, whole or not at all, replacing what is there.

    :param passing: where it is written, in the same folder, before it gets its name: each of several that may write
        it at the same time needs its own. Without it the name with a dot before and ``.tmp`` after it.
    :raises OSError: it cannot be written; the old content stays.
    """
    with open_durable(path, passing=passing) as file:
        file.write(content)


@contextmanager
def open_durable(path: Path, *, passing: Path | None = None) -> Iterator[BinaryIO]:
    """A file to be written, whole or not at all, replacing what is there: an error inside the block leaves that.

    :param passing: as of :func:`write_durable`.
    :raises OSError: it cannot be written; the old content stays.
    """
    temporary = passing or path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    temporary.replace(path)
    sync_folder(path.parent)
