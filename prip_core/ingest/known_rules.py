"""Every check that can keep a product out: the rules of the plugins, and what no product can do without."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from prip_core.ingest.campaign_rule import BASELINE_RULE
from prip_core.interfaces import QcRule
from prip_core.model import ProductType, Severity, Stage
from prip_core.plugins import Plugins
from prip_core.settings import QcSection


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRule:
    """A check, and whom it concerns.

    :param stage: when it runs; ``None``: it is no rule of a plugin, but a step of the ingest itself, which can
        neither be switched off nor weighed otherwise.
    :param sentence: what it demands.
    :param source: the plugin that brings it, with its distribution.
    :param product_types: codes of the types that it looks at; empty for a step of the ingest: all.
    """

    id: str
    severity: Severity
    stage: Stage | None
    sentence: str
    source: str
    product_types: tuple[str, ...] = ()


def _step(rule_id: str, sentence: str, severity: Severity = Severity.ERROR) -> KnownRule:
    return KnownRule(id=rule_id, severity=severity, stage=None, sentence=sentence, source="prip_core")


STEPS: tuple[KnownRule, ...] = (
    _step("QC-01", "Exactly one mission claims the name, and knows its product type."),
    _step("QC-02", "No other bytes are online under this name; the same bytes again are a duplicate and are dropped."),
    _step("QC-03", "A delivered file is not empty, does not change while it is read, and a tar has whole blocks."),
    _step("QC-04", "A container can be read to its end, and each of its members is what the container says."),
    _step("QC-05", "A container has safe and single names, no links or devices, and unfolds to a bounded size."),
    _step("QC-06", "The files that the mission reads to describe a product are there."),
    _step("QC-07", "The metadata are well-formed XML without document type, of bounded size and of the known root."),
    _step("QC-08", "A manifest lists each file once, and sizes are numbers."),
    _step("QC-10", "What the metadata say can be read as its type."),
    _step("QC-13", "A footprint is closed, simple and on the Earth."),
    _step("QC-16", "The digest that the chain states beside a product is the one of the delivered file."),
    _step("QC-20", "What a product belongs to, such as its datastrip, has been published here.", Severity.WARNING),
)
"""What the ingest itself and the reading of metadata look at. Where it is an error, nothing could be published in spite
of it; what is unknown of a parent is recorded."""


def known_rules(plugins: Plugins, product_types: Iterable[ProductType]) -> Sequence[KnownRule]:
    """All checks on products of these types, by id."""
    found: dict[tuple[str, str, str], KnownRule] = {}
    for product_type in product_types:
        for rule in _rules_of(plugins, product_type):
            key = (rule.id, rule.sentence, rule.source)
            known = found.get(key, rule)
            found[key] = replace(known, product_types=(*known.product_types, product_type.code))
    return sorted((*STEPS, *found.values()), key=lambda rule: (rule.id, rule.stage is not None))


def unknown_in(settings: QcSection, plugins: Plugins, product_types: Sequence[ProductType]) -> Iterator[str]:
    """What ``[ingest.qc]`` names and nobody knows; one sentence each, beginning with the setting's path."""
    codes = {product_type.code for product_type in product_types}
    for code in settings.manifest_of_type:
        if code not in codes:
            path = f"ingest.qc.manifest_of_type.{code}"
            yield f"{path}: no mission that is served here has this type{_meant(code, codes)}"
    if not settings.severity:
        return
    rules = known_rules(plugins, product_types)
    changeable = {rule.id for rule in rules if rule.stage is not None}
    steps = {rule.id for rule in rules} - changeable
    for rule_id in settings.severity:
        path = f"ingest.qc.severity.{rule_id}"
        if rule_id in steps:
            yield f"{path}: it always holds, for it is a step of the ingest itself; take the line out"
        elif rule_id not in changeable:
            yield f"{path}: there is no such rule; there are {', '.join(sorted(changeable))}"


def _meant(code: str, codes: Iterable[str]) -> str:
    close = difflib.get_close_matches(code, codes, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _rules_of(plugins: Plugins, product_type: ProductType) -> Iterator[KnownRule]:
    for plugin, rule in plugins.rules_of(product_type):
        yield _known(rule, str(plugin))
    yield _known(BASELINE_RULE, "prip_core")


def _known(rule: QcRule, source: str) -> KnownRule:
    return KnownRule(id=rule.id, severity=rule.severity, stage=rule.stage, sentence=rule.sentence, source=source)
