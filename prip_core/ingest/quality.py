"""Quality control: the rules of a product type, stage by stage, and the refusal that error findings lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prip_core.errors import ProductRejected
from prip_core.interfaces import QcRule
from prip_core.model import Finding, InspectedProduct, QcReport, Severity, Stage


def examine(rules: Iterable[QcRule], product: InspectedProduct, stage: Stage) -> QcReport:
    """What the rules of a stage have to say about a product.

    A rule that refuses (``ProductRejected``) instead of yielding findings is heard with the others. Anything else that
    a rule raises is its bug and goes through.
    """
    findings: list[Finding] = []
    for rule in rules:
        if rule.stage is stage:
            findings += _findings(rule, product)
    return QcReport(findings=tuple(findings))


def _findings(rule: QcRule, product: InspectedProduct) -> Sequence[Finding]:
    found: list[Finding] = []
    try:
        found.extend(rule(product))
    except ProductRejected as refusal:
        found += refusal.findings or (Finding(rule=rule.id, severity=Severity.ERROR, message=refusal.reason),)
    return found


def accept(name: str, report: QcReport) -> tuple[Finding, ...]:
    """The warnings of a report without errors.

    :raises ProductRejected: it has errors; the reason lists them, the findings are all findings.
    """
    if not report.errors:
        return report.findings
    listed = "; ".join(_sentence(finding) for finding in report.errors)
    raise ProductRejected(f"{name} does not pass quality control: {listed}", report.findings)


def _sentence(finding: Finding) -> str:
    member = f"{finding.member}: " if finding.member else ""
    return f"{finding.rule}: {member}{finding.message}"
