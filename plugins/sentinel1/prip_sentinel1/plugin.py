"""What this plugin implements of the delivery point's hooks."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import MissionAdapter, ProductType, QcRule, hookimpl
from prip_sentinel1.adapter import Sentinel1
from prip_sentinel1.rules import rules_for


@hookimpl
def prip_register_missions() -> Sequence[type[MissionAdapter]]:
    """The mission Sentinel-1."""
    return [Sentinel1]


@hookimpl
def prip_qc_rules(product_type: ProductType) -> Sequence[QcRule]:
    """The rules for Sentinel-1's product types."""
    return rules_for(product_type)
