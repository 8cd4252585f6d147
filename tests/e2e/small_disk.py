"""A file system of 6 MiB and few inodes, which can be full, out of inodes or read-only whenever a test wants."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import wait_for

_INODES = 200


class SmallDisk:
    """A file system of its own in a folder.

    :ivar folder: where it is mounted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self) -> Iterator[None]:
        """No block is left."""
        ballast = self.folder / ".ballast"
        try:
            with pytest.raises(OSError) as raised, ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            assert raised.value.errno == errno.ENOSPC
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def without_inodes(self) -> Iterator[None]:
        """No file more can be made."""
        made: list[Path] = []
        try:
            with pytest.raises(OSError) as raised:
                while True:
                    path = self.folder / f".ballast-{len(made)}"
                    path.touch()
                    made.append(path)
            assert raised.value.errno == errno.ENOSPC
            yield
        finally:
            for path in made:
                path.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As after an error of the device."""
        self._remount("ro")
        try:
            yield
        finally:
            self._remount("rw")

    def _remount(self, how: str) -> None:
        # Files of a process that was just killed may be open for a moment.
        wait_for(lambda: _run("mount", "-o", f"remount,{how}", str(self.folder)).returncode == 0, f"remount {how}")


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mounted on a folder, whose content is hidden meanwhile; skips the test where that cannot be done."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("mounting a small file system needs root on Linux")
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size=6m,nr_inodes={_INODES}", "tmpfs", str(folder))
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        wait_for(lambda: _run("umount", str(folder)).returncode == 0, "end of the mount")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
