"""Which processes live, as seen by others, who may look at the very moment of an end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that run: they are not gone, and no zombies that nobody has buried yet."""
    return [each for each in processes if _runs(each)]


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
