"""Quality control: the rules of a product type, stage by stage, and the refusal that error findings lead to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from prip_core.errors import ProductRejected
from prip_core.interfaces import QcRule
from prip_core.model import Finding, InspectedProduct, ListedMember, QcReport, Severity, Stage
from prip_core.settings import OFF, QcSection

FINDINGS_LIMIT = 100
"""The most findings of one rule about one product; how many more there were is said instead."""


def examine(rules: Iterable[QcRule], product: InspectedProduct, stage: Stage, settings: QcSection) -> QcReport:
    """What the rules of a stage have to say about a product.

    A rule that refuses (``ProductRejected``) instead of yielding findings is heard with the others. Anything else that
    a rule raises is its bug and goes through.

    :param settings: which rules are off, and which have another severity here.
    """
    findings: list[Finding] = []
    for rule in rules:
        if rule.stage is stage and settings.severity.get(rule.id) != OFF:
            findings += _limited(rule, _findings(rule, product))
    return QcReport(findings=tuple(_weighed(findings, settings)))


def to_verify(
    manifest: Mapping[str, ListedMember], product_type: str, settings: QcSection
) -> Mapping[str, ListedMember]:
    """What of a product's manifest is verified here: all of it, the sizes alone, or nothing.

    :param product_type: its code.
    """
    match settings.manifest_of_type.get(product_type, settings.manifest):
        case "full":
            return manifest
        case "sizes":
            return {name: ListedMember(size=listed.size) for name, listed in manifest.items()}
        case _:
            return {}


def accept(name: str, report: QcReport) -> tuple[Finding, ...]:
    """The warnings of a report without errors.

    :raises ProductRejected: it has errors; the reason lists them, the findings are all findings.
    """
    if not report.errors:
        return report.findings
    listed = "; ".join(_sentence(finding) for finding in report.errors)
    raise ProductRejected(f"{name} does not pass quality control: {listed}", report.findings)


def _findings(rule: QcRule, product: InspectedProduct) -> Iterator[Finding]:
    try:
        yield from rule(product)
    except ProductRejected as refusal:
        yield from refusal.findings or (Finding(rule=rule.id, severity=Severity.ERROR, message=refusal.reason),)


def _limited(rule: QcRule, findings: Iterator[Finding]) -> Iterator[Finding]:
    yield from itertools.islice(findings, FINDINGS_LIMIT)
    left = list(itertools.islice(findings, 1))
    if left:
        more = 1 + sum(1 for _ in findings)
        yield Finding(rule=rule.id, severity=left[0].severity, message=f"and {more} more findings of this rule")


def _weighed(findings: Iterable[Finding], settings: QcSection) -> Iterator[Finding]:
    """The findings with the severities that hold here."""
    for finding in findings:
        chosen = settings.severity.get(finding.rule)
        if chosen is None:
            yield finding
        elif chosen != OFF:
            yield replace(finding, severity=Severity(chosen))


def _sentence(finding: Finding) -> str:
    member = f"{finding.member}: " if finding.member else ""
    return f"{finding.rule}: {member}{finding.message}"
