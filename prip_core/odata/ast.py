"""The typed tree of a ``$filter``, and the keys of an order: names looked up, literals as the catalogue keeps values.

A condition is true, false or null (OData 4.01 part 2, 5.1.1): comparisons and ``IsNull`` are never null; what takes a
null operand otherwise is null itself; ``not null`` is null; a product is found where the whole is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from prip_core.odata.edm import EnumType, Primitive, Property

Value: TypeAlias = str | int | float | bool | UUID
"""What a scalar is compared with, by its type: ``Edm.String`` text; ``Edm.Int64`` a whole number of 64 bits;
``Edm.Double`` a float, never NaN; ``Edm.Boolean``; ``Edm.Guid``; ``Edm.DateTimeOffset`` milliseconds since 1970-01-01
UTC; ``Edm.Date`` the milliseconds of its midnight UTC; ``Edm.TimeOfDay`` milliseconds of the day; ``Edm.Duration``
milliseconds; an enum member's number."""

Type: TypeAlias = Primitive | EnumType
"""The type of a scalar."""


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

    @property
    def asks_equality(self) -> bool:
        """It is ``eq`` or ``ne``: the values need no order."""
        return self in _EQUALITY


_EQUALITY = frozenset({Operator.EQ, Operator.NE})

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


class Sign(StrEnum):
    """An arithmetic operator. All reckoning is in IEEE 754 doubles; ``div`` of two whole numbers and ``mod`` cut
    towards zero; a division by zero is null."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    DIVBY = "divby"
    MOD = "mod"


class Function(StrEnum):
    """A function whose value is no condition; null where an argument is null."""

    CONCAT = "concat"
    INDEXOF = "indexof"
    LENGTH = "length"
    SUBSTRING = "substring"
    TOLOWER = "tolower"
    TOUPPER = "toupper"
    TRIM = "trim"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"
    FRACTIONALSECONDS = "fractionalseconds"
    TOTALOFFSETMINUTES = "totaloffsetminutes"
    TOTALSECONDS = "totalseconds"
    DATE = "date"
    TIME = "time"
    NOW = "now"
    ROUND = "round"
    FLOOR = "floor"
    CEILING = "ceiling"


class Relation(StrEnum):
    """How a product's footprint lies to an area; planar degrees, borders belong to both."""

    INTERSECTS = "Intersects"
    WITHIN = "Within"
    DISJOINT = "Disjoints"


class Collection(StrEnum):
    """What ``any`` and ``all`` look into."""

    ATTRIBUTES = "Attributes"
    CHECKSUM = "Checksum"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that a client wrote; never null."""

    type: Type
    value: Value


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """A property of the product."""

    property: Property


@dataclass(frozen=True, slots=True)
class ElementValue:
    """A member of the element that the nearest ``AnyOf`` looks at: an attribute's Name or ValueType, a checksum's
    Algorithm, Value or ChecksumDate."""

    collection: Collection
    member: Property


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """The Value of the attribute that the nearest ``AnyOf`` looks at, where it is stored as this type; otherwise null.

    ``Edm.Double`` stands for any number: a stored Integer counts, too.
    """

    type: Primitive


@dataclass(frozen=True, slots=True)
class Call:
    """A function of other scalars."""

    function: Function
    arguments: tuple[Scalar, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left sign right``; a negative number is ``0 sub number``."""

    sign: Sign
    left: Scalar
    right: Scalar
    type: Type


Scalar: TypeAlias = Literal | PropertyValue | ElementValue | AttributeValue | Call | Arithmetic


@dataclass(frozen=True, slots=True)
class Constant:
    """True for every product, or for none."""

    value: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``, of one type, or both numbers; a lone literal stands on the right. Never null: a null
    is equal to a null alone, and neither above nor below anything. On booleans only ``eq`` and ``ne`` occur."""

    left: Scalar
    operator: Operator
    right: Scalar


@dataclass(frozen=True, slots=True)
class In:
    """The operand equals one of the values, which are of its type; one or more."""

    operand: Scalar
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """The operand has no value."""

    operand: Scalar


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The operand holds this text: literally, case-sensitive. Null where one of them is null. A literal is not
    empty."""

    operand: Scalar
    matching: Matching
    text: Scalar


@dataclass(frozen=True, slots=True)
class ValueTerm:
    """What is asked of an attribute that is stored as ``type``: its value relates so to one of ``values``.

    More than one value stands with ``eq`` alone; none stands with ``ne`` alone: any value of this type will do.
    """

    type: Primitive
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """The Value of the attribute that the nearest ``AnyOf`` looks at, compared with a literal that was brought to each
    stored type; types that it cannot be brought to are missing: there it is false. Never null.
    """

    terms: tuple[ValueTerm, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """An element of the collection makes the condition true. Never null.

    The condition speaks of the element alone: of no product and of no other element. ``None``: any element will do.
    ``all`` is ``Not(AnyOf(IsNotTrue(…)))``.
    """

    collection: Collection
    condition: Node | None


@dataclass(frozen=True, slots=True)
class IsNotTrue:
    """The operand is false or null. Never null."""

    operand: Node


@dataclass(frozen=True, slots=True)
class FootprintMatch:
    """How the product's footprint lies to an area. Null for a product without one.

    :param area: a valid planar geometry in WKB (little-endian, longitude and latitude), split at the antimeridian.
    """

    relation: Relation
    area: bytes


@dataclass(frozen=True, slots=True)
class Not:
    """The operand is false."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """All operands are true; two or more."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the operands is true; two or more."""

    operands: tuple[Node, ...]


Node: TypeAlias = (
    Constant | Comparison | In | IsNull | TextMatch | ValueMatch | AnyOf | IsNotTrue | FootprintMatch | Not | And | Or
)


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One key of a ``$orderby``."""

    property: Property
    descending: bool = False
