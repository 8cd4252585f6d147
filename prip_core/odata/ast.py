"""The typed tree of a ``$filter``, and the keys of an order: properties known, values as the catalogue keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from prip_core.odata.edm import Property

Value: TypeAlias = str | int | bool | UUID
"""What a property is compared with: text, a whole number (an enum member's number; a date's milliseconds since
1970-01-01 UTC), true or false, or an Id. Whole numbers fit into 64 bits."""


class Operator(StrEnum):
    """How two values are compared."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"

    @property
    def flipped(self) -> Operator:
        """The operator that says the same with the sides exchanged."""
        return _FLIPPED[self]


_FLIPPED = {
    Operator.EQ: Operator.EQ,
    Operator.NE: Operator.NE,
    Operator.GT: Operator.LT,
    Operator.GE: Operator.LE,
    Operator.LT: Operator.GT,
    Operator.LE: Operator.GE,
}


class Matching(StrEnum):
    """Where a text must occur, by the OData function that asks for it."""

    CONTAINS = "contains"
    STARTS_WITH = "startswith"
    ENDS_WITH = "endswith"


@dataclass(frozen=True, slots=True)
class Constant:
    """True for every product, or for none."""

    value: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """``property operator value``. On a boolean property only ``eq`` and ``ne`` occur."""

    property: Property
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class IsNull:
    """The property has no value."""

    property: Property


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text property holds this text: literally, case-sensitive, never empty."""

    property: Property
    matching: Matching
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """The operand is not true."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """All operands are true; two or more."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the operands is true; two or more."""

    operands: tuple[Node, ...]


Node: TypeAlias = Constant | Comparison | IsNull | TextMatch | Not | And | Or


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One key of a ``$orderby``."""

    property: Property
    descending: bool = False
