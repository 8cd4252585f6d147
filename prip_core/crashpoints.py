"""Labelled points where a test can end or pause the process, or fill the disk, to show that work is taken up again.

The promise that nothing is lost or doubled holds only if it holds between any two durable effects. So each of them has
a label before and after it, and the tests end a real process at every one (``PRIP_CRASH_AT=stored`` kills it,
``stored:SIGSTOP`` pauses it once, ``stored:ENOSPC`` raises that error there). Without the variable a label costs one
comparison.
"""

from __future__ import annotations

import errno
import os
import signal

LABELS = (
    "claim.row",
    "claim.renamed",
    "recognised",
    "inspected",
    "checked",
    "store.begun",
    "stored",
    "content-checked",
    "publish.before",
    "publish.after",
    "clean.before",
    "clean.finished",
    "told",
    "closed",
    "reject.verdict",
    "reject.deleted",
    "reject.moved",
)
"""All labels, in the order of the work; the last three on the way to quarantine."""

TELLING = "dispatch.told"
"""A plugin was told of an event, and nobody knows yet."""

_LABEL, _, _DEED = os.environ.get("PRIP_CRASH_AT", "").partition(":")

_SIGNALLED: list[str] = []  # a process that was paused and wakes is not paused again


def reached(label: str) -> None:
    """Say that the work has come to a labelled point.

    :raises OSError: a test asked for it.
    """
    if label != _LABEL:
        return
    if _DEED.startswith("E"):
        number = getattr(errno, _DEED)
        raise OSError(number, os.strerror(number))
    if label not in _SIGNALLED:
        _SIGNALLED.append(label)
        os.kill(os.getpid(), signal.Signals[_DEED or "SIGKILL"])
