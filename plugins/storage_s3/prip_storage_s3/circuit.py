"""Not asking a server again and again that does not answer: whoever asks has other things to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from prip_core import TransientError

_QUICK = 1.0
"""A failure that took no longer holds nobody up; seconds."""

_REST = 10.0
"""So many times as long as a failure took nothing is asked, so that waiting takes a tenth of the time."""

_LONGEST = 60.0
"""But for no longer than this; seconds."""


class Circuit:
    """Remembers that a server kept somebody waiting in vain."""

    def __init__(self) -> None:
        self._until = 0.0
        self._why = ""

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Ask the server in the block.

        :raises TransientError: it did not answer a moment ago, so that it is not asked.
        """
        begun = monotonic()
        if begun < self._until:
            raise TransientError(f"{self._why}; it is asked again in {self._until - begun:.0f} s")
        try:
            yield
        except TransientError as error:
            now = monotonic()
            if now - begun > _QUICK:
                self._until, self._why = now + min(_LONGEST, _REST * (now - begun)), str(error)
            raise
