"""A goal: what is measured, against which reference, and the ratio that is to be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.bench import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One line of the result.

    :param what: what is measured, and against what.
    :param database: of the catalogue, where there are several to be compared.
    :param at_least: the ratio must not be smaller.
    :param at_most: the ratio must not be larger.
    :param stretch: the ratio to aim for, in the same direction.
    """

    id: str
    what: str
    measure: Callable[[Bench], float]
    database: str = "-"
    at_least: float | None = None
    at_most: float | None = None
    stretch: float | None = None

    def line(self, ratio: float) -> str:
        """The result for people and for ``grep``."""
        sign = ">=" if self.at_least is not None else "<="
        must = f"{sign} {self.at_least if self.at_least is not None else self.at_most:g}"
        aim = "" if self.stretch is None else f"{sign} {self.stretch:g}"
        return (
            f"{self.id:<4} {self.database:<10} {ratio:8.3f}  {must:<8} {aim:<8} {self.verdict(ratio):<12} {self.what}"
        )

    def missing(self, why: str) -> str:
        """The line of a goal that cannot be measured here."""
        return f"{self.id:<4} {self.database:<10} {'-':>8}  {'':<17} {'not measured':<12} {self.what}: {why}"

    def verdict(self, ratio: float) -> str:
        """``stretch``, ``ok`` or ``falls short``."""
        must = self.at_least if self.at_least is not None else self.at_most
        assert must is not None, "a goal has a bound"
        if not self._reached(ratio, must):
            return "falls short"
        return "stretch" if self.stretch is not None and self._reached(ratio, self.stretch) else "ok"

    def _reached(self, ratio: float, bound: float) -> bool:
        return ratio >= bound if self.at_least is not None else ratio <= bound
