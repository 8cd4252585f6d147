"""What is known of a product from three sides: metadata, sidecar, inbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest.describing import describe
from prip_core.ingest.sidecar import Sidecar
from prip_core.model import Attribute, Claimed, ProductionType, ProductMetadata, TimeRange
from prip_core.settings import CampaignSection, InboxSection

T = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
METADATA = ProductMetadata(content=TimeRange(start=T, end=T + HOUR), attributes=(), generated=T + 2 * HOUR)
CLAIMED = Claimed(uuid=uuid4(), name="x", path="x", size=1, arrived=T + 3 * HOUR)


@pytest.mark.parametrize(
    ("rule", "metadata", "sidecar", "expected", "estimated"),
    [
        ("generation", {}, {}, T + 2 * HOUR, True),
        ("generation", {"generated": None}, {}, T + 3 * HOUR, True),
        ("arrival", {}, {}, T + 3 * HOUR, True),
        ("sensing_end", {}, {}, T + HOUR, True),
        ("arrival", {"origin_date": T + 5 * HOUR}, {}, T + 5 * HOUR, False),
        ("arrival", {"origin_date": T + 5 * HOUR}, {"origin_date": "2026-03-01T06:00:00Z"}, T + 6 * HOUR, False),
    ],
)
def test_origin_date_is_never_null(
    rule: Any, metadata: dict[str, Any], sidecar: dict[str, Any], expected: datetime, estimated: bool
) -> None:
    described = describe(
        replace(METADATA, **metadata), Sidecar.model_validate(sidecar), CLAIMED, InboxSection(origin_date=rule)
    )
    assert (described.origin_date, described.origin_estimated) == (expected, estimated)


@pytest.mark.parametrize(
    ("own", "stated", "expected"),
    [
        (None, None, "systematic_production"),
        (None, "on_demand_default", "on_demand_default"),
        ("on_demand_default", None, "on_demand_default"),
        ("on_demand_default", "on_demand_default", "on_demand_default"),
    ],
)
def test_production_type_comes_from_whoever_knows(own: str | None, stated: str | None, expected: str) -> None:
    metadata = replace(METADATA, production_type=ProductionType.of(own) if own else None)
    sidecar = Sidecar.model_validate({"production_type": stated} if stated else {})
    assert describe(metadata, sidecar, CLAIMED, InboxSection()).production_type.label == expected


@pytest.mark.parametrize(
    ("metadata", "sidecar"),
    [
        ({"production_type": ProductionType.SYSTEMATIC}, {"production_type": "on_demand_default"}),
        ({"attributes": (Attribute(name="campaign", value="A"),)}, {"campaign": "B"}),
        ({}, {"campaign": "B", "attributes": {"campaign": "A"}}),
    ],
)
def test_contradictions_are_refused(metadata: dict[str, Any], sidecar: dict[str, Any]) -> None:
    with pytest.raises(ProductRejected, match="contradicts"):
        describe(replace(METADATA, **metadata), Sidecar.model_validate(sidecar), CLAIMED, InboxSection())


@pytest.mark.parametrize(
    ("own", "stated", "inbox", "expected"),
    [(None, None, None, []), (None, None, "I", ["I"]), (None, "S", "I", ["S"]), ("M", None, "I", ["M"])],
)
def test_campaign_is_an_attribute(own: str | None, stated: str | None, inbox: str | None, expected: list[str]) -> None:
    metadata = replace(METADATA, attributes=(Attribute(name="campaign", value=own),) if own else ())
    described = describe(
        metadata,
        Sidecar(campaign=stated),
        CLAIMED,
        InboxSection(campaign=CampaignSection(name=inbox) if inbox else None),
    )
    assert [attribute.value for attribute in described.attributes] == expected
