"""The storage ``posix``: one file for each object, under a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

from prip_core import (
    InstancePath,
    ObjectMissing,
    PluginSettings,
    Storage,
    StoredObject,
    TransientError,
    check_key,
    is_key_segment,
    sync_folder,
)
from prip_storage_posix.failures import transient
from prip_storage_posix.uploads import Uploads
from prip_storage_posix.window import open_window


class PosixSettings(PluginSettings):
    """Settings of the storage ``posix``.

    :param path: the folder; its file system keeps the bytes.
    """

    path: InstancePath


class PosixStorage(Storage):
    """Objects are files below a folder, named as their keys; each appears whole, by a rename.

    All methods raise ``ValueError`` for a key that is not safe, and ``TransientError`` while the folder is away (a
    file system that is not mounted must not look like a storage that lost everything).

    A file that is taken over by :meth:`adopt` stays the same file as its source: a producer must have closed it before
    renaming it into an inbox, as later writes through a descriptor that is still open would change the object.
    Where the kernel sets ``fs.protected_hardlinks`` (the usual default), linking a file that this process does not
    own and may not write is refused; then ``adopt`` answers ``False`` and the core copies.
    """

    NAME: ClassVar[str] = "posix"
    Settings: ClassVar[type[PluginSettings]] = PosixSettings

    def __init__(self, settings: PosixSettings) -> None:
        super().__init__(settings)
        self._root = settings.path
        self._uploads = Uploads(self._root)

    def put(self, key: str, source: BinaryIO, *, size: int | None) -> None:
        target = self._file(key)
        with self._uploads.begin(key) as upload:
            _check_size(key, self._uploads.write(key, upload, source, size), size)
            self._uploads.place(key, upload, target)

    def adopt(self, key: str, path: Path) -> bool:
        target = self._file(key)
        with self._uploads.begin(key) as upload:
            linked = self._uploads.link(key, upload, path)
            if linked:
                self._uploads.place(key, upload, target)
            return linked

    def open(self, key: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError(f"a range has no negative ends: {start} to {stop}")
        path = self._file(key)
        with transient(f"the object {key} cannot be opened"):
            try:
                file = path.open("rb")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                self._uploads.check_present()
                raise ObjectMissing(key) from None
        return file if start == 0 and stop is None else open_window(file, start, stop)

    def stat(self, key: str) -> StoredObject | None:
        self._file(key)
        return self._look(key)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            path = self._file(key)
            with transient(f"the object {key} cannot be removed"):
                with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                    path.unlink()
                self._uploads.check_present()
                self._remove_empty_folders(path.parent)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        self._uploads.check_present()
        return self._walk(self._root, "", prefix)

    def abandon_uploads(self, older_than: timedelta) -> int:
        return self._uploads.abandon(older_than)

    def download_url(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:  # noqa: ARG002 - it has none
        self._file(key)
        return None

    def free_bytes(self) -> int | None:
        with transient("the room that is left cannot be told"):
            facts = os.statvfs(self._root)
        return facts.f_bavail * facts.f_frsize

    def local_path(self, key: str) -> Path | None:
        return self._file(key) if self.stat(key) else None

    def _file(self, key: str) -> Path:
        return self._root / check_key(key)

    def _look(self, key: str) -> StoredObject | None:
        with transient(f"the object {key} cannot be looked at"):
            try:
                facts = (self._root / key).lstat()
            except (FileNotFoundError, NotADirectoryError):
                self._uploads.check_present()
                return None
        return _stored(key, facts) if stat.S_ISREG(facts.st_mode) else None

    def _remove_empty_folders(self, folder: Path) -> None:
        """And make the removal durable; a put that loses its folder here makes it again."""
        while folder != self._root:
            try:
                folder.rmdir()
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError:
                break
            folder = folder.parent
        with suppress(FileNotFoundError):
            sync_folder(folder)

    def _walk(self, folder: Path, above: str, prefix: str) -> Iterator[StoredObject]:
        for name in _names_in_key_order(folder):
            key = above + name
            if not (key.startswith(prefix) or (name.endswith("/") and prefix.startswith(key))):
                continue
            if name.endswith("/"):
                yield from self._walk(folder / name, key, prefix)
            elif found := self._look(key):
                yield found


def _names_in_key_order(folder: Path) -> list[str]:
    """Folders with a slash, as it takes part in the order of keys: ``a-b`` is before ``a/b``, ``a0`` after it."""
    with transient(f"the folder {folder} cannot be listed"):
        try:
            with os.scandir(folder) as entries:
                return sorted(
                    f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
                    for entry in entries
                    if is_key_segment(entry.name)
                )
        except FileNotFoundError:
            return []


def _check_size(key: str, written: int, size: int | None) -> None:
    if size is not None and written != size:
        came = f"more than {size}" if written > size else str(written)
        raise TransientError(f"the source of {key} gave {came} bytes, {size} were announced; nothing is stored")


def _stored(key: str, facts: os.stat_result) -> StoredObject:
    """With the change time: the bytes of an adopted file may be older than the object."""
    return StoredObject(key=key, size=facts.st_size, modified=datetime.fromtimestamp(facts.st_ctime, UTC))
