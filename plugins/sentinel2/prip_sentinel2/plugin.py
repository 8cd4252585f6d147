"""What Sentinel-2 adds to the delivery point: its mission adapter and its quality rules."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import MissionAdapter, ProductType, QcRule, hookimpl
from prip_sentinel2.adapter import Sentinel2
from prip_sentinel2.rules import rules_for


@hookimpl
def prip_register_missions() -> Sequence[type[MissionAdapter]]:
    """The Sentinel-2 adapter."""
    return (Sentinel2,)


@hookimpl
def prip_qc_rules(product_type: ProductType) -> Sequence[QcRule]:
    """The rules for one of our product types; none for another mission's."""
    return rules_for(product_type)
