"""Describing: what the mission reads inside a product, joined with what the sidecar and the inbox state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prip_core.errors import ProductRejected
from prip_core.ingest.sidecar import Sidecar, merge_attributes
from prip_core.model import Attribute, AttributeValue, Claimed, ProductionType, ProductMetadata
from prip_core.settings import InboxSection

CAMPAIGN = "campaign"
"""The attribute that names a product's reprocessing campaign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """All that is said about a product apart from its bytes.

    :param origin_estimated: ``origin_date`` follows from the inbox's rule.
    """

    attributes: tuple[Attribute, ...]
    origin_date: datetime
    origin_estimated: bool
    production_type: ProductionType


def describe(metadata: ProductMetadata, sidecar: Sidecar, claimed: Claimed, section: InboxSection) -> Description:
    """Join what is known of a product; the sidecar goes before the metadata, the inbox's defaults come last.

    :raises ProductRejected: the sidecar contradicts the metadata.
    """
    known = sidecar.origin_date or metadata.origin_date
    return Description(
        attributes=_attributes(metadata, sidecar, section),
        origin_date=known or _origin_by_rule(metadata, claimed, section),
        origin_estimated=known is None,
        production_type=_production_type(metadata, sidecar, section),
    )


def _attributes(metadata: ProductMetadata, sidecar: Sidecar, section: InboxSection) -> tuple[Attribute, ...]:
    stated: dict[str, AttributeValue] = dict(sidecar.attributes)
    if sidecar.campaign is not None:
        if stated.setdefault(CAMPAIGN, sidecar.campaign) != sidecar.campaign:
            raise ProductRejected("the sidecar contradicts itself: campaign and attributes.campaign differ")
    elif section.campaign is not None and all(each.name != CAMPAIGN for each in metadata.attributes):
        stated.setdefault(CAMPAIGN, section.campaign.name)
    return merge_attributes(metadata.attributes, stated)


def _origin_by_rule(metadata: ProductMetadata, claimed: Claimed, section: InboxSection) -> datetime:
    """OriginDate is never null: a product that does not say when it was made has arrived, at least."""
    if section.origin_date == "sensing_end":
        return metadata.content.end
    if section.origin_date == "generation" and metadata.generated is not None:
        return metadata.generated
    return claimed.arrived


def _production_type(metadata: ProductMetadata, sidecar: Sidecar, section: InboxSection) -> ProductionType:
    own, stated = metadata.production_type, sidecar.production_type
    if own is not None and stated is not None and own is not stated:
        raise ProductRejected(
            f"the sidecar contradicts the product: production_type is {stated.label}, the product says {own.label}"
        )
    return stated or own or ProductionType.of(section.production_type)
