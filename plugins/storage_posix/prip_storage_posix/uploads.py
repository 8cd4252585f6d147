"""Objects that are not whole yet: written or linked beside the others, then put in their place by a rename."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from prip_core import ConfigError, TransientError, make_folders, sync_folder
from prip_storage_posix.direct import BLOCK, DirectFile
from prip_storage_posix.failures import storing, transient

FOLDER = ".uploads"
"""Where they lie below the storage's folder; no key begins with a dot."""

_PLACING_TRIES = 100
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class Uploads:
    """The unfinished objects of a storage.

    :param root: the storage's folder, which must be there.
    :raises ConfigError: it is not there, or cannot be used.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / FOLDER
        if not root.is_dir():
            raise ConfigError(f"path: there is no folder {root}; make it, or mount the file system that has it")
        try:
            make_folders(self._folder)
        except OSError as error:
            raise ConfigError(f"path: the folder {root} cannot be used: {error.strerror}") from error

    def check_present(self) -> None:
        """Tell a storage that is away from one that is empty.

        :raises TransientError: the folder is not there, or cannot be looked at.
        """
        with transient("the storage cannot be used"):
            present = self._folder.is_dir()
        if not present:
            raise TransientError(f"the storage's folder {self._root} is not there: is its file system mounted?")

    @contextmanager
    def begin(self, key: str) -> Iterator[Path]:
        """The name of a new upload; whatever lies there afterwards is removed."""
        self.check_present()
        upload = self._folder / str(uuid4())
        try:
            yield upload
        finally:
            # After a failure a part remains, and after a rename onto another name of the same file both names do.
            with storing(key):
                upload.unlink(missing_ok=True)

    def write(self, key: str, upload: Path, source: BinaryIO, limit: int | None) -> int:
        """Copy a source into an upload, durably; errors of the source pass as they are.

        :param limit: reading stops once more than this has come.
        :returns: bytes written.
        """
        with storing(key):
            file = DirectFile(upload)
        with file:
            written = 0
            while (limit is None or written <= limit) and (block := source.read(BLOCK)):
                with storing(key):
                    file.write(block)
                written += len(block)
            with storing(key):
                file.finish()
        return written

    def link(self, key: str, upload: Path, path: Path) -> bool:
        """Make an upload a second name of a regular file, whose bytes are made durable first.

        :returns: ``False`` when it is none, or cannot have a second name here.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            return _link(key, upload, path, descriptor)
        finally:
            os.close(descriptor)

    def place(self, key: str, upload: Path, target: Path) -> None:
        """Give an upload its final name, durably."""
        with storing(key):
            for _ in range(_PLACING_TRIES):
                self.check_present()
                # A delete may remove the folder again while it is still empty.
                with suppress(FileNotFoundError):
                    make_folders(target.parent)
                    upload.replace(target)
                    break
                if not upload.exists():
                    raise TransientError(f"the object {key} was abandoned while it was being stored")
            else:
                raise TransientError(f"the folder of the object {key} vanished again and again")
            with suppress(FileNotFoundError):
                sync_folder(target.parent)

    def abandon(self, older_than: timedelta) -> int:
        """Remove uploads on which nobody has worked for this long; returns how many."""
        self.check_present()
        latest = time.time() - older_than.total_seconds()
        abandoned = 0
        with transient(f"the unfinished uploads in {self._folder} cannot be removed"):
            for upload in self._folder.iterdir():
                with suppress(FileNotFoundError):
                    # A linked file keeps the times of its source: only the change time tells when it came here.
                    if upload.lstat().st_ctime <= latest:
                        upload.unlink()
                        abandoned += 1
        return abandoned


def _link(key: str, upload: Path, path: Path, descriptor: int) -> bool:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return False
    with storing(key):
        os.fsync(descriptor)
        try:
            os.link(path, upload, follow_symlinks=False)
        except OSError as error:
            if error.errno in _NO_LINK:
                return False
            raise
        return os.path.samestat(os.fstat(descriptor), upload.lstat())
