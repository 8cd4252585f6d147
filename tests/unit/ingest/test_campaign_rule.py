"""QC-21: products of a campaign are made with its baseline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core.ingest.campaign_rule import campaign_rules
from prip_core.ingest.package import open_product
from prip_core.model import (
    Attribute,
    InspectedProduct,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    Severity,
    TimeRange,
)
from prip_core.settings import CampaignSection, InboxSection

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
TYPE = ProductType(code="T", mission="m", description="a type")


def messages(tmp_path: Path, baseline: str | None, **attributes: str) -> list[str]:
    path = tmp_path / "product"
    path.write_bytes(b"bytes")
    metadata = ProductMetadata(
        content=TimeRange(start=MOMENT, end=MOMENT),
        attributes=tuple(Attribute(name=name, value=value) for name, value in attributes.items()),
    )
    identity = ProductIdentity(name=path.name, product_type=TYPE, platform="X")
    product = InspectedProduct(identity=identity, metadata=metadata, files=open_product(path), size=5, now=MOMENT)
    section = InboxSection(campaign=CampaignSection(name="c", baseline=baseline))
    findings = [finding for rule in campaign_rules(section) for finding in rule(product)]
    assert all((finding.rule, finding.severity) == ("QC-21", Severity.WARNING) for finding in findings)
    return [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("baseline", "attributes"),
    [
        ("05.11", {"processorVersion": "05.11"}),
        ("N0511", {"processorVersion": "05.11"}),
        ("05.11", {"processorVersion": "2.3", "processingBaseline": "0511"}),
        ("05.11", {}),
        (None, {"processorVersion": "05.10"}),
    ],
)
def test_the_baseline_of_the_campaign_is_fine(tmp_path: Path, baseline: str | None, attributes: dict[str, str]) -> None:
    assert messages(tmp_path, baseline, **attributes) == []


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"processorVersion": "05.10"}, "processorVersion is 05.10, the campaign is of baseline 05.11"),
        (
            {"processorVersion": "05.11", "processingBaseline": "05.10"},
            "processingBaseline is 05.10, the campaign is of baseline 05.11",
        ),
    ],
)
def test_another_baseline_is_a_warning(tmp_path: Path, attributes: dict[str, str], said: str) -> None:
    assert messages(tmp_path, "05.11", **attributes) == [said]


def test_an_inbox_that_is_no_campaign_has_no_rule() -> None:
    assert campaign_rules(InboxSection()) == ()
