"""What the databases write each in their own way: the seam between the catalogue's questions and an SQL dialect."""

from __future__ import annotations

from typing import Protocol

from prip_core.catalogue.fragments import Fragment
from prip_core.odata.ast import Function, Matching, Relation


class Dialect(Protocol):
    """Writes what SQL dialects do not have in common; operands come written, values bound."""

    def unindexed(self, column: str) -> str:
        """A column of ``product AS p`` as a term that compares and sorts as ever, but is looked up in no index."""

    def same(self, left: Fragment, right: Fragment, *, negated: bool) -> Fragment:
        """Whether two values are equal, or (``negated``) are not: a null equals a null alone; never null."""

    def number(self, operand: Fragment) -> Fragment:
        """A number or a date as an IEEE 754 double."""

    def cut(self, number: Fragment) -> Fragment:
        """A double without its fraction, towards zero."""

    def remainder(self, left: Fragment, right: Fragment) -> Fragment:
        """``left - right * cut(left / right)`` of two doubles; null for a divisor of zero."""

    def call(self, function: Function, arguments: tuple[Fragment, ...]) -> Fragment:
        """A function, ``now`` apart; null where an argument is null. Whole results where the function has such."""

    def matches(self, operand: Fragment, matching: Matching, text: Fragment) -> Fragment:
        """Whether a text holds another, literally; null where one of them is null."""

    def relates(self, relation: Relation, area: bytes, number: str) -> Fragment:
        """How the footprint of a product lies to an area in WKB; null for a product without one.

        :param number: the term for the product's number.
        """
