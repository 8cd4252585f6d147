"""The mission adapter: from a name to an identity, from an identity to metadata."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from prip_core import (
    Candidate,
    MissionAdapter,
    ProductFiles,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    refusal,
)
from prip_sentinel1.earth_explorer import inspect_earth_explorer, inspect_mask, inspect_memory
from prip_sentinel1.naming import Kind, ProductName, parse_name
from prip_sentinel1.product_types import MISSION, product_type_of, product_types
from prip_sentinel1.safe import inspect_auxiliary, inspect_safe

_INSPECTORS: dict[Kind, Callable[[ProductName, ProductFiles], ProductMetadata]] = {
    Kind.RAW: inspect_safe,
    Kind.AUXILIARY_RAW: inspect_safe,
    Kind.HOUSEKEEPING: inspect_safe,
    Kind.IMAGE: inspect_safe,
    Kind.AUXILIARY: inspect_auxiliary,
    Kind.EARTH_EXPLORER: inspect_earth_explorer,
    Kind.MASK: inspect_mask,
    Kind.MEMORY: inspect_memory,
}


_SENSED = frozenset({Kind.RAW, Kind.AUXILIARY_RAW, Kind.HOUSEKEEPING, Kind.IMAGE})
"""Kinds whose names tell a period of sensing, not one of validity."""


class Sentinel1(MissionAdapter):
    """Sentinel-1: radar products of Level 0 to 2, telemetry, auxiliary data, orbit files, masks."""

    NAME: ClassVar[str] = MISSION

    def product_types(self) -> Sequence[ProductType]:
        return product_types()

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        name = parse_name(candidate.name)
        if name is None:
            return None
        return ProductIdentity(
            name=candidate.name,
            product_type=product_type_of(name.code),
            platform=name.platform,
            sensing_end=name.stop if name.kind in _SENSED else None,
        )

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        name = parse_name(identity.name)
        if name is None:
            raise refusal("QC-01", f"{identity.name} is not the name of a Sentinel-1 product")
        return _INSPECTORS[name.kind](name, files)
