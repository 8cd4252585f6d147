"""Scalars of a filter: how each is written, and what it means; independent of the service's own reading."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

from tests.differential.logic import Kind, reckoned, rounded
from tests.differential.pen import EPOCH, Level, Pen
from tests.differential.products import NOW, Scope

DAY = 86_400_000
NUMBERS = frozenset({Kind.WHOLE, Kind.REAL})


@dataclass(frozen=True)
class Path:
    """A property of the product."""

    name: str
    kind: Kind
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return f"$it/{pen.path(self.name)}" if pen.rarely(40) else pen.path(self.name)

    def value(self, scope: Scope) -> Any:
        return scope.product.values[self.name]


@dataclass(frozen=True)
class Member:
    """A member of the element that a lambda looks at, by the lambda's variable."""

    variable: str
    name: str
    kind: Kind
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return f"{self.variable}/{self.name}"

    def value(self, scope: Scope) -> Any:
        return scope.element.members[self.name]


@dataclass(frozen=True)
class AttributeValue:
    """The Value of an attribute, where it is stored as what is needed here; otherwise null.

    :param written: ``a/Value``, ``a/OData.CSC.StringAttribute/Value``, or the bare name of the attribute.
    """

    written: str
    kind: Kind
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return self.written

    def value(self, scope: Scope) -> Any:
        stored = scope.element.kind
        if self.kind is Kind.REAL and stored in NUMBERS:
            return float(scope.element.value)
        return scope.element.value if stored is self.kind else None


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    content: str
    kind = Kind.TEXT
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return pen.quoted(self.content)

    def value(self, scope: Scope) -> str:
        return self.content


@dataclass(frozen=True)
class Number:
    """A number as it is written: with a point or an exponent it is a double."""

    written: str
    level = Level.PRIMARY

    @property
    def kind(self) -> Kind:
        return Kind.WHOLE if self.written.lstrip("+-").isdigit() else Kind.REAL

    def text(self, pen: Pen) -> str:
        return self.written

    def value(self, scope: Scope) -> float:
        return int(self.written) if self.kind is Kind.WHOLE else float(self.written)

    @cached_property
    def exact(self) -> Fraction | float:
        return float(self.written) if "INF" in self.written else Fraction(self.written)


@dataclass(frozen=True)
class Moment:
    """A date, day, time of day or span, in milliseconds.

    :param finer: digits behind the milliseconds of a date.
    :param lenient: it stands right beside a date.
    """

    moment: int
    kind: Kind
    finer: str = ""
    lenient: bool = False
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        if self.kind is Kind.DATE:
            return pen.date(self.moment, self.finer, lenient=self.lenient)
        return {Kind.DAY: pen.day, Kind.CLOCK: pen.clock, Kind.SPAN: pen.span}[self.kind](self.moment)

    def value(self, scope: Scope) -> int | Fraction:
        return self._exact

    @cached_property
    def _exact(self) -> int | Fraction:
        return self.moment + Fraction(int(self.finer), 10 ** len(self.finer)) if self.finer else self.moment


@dataclass(frozen=True)
class Fixed:
    """A truth, an Id, or the number of a production type."""

    content: bool | int | UUID
    kind: Kind
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        if isinstance(self.content, UUID):
            return pen.guid(self.content)
        return pen.flag(self.content) if isinstance(self.content, bool) else pen.member(self.content)

    def value(self, scope: Scope) -> Any:
        return self.content


@dataclass(frozen=True)
class Null:
    """The word null."""

    kind = None
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return pen.keyword("null")

    def value(self, scope: Scope) -> None:
        return None


@dataclass(frozen=True)
class Reckoning:
    """``left sign right``."""

    sign: str
    left: Scalar
    right: Scalar
    kind: Kind

    @property
    def level(self) -> Level:
        return Level.SUM if self.sign in {"add", "sub"} else Level.PRODUCT

    def text(self, pen: Pen) -> str:
        right = Level(self.level + 1)
        return pen.joined(self.sign, [pen.placed(self.left, self.level), pen.placed(self.right, right)])

    def value(self, scope: Scope) -> float | None:
        left, right = self.left.value(scope), self.right.value(scope)
        if left is None or right is None:
            return None
        whole = self.left.kind is Kind.WHOLE and self.right.kind is Kind.WHOLE
        return reckoned(self.sign, left, right, whole=whole)


@dataclass(frozen=True)
class Opposite:
    """``-operand``."""

    operand: Scalar
    kind: Kind
    level = Level.SIGN

    def text(self, pen: Pen) -> str:
        return f"-{pen.gap()}{pen.placed(self.operand, Level.PRIMARY)}"

    def value(self, scope: Scope) -> float | None:
        value = self.operand.value(scope)
        return None if value is None else 0 - float(value)


@dataclass(frozen=True)
class Call:
    """A function of other scalars; null where one of them is null."""

    name: str
    arguments: tuple[Scalar, ...]
    kind: Kind
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return pen.call(self.name, [pen.placed(argument, Level.SUM) for argument in self.arguments])

    def value(self, scope: Scope) -> Any:
        values = [argument.value(scope) for argument in self.arguments]
        return None if None in values else FUNCTIONS[self.name](*values)


Scalar: TypeAlias = Path | Member | AttributeValue | Text | Number | Moment | Fixed | Null | Reckoning | Opposite | Call
LITERALS = (Text, Number, Moment, Fixed, Null)


def substring(text: str, start: float, length: float | None = None) -> str:
    """A start below zero counts from the end, at the most to the beginning."""
    first = int(start) if start >= 0 else max(len(text) + int(start), 0)
    return text[first:] if length is None else text[first : first + int(length)]


def _part_of_date(part: str) -> Callable[[float], int]:
    def read(moment: float) -> int:
        return int(getattr(EPOCH + timedelta(milliseconds=moment), part))

    return read


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "length": len,
    "indexof": str.find,
    "concat": lambda left, right: left + right,
    "substring": substring,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    **{part: _part_of_date(part) for part in ("year", "month", "day", "hour", "minute", "second")},
    "fractionalseconds": lambda moment: moment % 1000 / 1000,
    "totaloffsetminutes": lambda moment: 0,
    "totalseconds": lambda span: span / 1000,
    "date": lambda moment: moment - moment % DAY,
    "time": lambda moment: moment % DAY,
    "now": lambda: NOW,
    "mindatetime": lambda: -62_135_596_800_000,
    "maxdatetime": lambda: 253_402_300_799_999,
    "round": lambda number: number if isinstance(number, int) else rounded(number),
    "floor": math.floor,
    "ceiling": math.ceil,
}
