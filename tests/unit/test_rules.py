"""Quality rules made of functions, and refusals for one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from prip_core.interfaces import QcRule
from prip_core.model import Finding, InspectedProduct, Severity, Stage
from prip_core.rules import MESSAGE_LIMIT, qc_rule, refusal

NO_PRODUCT = cast("InspectedProduct", None)


def complaint(product: InspectedProduct) -> Iterator[str]:
    """Clouds cover between nothing
    and everything.

    Since 2015.
    """
    yield "cloudCover is 120, expected 0 to 100"


@pytest.mark.parametrize(
    "how, severity, stage",
    [
        ({}, Severity.ERROR, Stage.METADATA),
        ({"severity": Severity.WARNING}, Severity.WARNING, Stage.METADATA),
        ({"stage": Stage.CONTENT}, Severity.ERROR, Stage.CONTENT),
    ],
)
def test_a_function_becomes_a_rule(how: dict[str, Any], severity: Severity, stage: Stage) -> None:
    rule = qc_rule("QC-14", **how)(complaint)
    assert isinstance(rule, QcRule)
    assert (rule.id, rule.stage, rule.severity) == ("QC-14", stage, severity)
    assert rule.sentence == "Clouds cover between nothing and everything."
    found = Finding(rule="QC-14", severity=severity, message="cloudCover is 120, expected 0 to 100")
    assert list(rule(NO_PRODUCT)) == [found]


def test_a_rule_says_what_it_demands() -> None:
    def silent(product: InspectedProduct) -> Iterator[str]:
        yield "no"

    with pytest.raises(TypeError, match="the quality rule silent has no docstring to say what it demands"):
        qc_rule("QC-14")(silent)


@pytest.mark.parametrize(
    "member, reason, shown",
    [
        (None, "it is missing", None),
        ("a/b.xml", "a/b.xml: it is missing", "a/b.xml"),
        ("a\nb\udcff", r"a\nb\udcff: it is missing", r"a\nb\udcff"),
    ],
)
def test_a_refusal_has_one_finding(member: str | None, reason: str, shown: str | None) -> None:
    refused = refusal("QC-06", "it is missing", member)
    assert refused.reason == reason
    found = Finding(rule="QC-06", severity=Severity.ERROR, message="it is missing", member=shown)
    assert refused.findings == (found,)


def test_long_messages_are_cut() -> None:
    @qc_rule("QC-11")
    def verbose(product: InspectedProduct) -> Iterator[str]:
        """It says little."""
        yield "x" * 10_000_000

    expected = "x" * MESSAGE_LIMIT + "…"
    assert [finding.message for finding in verbose(NO_PRODUCT)] == [expected]
    assert refusal("QC-10", "x" * 10_000_000).reason == expected
