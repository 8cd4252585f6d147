"""Moving what arrived from folder to folder, also to another file system, without ever having it nowhere."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from prip_core import sync_folder
from prip_core.builtin.trees import copy, remove


def relocate(source: Path, target: Path, *, passing: Path) -> None:
    """Move a file, folder, link or special file. A repeat after a crash completes the move.

    Both folders are synced by the caller, who also sees to it that no one else writes to ``target``.

    :param passing: a name beside ``target`` for the folder of a copy that is not whole yet.
    :raises OSError: the source stays.
    """
    if os.path.lexists(target):
        # Only a copy that was whole carries the final name: the crash came before its source was removed.
        remove(passing)
        remove(source)
        return
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with _copied(source, passing) as copied:
            copied.rename(target)
        sync_folder(target.parent)
        remove(source)


def enter(source: Path, target: Path, *, passing: Path) -> None:
    """Move without replacing anything. After a crash the source is still there, perhaps beside the finished target.

    A repeat completes the move where both are names of the same file.

    :param passing: a name beside ``target`` for the folder of a copy that is not whole yet.
    :raises FileExistsError: the name is taken.
    :raises OSError: the source stays.
    """
    try:
        _rename_new(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with _copied(source, passing) as copied:
            _rename_new(copied, target)
        sync_folder(target.parent)
        remove(source)


def is_taken(source: Path, target: Path) -> bool:
    """Tell whether something else has the target's name. The source itself may: a crash came between its two names."""
    return os.path.lexists(target) and not _is_same(source, target)


def _rename_new(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        if not _is_same(source, target):
            raise
        source.unlink()
    except OSError:
        # Folders, and files where second names are unknown or forbidden: what is left is to look first.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        source.rename(target)
    else:
        source.unlink()


def _is_same(source: Path, target: Path) -> bool:
    return os.path.samestat(source.lstat(), target.lstat())


@contextmanager
def _copied(source: Path, passing: Path) -> Iterator[Path]:
    """A whole copy in the folder ``passing``, out of which it is to be renamed. Of one that fails nothing is left.

    Each attempt has a name of its own, and removes what others were copying: a worker that was paused over a copy finds
    it gone when it wakes, and does not take what another is copying for its own.
    """
    _remove_copies(passing)
    passing.mkdir(exist_ok=True)
    copied = passing / str(uuid4())
    try:
        copy(source, copied)
        yield copied
    except OSError:
        _clear(copied)
        raise
    _clear(copied)


def _remove_copies(passing: Path) -> None:
    """Under another name: one that somebody still makes would get its final name with parts of it removed."""
    if not passing.is_dir():
        remove(passing)
        return
    for copied in passing.iterdir():
        removed = passing / str(uuid4())
        with suppress(FileNotFoundError):  # it has its final name
            copied.rename(removed)
            remove(removed)


def _clear(copied: Path) -> None:
    with suppress(OSError):  # another may be at work in that folder by now
        remove(copied)
        copied.parent.rmdir()
