"""The time by the file system of a folder, which is that of a file server where the folder is mounted from one."""

from __future__ import annotations

import os
import time
from functools import cached_property
from pathlib import Path


class FolderClock:
    """Tells how late it is where times of files come from. It is asked once, when the time is first wanted.

    :param folder: one that this process may write into; where it may not, its own clock must do.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def now(self) -> float:
        """Seconds since 1970."""
        return self._ahead + time.monotonic()

    @cached_property
    def _ahead(self) -> float:
        try:
            os.utime(self._folder)
            there = self._folder.stat().st_mtime
        except OSError:
            there = time.time()
        return there - time.monotonic()
