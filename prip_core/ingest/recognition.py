"""Recognition: every mission is asked about a name, and exactly one must claim it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from prip_core.errors import AmbiguousProduct, NotRecognised, ProductRejected, TransientError
from prip_core.ingest.origin import origin_of
from prip_core.interfaces import MissionAdapter
from prip_core.model import Candidate, Finding, ProductIdentity, Severity

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Answers:
    claims: dict[str, ProductIdentity] = field(default_factory=dict)
    refusals: dict[str, ProductRejected] = field(default_factory=dict)
    failures: dict[str, Exception] = field(default_factory=dict)


def recognise(missions: Mapping[str, MissionAdapter], candidate: Candidate) -> ProductIdentity:
    """What a candidate is. Its mission is ``identity.product_type.mission``.

    A mission that raises something unexpected counts as no claim when exactly one other claims: one faulty adapter
    never stops the other missions.

    :param missions: all missions that are served here, by name.
    :raises NotRecognised: none claims it (rule QC-01).
    :raises AmbiguousProduct: several claim it (rule QC-01).
    :raises ProductRejected: the one mission that knows it refuses it.
    :raises TransientError: none claims it, but one that might could not answer.
    """
    answers = _ask(missions, candidate)
    if len(answers.claims) > 1:
        raise _ambiguous(candidate, answers.claims)
    if answers.claims:
        return next(iter(answers.claims.values()))
    if answers.failures:
        failed = ", ".join(f"{name} ({error})" for name, error in answers.failures.items())
        raise TransientError(f"{candidate.name}: no mission claims it, but some could not answer: {failed}")
    if answers.refusals:
        raise next(iter(answers.refusals.values()))
    raise _unknown(candidate, missions)


def _ask(missions: Mapping[str, MissionAdapter], candidate: Candidate) -> _Answers:
    answers = _Answers()
    for name, mission in missions.items():
        try:
            identity = mission.recognise(candidate)
        except ProductRejected as refusal:
            answers.refusals[name] = refusal
        except Exception as error:  # noqa: BLE001 - a faulty adapter must not stop the other missions
            _log.exception("mission failed", mission=name, product=candidate.name, **origin_of(error))
            answers.failures[name] = error
        else:
            if identity is not None:
                answers.claims[name] = identity
    return answers


def _ambiguous(candidate: Candidate, claims: Mapping[str, ProductIdentity]) -> AmbiguousProduct:
    made = ", ".join(f"{name} (as {identity.product_type.code})" for name, identity in claims.items())
    reason = f"{candidate.name}: more than one mission claims it: {made}; disable all but one of them for such names"
    return AmbiguousProduct(reason, tuple(claims), (_finding(reason),))


def _unknown(candidate: Candidate, missions: Mapping[str, MissionAdapter]) -> NotRecognised:
    reason = f"{candidate.name}: no mission claims this name; asked were {', '.join(missions) or 'none'}"
    return NotRecognised(reason, (_finding(reason),))


def _finding(reason: str) -> Finding:
    return Finding(rule="QC-01", severity=Severity.ERROR, message=reason)
