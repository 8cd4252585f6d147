"""Waiting for deliveries: woken by changes in an inbox, and by the passing of time, as notices of changes get lost."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Self

import structlog
import watchfiles

from prip_core.interfaces import Inbox

_log = structlog.get_logger(__name__)
_STOP_LATENCY = 0.25
_MOST = 10_000
_PAUSE = 1.0  # seconds, before folders are watched again: a system may have no more watches for long

_Identity = tuple[int, int]
"""The device and the inode of a folder."""


class InboxWatch:
    """Watches the folders of inboxes for as long as a ``with`` block lasts, those that come or are replaced then, too.

    :param rescan: the longest that :meth:`wait` waits.
    :param stop: set to end all waiting.
    """

    def __init__(self, inboxes: Sequence[Inbox], rescan: timedelta, stop: threading.Event) -> None:
        self._watched = {folder: inbox for inbox in inboxes if (folder := inbox.watch_path()) is not None}
        self._rescan = rescan
        self._stop = stop
        self._changed = threading.Event()
        self._noticed: deque[Path] = deque(maxlen=_MOST)
        self._failure: str | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="inbox-watch", daemon=True)

    def __enter__(self) -> Self:
        if self._watched:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait(self) -> None:
        """Return when something changed since the last call, when it is time to look anyway, or when to stop."""
        left = self._rescan.total_seconds()
        while left > 0 and not self._stop.is_set() and not self._changed.wait(min(left, _STOP_LATENCY)):
            left -= _STOP_LATENCY
        self._changed.clear()

    def news(self) -> Sequence[tuple[Inbox, Collection[Path]]]:
        """What appeared or changed in the folders since the last call; what is too much to keep, a scan will find."""
        noticed = defaultdict(set)
        while self._noticed:
            path = self._noticed.popleft()
            noticed[path.parent].add(path)
        return [(self._watched[folder], paths) for folder, paths in noticed.items() if folder in self._watched]

    def _watch(self) -> None:
        while not self._done.is_set():
            folders = _present(self._watched)
            try:
                if folders:
                    self._follow(folders)
                    self._failure = None
            except (OSError, RuntimeError) as error:
                self._say(folders, str(error))
            self._done.wait(_PAUSE)

    def _follow(self, folders: Mapping[Path, _Identity]) -> None:
        """Notice changes until to stop, or until something else lies where a folder was.

        A watch stays with a folder that is renamed, removed or mounted over, and says nothing of that but its removal.
        """
        for changes in watchfiles.watch(
            *folders,
            watch_filter=None,
            debounce=100,
            step=20,
            stop_event=self._done,
            rust_timeout=500,
            yield_on_timeout=True,
            recursive=False,
            raise_interrupt=False,
        ):
            if appeared := [Path(path) for change, path in changes if _appeared(change, path)]:
                self._noticed.extend(appeared)
                self._changed.set()
            # A new folder may get the inode of one that was removed: that is told by the change alone.
            removed = {Path(path) for change, path in changes if change is watchfiles.Change.deleted}
            if _present(self._watched) != folders or removed & folders.keys():
                return

    def _say(self, folders: Iterable[Path], error: str) -> None:
        """Once for each failure: scans from time to time go on."""
        if error != self._failure:
            self._failure = error
            _log.warning("inbox changes not noticed", folders=", ".join(map(str, folders)), error=error)


def _present(folders: Iterable[Path]) -> Mapping[Path, _Identity]:
    """The folders that are there, and which they are."""
    present = {}
    for folder in folders:
        with suppress(OSError):
            facts = folder.stat()
            present[folder] = (facts.st_dev, facts.st_ino)
    return present


def _appeared(change: watchfiles.Change, path: str) -> bool:
    """What is removed, and what is hidden yet, wakes nobody."""
    return change is not watchfiles.Change.deleted and not Path(path).name.startswith(".")
