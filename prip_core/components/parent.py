"""Children that do not outlive their parent, even when it is killed without a chance to stop them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PARENT = "PRIP_PARENT"
"""The environment variable in which a supervisor tells its children who it is."""

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0


def die_with_parent() -> None:
    """End this process with the supervisor that started it, if one did. Call it first of all.

    Linux sends SIGKILL as soon as the supervisor is gone; elsewhere a thread looks every second.
    """
    parent = int(os.environ.pop(PARENT, "0"))
    if not parent:
        return
    if not _told_the_kernel():
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent").start()
    if os.getppid() != parent:  # it died before the kernel was asked
        _end()


def _told_the_kernel() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    numbers = [ctypes.c_ulong(number) for number in (signal.SIGKILL, 0, 0, 0)]
    return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, *numbers) == 0)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
