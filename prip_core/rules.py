"""Quality rules: the decorator that makes one of a function, and the refusal of a product for one of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prip_core.errors import ProductRejected
from prip_core.interfaces import QcRule
from prip_core.model import Finding, InspectedProduct, Severity, Stage

MESSAGE_LIMIT = 2000
"""How much of a message is kept, in characters: metadata that it quotes may have megabytes."""


def refusal(rule: str, message: str, member: str | None = None) -> ProductRejected:
    """The refusal of a product for one reason, to be raised where no finding can be yielded.

    :param rule: id of the rule that it breaks, e.g. ``QC-07``.
    :param message: what is wrong, what was expected.
    :param member: the file inside the product that it concerns; what of its name cannot be shown is escaped.
    """
    shown = member if member is None or member.isprintable() else ascii(member)[1:-1]
    message = _short(message)
    finding = Finding(rule=rule, severity=Severity.ERROR, message=message, member=shown)
    return ProductRejected(message if shown is None else f"{shown}: {message}", (finding,))


@dataclass(frozen=True, slots=True)
class _FunctionRule:
    id: str
    stage: Stage
    check: Callable[[InspectedProduct], Iterator[str]]
    severity: Severity
    sentence: str

    def __call__(self, product: InspectedProduct) -> Iterable[Finding]:
        for message in self.check(product):
            yield Finding(rule=self.id, severity=self.severity, message=_short(message))


def _short(message: str) -> str:
    return message if len(message) <= MESSAGE_LIMIT else f"{message[:MESSAGE_LIMIT]}…"


def qc_rule(
    rule_id: str, *, severity: Severity = Severity.ERROR, stage: Stage = Stage.METADATA
) -> Callable[[Callable[[InspectedProduct], Iterator[str]]], QcRule]:
    """Make a quality rule of a function that yields one sentence for each thing that is wrong.

    The first paragraph of its docstring is the rule's own sentence, which operators read::

    @qc_rule("QC-14", severity=Severity.WARNING)
    def cloud_cover_is_a_percentage(product):
        \"""Clouds cover between nothing and all of the ground.\"""
        ...
        yield "cloudCover is 120, expected 0 to 100"

    :raises TypeError: the function has no docstring.
    """

    def decorate(check: Callable[[InspectedProduct], Iterator[str]]) -> QcRule:
        sentence = inspect.cleandoc(check.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        if not sentence:
            raise TypeError(f"the quality rule {check.__name__} has no docstring to say what it demands")
        return _FunctionRule(rule_id, stage, check, severity, sentence)

    return decorate
