"""The goals: a line for each, on each database, with a verdict."""

from __future__ import annotations

import pytest

from benchmarks.goal import Goal
from benchmarks.goals import GOALS


def _goal(**bounds: float) -> Goal:
    return Goal(id="X1", database="sqlite", what="this / that", measure=lambda _bench: 1.0, **bounds)


@pytest.mark.parametrize(
    ("bounds", "ratio", "verdict"),
    (
        ({"at_most": 2.0, "stretch": 1.0}, 2.1, "falls short"),
        ({"at_most": 2.0, "stretch": 1.0}, 2.0, "ok"),
        ({"at_most": 2.0, "stretch": 1.0}, 1.0, "stretch"),
        ({"at_least": 2.0, "stretch": 3.0}, 1.9, "falls short"),
        ({"at_least": 2.0, "stretch": 3.0}, 2.9, "ok"),
        ({"at_least": 2.0, "stretch": 3.0}, 3.0, "stretch"),
        ({"at_least": 2.0}, 9.0, "ok"),
    ),
)
def test_verdicts(bounds: dict[str, float], ratio: float, verdict: str) -> None:
    assert _goal(**bounds).verdict(ratio) == verdict


def test_a_line_says_id_database_ratio_bounds_verdict_and_what() -> None:
    line = _goal(at_most=2, stretch=0.5).line(1.234)
    assert line.split() == ["X1", "sqlite", "1.234", "<=", "2", "<=", "0.5", "ok", "this", "/", "that"]


def test_a_goal_that_cannot_be_measured_says_why() -> None:
    assert _goal(at_most=2).missing("no server").endswith("this / that: no server")


@pytest.mark.parametrize("database", ("sqlite", "postgresql"))
def test_the_interface_has_all_its_goals_on_both_databases(database: str) -> None:
    ids = {goal.id for goal in GOALS if goal.database == database}
    assert ids >= {*(f"P{number}" for number in range(1, 13)), "S1"}


def test_no_two_lines_say_the_same() -> None:
    said = [(goal.id, goal.database, goal.what) for goal in GOALS]
    assert len(set(said)) == len(said)
