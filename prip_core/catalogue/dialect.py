"""What the databases write each in their own way: the seam between the catalogue's questions and an SQL dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from prip_core.catalogue.attributes import Kind
from prip_core.catalogue.fragments import Fragment
from prip_core.odata.ast import Function, Matching, Relation, Value
from prip_core.odata.edm import Primitive


class Dialect(Protocol):
    """Writes what SQL dialects do not have in common; operands come written, values bound.

    :ivar JOINING: joins two tables, of which the first is read first.
    :ivar DIGEST: the text of a checksum's value, of ``checksum AS c``.
    :ivar NUMBERED: the kinds of values that stand in the index of numbers alone, and not in the dictionary.
    :ivar NUMBERS: those values as if they stood in the dictionary, each with the ``seq`` of its product.
    """

    JOINING: ClassVar[str]
    DIGEST: ClassVar[str]
    NUMBERED: ClassVar[frozenset[Kind]]
    NUMBERS: ClassVar[str]

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

    def exists(self, rows: Fragment) -> Fragment:
        """Whether there is a row.

        :param rows: what stands behind FROM: tables and conditions, on what stands outside, too.
        """

    def among(self, seq: str, question: Fragment) -> Fragment:
        """Whether a number is among those that a question of its own gives, which is asked once and first."""

    def posted(self, vids: Sequence[int], number: str) -> Fragment:
        """Whether a product has one of these attribute values; never null.

        :param number: the term for the product's number.
        """

    def spread(self, question: Fragment, number: str) -> Fragment:
        """Whether a product has one of the attribute values whose ``vid`` a question gives; never null.

        :param number: the term for the product's number.
        """

    def value(self, type_: Primitive) -> str:
        """The value of ``attribute_value AS v`` where it is stored as this type; otherwise null."""

    def value_column(self, kind: Kind) -> str:
        """The column of ``attribute_value`` and ``attribute_number`` that has the values of this kind."""

    def valued(self, kind: Kind, values: Sequence[Value]) -> Fragment:
        """Whether ``attribute_value AS v``, which is of this kind, has one of these values: by an index."""

    def end_of_listed(self, online: int, *, last: bool) -> Fragment:
        """The number of the first or the last product that is online, or is not; null when there is none."""
