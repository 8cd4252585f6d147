"""The decorator that makes a quality rule of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prip_core.interfaces import QcRule
from prip_core.model import Finding, InspectedProduct, Severity, Stage


@dataclass(frozen=True, slots=True)
class _FunctionRule:
    id: str
    stage: Stage
    check: Callable[[InspectedProduct], Iterator[str]]
    severity: Severity

    def __call__(self, product: InspectedProduct) -> Iterable[Finding]:
        for message in self.check(product):
            yield Finding(rule=self.id, severity=self.severity, message=message)


def qc_rule(
    rule_id: str, *, severity: Severity = Severity.ERROR, stage: Stage = Stage.METADATA
) -> Callable[[Callable[[InspectedProduct], Iterator[str]]], QcRule]:
    """Make a quality rule of a function that yields one sentence for each thing that is wrong::

    @qc_rule("QC-14", severity=Severity.WARNING)
    def cloud_cover_is_a_percentage(product):
        ...
        yield "cloudCover is 120, expected 0 to 100"
    """

    def decorate(check: Callable[[InspectedProduct], Iterator[str]]) -> QcRule:
        return _FunctionRule(rule_id, stage, check, severity)

    return decorate
