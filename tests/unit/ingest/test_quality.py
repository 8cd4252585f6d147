"""Quality rules: stages, findings, and what they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest.package import open_product
from prip_core.ingest.quality import FINDINGS_LIMIT, accept, examine, to_verify
from prip_core.model import (
    InspectedProduct,
    ListedMember,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    Severity,
    Stage,
    TimeRange,
)
from prip_core.rules import qc_rule
from prip_core.settings import QcSection

T = datetime(2026, 3, 1, tzinfo=UTC)


@qc_rule("QC-91")
def heavy(product: InspectedProduct) -> Iterator[str]:
    """It is light and angular."""
    yield "too heavy"
    yield "too round"


@qc_rule("QC-92", severity=Severity.WARNING)
def dusty(product: InspectedProduct) -> Iterator[str]:
    """It is clean."""
    yield "a little dusty"


@qc_rule("QC-93", stage=Stage.CONTENT)
def hollow(product: InspectedProduct) -> Iterator[str]:
    """It is hollow."""
    yield f"{len(product.members)} members"


@qc_rule("QC-94")
def refusing(product: InspectedProduct) -> Iterator[str]:
    """It can be read."""
    yield "seen before the refusal"
    raise ProductRejected("unreadable")


@qc_rule("QC-95")
def faulty(product: InspectedProduct) -> Iterator[str]:
    """It has no bug."""
    yield "seen"
    raise ZeroDivisionError


@pytest.fixture
def product(tmp_path: Path) -> InspectedProduct:
    (tmp_path / "x").write_bytes(b"x")
    product_type = ProductType(code="X", mission="m", description="x")
    return InspectedProduct(
        identity=ProductIdentity(name="x", product_type=product_type, platform="P"),
        metadata=ProductMetadata(content=TimeRange(start=T, end=T), attributes=()),
        files=open_product(tmp_path / "x"),
        size=1,
        now=T,
    )


def test_each_stage_has_its_rules(product: InspectedProduct) -> None:
    rules = [heavy, dusty, hollow]
    metadata = examine(rules, product, Stage.METADATA, QcSection())
    assert [finding.message for finding in metadata.findings] == ["too heavy", "too round", "a little dusty"]
    assert [finding.rule for finding in metadata.errors] == ["QC-91", "QC-91"]
    assert [finding.message for finding in examine(rules, product, Stage.CONTENT, QcSection()).findings] == [
        "0 members"
    ]


def test_errors_refuse_with_everything_that_was_found(product: InspectedProduct) -> None:
    with pytest.raises(ProductRejected) as refused:
        accept("x.tar", examine([heavy, dusty], product, Stage.METADATA, QcSection()))
    assert refused.value.reason == "x.tar does not pass quality control: QC-91: too heavy; QC-91: too round"
    assert len(refused.value.findings) == 3


def test_warnings_are_kept(product: InspectedProduct) -> None:
    assert [finding.rule for finding in accept("x", examine([dusty], product, Stage.METADATA, QcSection()))] == [
        "QC-92"
    ]


def test_a_rule_may_refuse_instead_of_yielding(product: InspectedProduct) -> None:
    report = examine([refusing, dusty], product, Stage.METADATA, QcSection())
    assert [finding.message for finding in report.findings] == [
        "seen before the refusal",
        "unreadable",
        "a little dusty",
    ]


def test_a_faulty_rule_is_not_taken_for_a_finding(product: InspectedProduct) -> None:
    with pytest.raises(ZeroDivisionError):
        examine([dusty, faulty], product, Stage.METADATA, QcSection())


def test_a_rule_can_be_weighed_otherwise_or_switched_off(product: InspectedProduct) -> None:
    lenient = QcSection(severity={"QC-91": "warning", "QC-92": "off"})
    found = accept("x", examine([heavy, dusty], product, Stage.METADATA, lenient))
    assert [(finding.rule, finding.severity) for finding in found] == [("QC-91", Severity.WARNING)] * 2
    strict = QcSection(severity={"QC-92": "error"})
    with pytest.raises(ProductRejected, match="QC-92: a little dusty"):
        accept("x", examine([dusty], product, Stage.METADATA, strict))


def test_a_rule_that_is_off_does_not_run(product: InspectedProduct) -> None:
    assert examine([faulty], product, Stage.METADATA, QcSection(severity={"QC-95": "off"})).findings == ()


def test_a_rule_has_so_many_findings_and_no_more(product: InspectedProduct) -> None:
    @qc_rule("QC-96", severity=Severity.WARNING)
    def verbose(product: InspectedProduct) -> Iterator[str]:
        """It says little."""
        yield from map(str, range(5000))

    report = examine([verbose], product, Stage.METADATA, QcSection())
    assert len(report.findings) == FINDINGS_LIMIT + 1
    assert report.findings[-1].message == f"and {5000 - FINDINGS_LIMIT} more findings of this rule"


def test_what_of_a_manifest_is_verified() -> None:
    manifest = {"A/b": ListedMember(size=1, algorithm="MD5", digest="00")}
    settings = QcSection(manifest="sizes", manifest_of_type={"BIG": "off", "DEAR": "full"})
    assert to_verify(manifest, "ANY", settings) == {"A/b": ListedMember(size=1)}
    assert to_verify(manifest, "BIG", settings) == {}
    assert to_verify(manifest, "DEAR", settings) == manifest
