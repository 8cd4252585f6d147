"""What a product is found by beside its columns, before it is written: the same on every database."""

from __future__ import annotations

from typing import NamedTuple

import shapely

from prip_core.catalogue.attributes import AttributeRows

DOCUMENT = ("dictionary", "content", "attributes", "parts", "quicklooks")
"""The columns of a document behind the ``seq`` of its product."""


class SearchRow(NamedTuple):
    """What one product is found by.

    :param shape: its footprint, ``None`` when it has none.
    """

    name: str
    shape: shapely.Geometry | None
    attributes: AttributeRows

    @property
    def seq(self) -> int:
        """The product's."""
        return self.attributes.seq
