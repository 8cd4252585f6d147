"""The states of a published product."""

from __future__ import annotations

from enum import StrEnum

EVICTED = "Evicted at the end of its retention"
"""DeletionCause of what was evicted."""


class ProductState(StrEnum):
    """Where a product is in its life. A withdrawn or evicted product keeps its row and loses its bytes."""

    ONLINE = "ONLINE"
    EVICTING = "EVICTING"
    EVICTED = "EVICTED"
    WITHDRAWN = "WITHDRAWN"


LIVE = (ProductState.ONLINE.value, ProductState.EVICTING.value)
"""Of all products of a name, one at most is in such a state."""
