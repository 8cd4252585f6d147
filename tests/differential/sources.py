"""What the scalars of a term can be made from: a product's properties, or the members of one element, never both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from tests.differential.logic import Kind
from tests.differential.products import ATTRIBUTES
from tests.differential.scalars import AttributeValue, Member, Path, Scalar

PATHS: dict[str, Kind] = {
    "Id": Kind.GUID,
    "Name": Kind.TEXT,
    "ContentType": Kind.TEXT,
    "ContentLength": Kind.WHOLE,
    "OriginDate": Kind.DATE,
    "PublicationDate": Kind.DATE,
    "ModificationDate": Kind.DATE,
    "Online": Kind.FLAG,
    "EvictionDate": Kind.DATE,
    "ProductionType": Kind.MEMBER,
    "ContentDate/Start": Kind.DATE,
    "ContentDate/End": Kind.DATE,
}
DELETED_PATHS: dict[str, Kind] = {
    **{name: kind for name, kind in PATHS.items() if name not in {"ModificationDate", "Online", "EvictionDate"}},
    "DeletionDate": Kind.DATE,
    "DeletionCause": Kind.TEXT,
}
CASTS = (
    "",
    "",
    "/OData.CSC.StringAttribute",
    "/OData.CSC.IntegerAttribute",
    "/OData.CSC.DoubleAttribute",
    "/OData.CSC.BooleanAttribute",
    "/OData.CSC.DateTimeOffsetAttribute",
)
_NEEDED = (Kind.TEXT, Kind.REAL, Kind.DATE)
"""The kinds that functions and reckoning ask of an attribute's value."""


class Source(Protocol):
    """Where leaves come from.

    :param untyped: its values are of any type: what stands beside one says what it is read as.
    """

    untyped: bool

    def kinds(self) -> tuple[Kind, ...]:
        """Of which there are leaves."""

    def leaf(self, kind: Kind, chance: Random) -> Scalar: ...


@dataclass(frozen=True)
class ProductSource:
    """The properties of the product.

    :param deleted: of those that a list of deleted products has.
    """

    untyped = False
    deleted: bool = False

    @property
    def paths(self) -> Mapping[str, Kind]:
        return DELETED_PATHS if self.deleted else PATHS

    def kinds(self) -> tuple[Kind, ...]:
        return tuple(self.paths.values())

    def leaf(self, kind: Kind, chance: Random) -> Scalar:
        return Path(chance.choice([name for name, own in self.paths.items() if own is kind]), kind)


@dataclass(frozen=True)
class AttributeSource:
    """The attribute that a lambda looks at."""

    untyped = True
    variable: str

    def kinds(self) -> tuple[Kind, ...]:
        return (Kind.TEXT, *_NEEDED)

    def leaf(self, kind: Kind, chance: Random) -> Scalar:
        if kind is Kind.TEXT and chance.random() < 0.4:
            return Member(self.variable, chance.choice(("Name", "ValueType")), Kind.TEXT)
        return self.attribute_value(kind, chance)

    def leaf_name(self) -> Member:
        return Member(self.variable, "Name", Kind.TEXT)

    def attribute_value(self, kind: Kind, chance: Random) -> AttributeValue:
        return AttributeValue(f"{self.variable}{chance.choice(CASTS)}/Value", kind)


@dataclass(frozen=True)
class ChecksumSource:
    """The checksum that a lambda looks at."""

    untyped = False
    variable: str

    def kinds(self) -> tuple[Kind, ...]:
        return (Kind.TEXT, Kind.DATE)

    def leaf(self, kind: Kind, chance: Random) -> Scalar:
        if kind is Kind.DATE:
            return Member(self.variable, "ChecksumDate", kind)
        return Member(self.variable, chance.choice(("Algorithm", "Value")), kind)


@dataclass(frozen=True)
class BareSource:
    """The attribute of a name, asked for by that name alone."""

    untyped = True
    name: str

    def kinds(self) -> tuple[Kind, ...]:
        return _NEEDED

    def leaf(self, kind: Kind, chance: Random) -> Scalar:
        return AttributeValue(self.name, kind)

    def attribute_value(self, kind: Kind, chance: Random) -> AttributeValue:
        return AttributeValue(self.name, kind)


BARE_NAMES = tuple(ATTRIBUTES)
