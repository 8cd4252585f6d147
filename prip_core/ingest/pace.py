"""The pace: how many small products a worker takes in side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from prip_core.ingest.context import Outcome

AT_MOST = 0.5
"""So long small products may be in work together: something more urgent waits no longer for them; seconds."""

LARGEST = 64
"""So many products at the most lose their worker together."""

_FIRST = 8


class Pace:
    """Learns how many small products can be taken in within :data:`AT_MOST`.

    :ivar size: so many may go side by side.
    """

    def __init__(self) -> None:
        self.size = _FIRST

    def measured(self, work: Callable[[], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Take small products in, and learn from how long it took."""
        begun = time.monotonic()
        outcomes = work()
        self.learn(len(outcomes), time.monotonic() - begun)
        return outcomes

    def learn(self, number: int, seconds: float) -> None:
        """Take note that so many products took so long."""
        possible = int(number * AT_MOST / max(seconds, 1e-6))
        self.size = max(1, min(LARGEST, 2 * self.size, possible))
