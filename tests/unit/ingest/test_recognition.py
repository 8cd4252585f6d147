"""Recognition: whoever answers what, exactly one claim counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from prip_core.errors import AmbiguousProduct, NotRecognised, ProductRejected, TransientError
from prip_core.ingest.recognition import recognise
from prip_core.interfaces import MissionAdapter
from prip_core.model import Candidate, ProductIdentity, ProductType

CANDIDATE = Candidate(name="ROCK_1.tar", path="ROCK_1.tar", size=1, arrived=datetime(2026, 3, 1, tzinfo=UTC))
STONE = ProductType(code="STONE", mission="b", description="A stone")
Answer = Callable[[Candidate], ProductIdentity | None]


def claim(candidate: Candidate) -> ProductIdentity:
    return ProductIdentity(name=candidate.name, product_type=STONE, platform="X")


def none(candidate: Candidate) -> None:
    return None


def bug(candidate: Candidate) -> None:
    raise RuntimeError("faulty adapter")


def refuse(candidate: Candidate) -> None:
    raise ProductRejected("a secret")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([claim], None),
        ([none, claim, none], None),
        ([bug, claim, bug], None),
        ([refuse, claim], None),
        ([none, none], NotRecognised),
        ([], NotRecognised),
        ([claim, none, claim], AmbiguousProduct),
        ([claim, bug, claim], AmbiguousProduct),
        ([bug, none], TransientError),
        ([bug, refuse], TransientError),
        ([none, refuse], ProductRejected),
    ],
)
def test_exactly_one_claim_counts(
    answers: list[Answer], expected: type[Exception] | None, make_mission: Callable[[str, Answer], MissionAdapter]
) -> None:
    missions = {name: make_mission(name, answer) for name, answer in zip("abc", answers, strict=False)}
    if expected is None:
        assert recognise(missions, CANDIDATE) == claim(CANDIDATE)
    else:
        with pytest.raises(expected) as raised:
            recognise(missions, CANDIDATE)
        assert type(raised.value) is expected


def test_reasons_say_who_was_asked_and_who_claimed(make_mission: Callable[[str, Answer], MissionAdapter]) -> None:
    with pytest.raises(NotRecognised, match=r"ROCK_1\.tar: no mission claims this name; asked were a, b") as unknown:
        recognise({"a": make_mission("a", none), "b": make_mission("b", none)}, CANDIDATE)
    with pytest.raises(AmbiguousProduct, match=r"a \(as STONE\), b \(as STONE\)") as ambiguous:
        recognise({"a": make_mission("a", claim), "b": make_mission("b", claim)}, CANDIDATE)
    assert ambiguous.value.claimants == ("a", "b")
    for error in (unknown.value, ambiguous.value):
        assert [finding.rule for finding in error.findings] == ["QC-01"]


def test_an_adapters_own_refusal_is_heard(make_mission: Callable[[str, Answer], MissionAdapter]) -> None:
    with pytest.raises(ProductRejected, match="a secret"):
        recognise({"a": make_mission("a", refuse), "b": make_mission("b", none)}, CANDIDATE)
