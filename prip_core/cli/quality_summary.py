"""What is known of a product's quality, in one word and in full: its reports, and what the rules found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prip_core.catalogue import PARENT_UNKNOWN, KnownReport
from prip_core.cli.output import text
from prip_core.model import Finding
from prip_core.rejections import finding_documents

_PASSED = "NOMINAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A report about the product, and what the rules found in it: inspections that did not pass."""

    report: KnownReport
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The quality of one product.

    :param findings: what the rules found in the product itself.
    """

    findings: Sequence[Finding]
    reports: Sequence[Reported]

    @property
    def verdict(self) -> str:
        """``failed``: a report says so; ``warned``: none does, but the rules found something in the product;
        ``passed``: the reports are good, and all is well; ``unreported``: there is neither."""
        said = {each.report.status for each in self.reports} - {None}
        if said - {_PASSED}:
            return "failed"
        if any(finding.rule != PARENT_UNKNOWN for finding in self.findings):
            return "warned"
        return "passed" if said else "unreported"


def quality_json(quality: Quality) -> Mapping[str, Any]:
    """For programs."""
    return {
        "verdict": quality.verdict,
        "reports": [
            {
                "check": each.report.check,
                "status": each.report.status,
                "date": each.report.date,
                "name": each.report.name,
                "id": str(each.report.id),
                "online": each.report.online,
                "findings": finding_documents(each.findings),
            }
            for each in quality.reports
        ],
    }


def quality_lines(quality: Quality) -> Sequence[str]:
    """For people: the word, then what it comes from."""
    lines = [f"quality  {quality.verdict}", *map(_finding_line, quality.findings)]
    for each in quality.reports:
        about = "  ".join(map(text, (each.report.check, each.report.status, each.report.date, each.report.name)))
        lines += [f"report   {about}", *(f"  {_finding_line(finding)}" for finding in each.findings)]
    return lines


def _finding_line(finding: Finding) -> str:
    member = f"{finding.member}: " if finding.member else ""
    return f"finding  {finding.rule} {finding.severity.value}: {member}{finding.message}"
