"""The listener ``journal``: a line of JSON for each refused product, for log shippers and monitoring to collect."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import PurePath
from typing import ClassVar

from prip_core import (
    ConfigError,
    InstancePath,
    Listener,
    PluginSettings,
    ProductRejectedEvent,
    TransientError,
    event_document,
    hookimpl,
    sync_folder,
)


class JournalSettings(PluginSettings):
    """Settings of the listener ``journal``.

    :param path: the file that lines are appended to; made when it is not there.
    """

    path: InstancePath


class RejectionJournal(Listener):
    """Appends to a file, durably, and opens it anew for each line: whoever rotates files may take it away at any time.

    A line may come twice, after a crash; its ``uuid`` tells. Several processes may write to one file.
    """

    NAME: ClassVar[str] = "journal"
    Settings: ClassVar[type[PluginSettings]] = JournalSettings

    def __init__(self, settings: JournalSettings) -> None:
        super().__init__(settings)
        self._path = settings.path
        if not self._path.parent.is_dir():
            raise ConfigError(f"path: there is no folder {self._path.parent}; make it, or name another file")
        if self._path.exists() and not self._path.is_file():
            # A pipe or a device cannot be made durable: each line would be written again and again.
            kind = "a folder" if self._path.is_dir() else "a pipe, socket or device"
            raise ConfigError(f"path: {self._path} is {kind}; name a file")

    def places(self) -> Mapping[str, PurePath]:
        return {"path": self._path}

    @hookimpl
    def prip_product_rejected(self, event: ProductRejectedEvent) -> None:
        """Append its line.

        :raises TransientError: the file cannot be written now.
        """
        line = json.dumps(event_document(event), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            self._append(line)
        except OSError as error:
            raise TransientError(f"the journal {self._path} cannot be written: {error.strerror}") from error

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self._path.parent)


def _write(descriptor: int, line: bytes) -> None:
    """A whole line behind whole lines: what a full disk has room for only in part is taken back."""
    size = os.fstat(descriptor).st_size
    # A power cut may have left half a line.
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    wanted = b"\n" + line if torn else line
    written = os.write(descriptor, wanted)
    if written < len(wanted):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
