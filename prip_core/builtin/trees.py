"""Copying and removing what arrived, folders however deep: no call is nested, and no path is longer than a name."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Self

from prip_core import sync_folder

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_BLOCK = 1024 * 1024
_RIGHTS = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO


def remove(path: Path) -> None:
    """Remove a file, link or whole folder; a missing one is fine. Links are not followed.

    :raises OSError: it cannot be removed.
    """
    try:
        place = _Place(path.parent)
    except FileNotFoundError:
        return
    with place as here:
        left = [[path.name]]  # of each level on the way down, what is still there
        while left:
            if not left[-1]:
                left.pop()
                here.up()
                if left:
                    _remove_emptied(here.folder, left[-1].pop())
            elif _remove_entry(here.folder, left[-1][-1]):
                left[-1].pop()
            else:
                here.down(left[-1][-1])
                left.append(here.names())


def copy(source: Path, target: Path) -> None:
    """Copy a file, link, special file or whole folder durably to where nothing is yet. Links are not followed.

    The folder that the target lies in is synced as well.

    :raises OSError: a part of it may have been copied. So it is when somebody still writes it: what comes later would
        be lost with the original.
    """
    with _Place(source.parent) as here, _Place(target.parent) as there:
        left = [[source.name]]
        while left:
            if not left[-1]:
                here.check_unchanged()
                sync_folder(there.folder)
                left.pop()
                here.up()
                there.up()
                continue
            name = left[-1].pop()
            copied = target.name if len(left) == 1 else name
            if _copy_entry(here.folder, name, there.folder, copied):
                continue
            here.down(name)
            there.down(copied)
            left.append(here.names())


class _Place:
    """A folder that is open, and the way up from it.

    :ivar folder: its descriptor.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._above: list[os.stat_result] = []
        self._changed: list[int] = []  # when, as each was entered

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.folder)

    def names(self) -> list[str]:
        """What lies in it."""
        return os.listdir(self.folder)  # noqa: PTH208 - a descriptor has no path

    def down(self, name: str) -> None:
        below = os.open(name, _FOLDER, dir_fd=self.folder)
        self._above.append(os.fstat(self.folder))
        self._changed.append(os.fstat(below).st_mtime_ns)
        self._go(below)

    def up(self) -> None:
        """Go back to where one came down from; on the uppermost level, stay.

        :raises OSError: somebody has moved the folder elsewhere meanwhile.
        """
        if not self._above:
            return
        self._go(os.open("..", _FOLDER, dir_fd=self.folder))
        self._changed.pop()
        if not os.path.samestat(os.fstat(self.folder), self._above.pop()):
            raise OSError(errno.ESTALE, "somebody moves what is being copied or removed")

    def check_unchanged(self) -> None:
        """Make sure that nothing has come into it or left it since it was entered.

        :raises OSError: something has.
        """
        if self._changed and os.fstat(self.folder).st_mtime_ns != self._changed[-1]:
            raise _still_written()

    def _go(self, folder: int) -> None:
        os.close(self.folder)
        self.folder = folder


def _remove_entry(folder: int, name: str) -> bool:
    """Remove it, if it is no folder, or an empty one; tells whether it is gone."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except (IsADirectoryError, PermissionError):
        # Removing a folder by unlink is "not permitted" on some systems, "is a folder" on others.
        if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise
        return _remove_folder(folder, name)
    return True


def _remove_folder(folder: int, name: str) -> bool:
    """Remove a folder, if it is empty; tells whether it is gone."""
    try:
        os.rmdir(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        return False
    return True


def _remove_emptied(folder: int, name: str) -> None:
    """Remove a folder out of which all has been removed.

    :raises OSError: it is not empty all the same. A file server may show less than there is, for ever.
    """
    with suppress(FileNotFoundError):
        os.rmdir(name, dir_fd=folder)


def _copy_entry(source: int, name: str, target: int, copied: str) -> bool:
    """Copy it, and tell whether it is whole: of a folder an empty one is made, which is still to be filled."""
    facts = os.stat(name, dir_fd=source, follow_symlinks=False)
    if stat.S_ISDIR(facts.st_mode):
        os.mkdir(copied, dir_fd=target)
        return False
    if stat.S_ISREG(facts.st_mode):
        with (
            os.fdopen(os.open(name, _FILE, dir_fd=source), "rb", 0) as original,
            os.fdopen(os.open(copied, _NEW, 0o600, dir_fd=target), "wb") as written,
        ):
            _copy_file(original, written)
    elif stat.S_ISLNK(facts.st_mode):
        os.symlink(os.readlink(name, dir_fd=source), copied, dir_fd=target)
    else:
        os.mknod(copied, facts.st_mode, facts.st_rdev, dir_fd=target)
    return True


def _copy_file(source: FileIO, target: BinaryIO) -> None:
    """With its rights and times, durably; but nobody runs it with the rights of this process, which owns it now."""
    facts = os.fstat(source.fileno())
    _copy_data(source, target, facts.st_size)
    target.flush()
    with suppress(PermissionError):  # not every file system keeps them
        os.fchmod(target.fileno(), facts.st_mode & _RIGHTS)
        os.utime(target.fileno(), ns=(facts.st_atime_ns, facts.st_mtime_ns))
    os.fsync(target.fileno())
    now = os.fstat(source.fileno())
    if (now.st_size, now.st_mtime_ns) != (facts.st_size, facts.st_mtime_ns):
        raise _still_written()


def _still_written() -> OSError:
    return OSError(errno.EBUSY, "somebody still writes it")


def _copy_data(source: FileIO, target: BinaryIO, size: int) -> None:
    """Without its holes: a file may say that it is larger than any disk."""
    target.truncate(size)
    at = _next_data(source, 0)
    while at is not None:
        end = os.lseek(source.fileno(), at, os.SEEK_HOLE)
        source.seek(at)
        target.seek(at)
        while at < end and (block := source.read(min(_BLOCK, end - at))):
            target.write(block)
            at += len(block)
        at = _next_data(source, end)


def _next_data(source: FileIO, start: int) -> int | None:
    try:
        return os.lseek(source.fileno(), start, os.SEEK_DATA)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return None
