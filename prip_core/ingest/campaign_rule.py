"""The quality rule of reprocessing campaigns: their products are made with one baseline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prip_core.interfaces import QcRule
from prip_core.model import InspectedProduct, Severity
from prip_core.rules import qc_rule
from prip_core.settings import InboxSection

_BASELINES = ("processingBaseline", "processorVersion")
"""Attributes that say what a product was made with; the first one that it has counts."""


def campaign_rules(section: InboxSection) -> Sequence[QcRule]:
    """The rules for products of an inbox, besides those of their types: none where it is no campaign of a baseline."""
    baseline = section.campaign.baseline if section.campaign else None
    return () if baseline is None else (_of_baseline(baseline),)


def _of_baseline(baseline: str) -> QcRule:
    @qc_rule("QC-21", severity=Severity.WARNING)
    def made_with_the_baseline(product: InspectedProduct) -> Iterator[str]:
        """A product of a campaign is made with the baseline that the campaign states."""
        said = {attribute.name: attribute.value for attribute in product.metadata.attributes}
        name = next((name for name in _BASELINES if name in said), None)
        if name is not None and _plain(str(said[name])) != _plain(baseline):
            yield f"{name} is {said[name]}, the campaign is of baseline {baseline}"

    return made_with_the_baseline


def _plain(baseline: str) -> str:
    """``05.11``, ``0511`` and ``N0511`` are one baseline."""
    return re.sub(r"[^0-9A-Z]", "", baseline.upper()).removeprefix("N")


BASELINE_RULE = _of_baseline("")
"""The rule as lists of rules show it."""
