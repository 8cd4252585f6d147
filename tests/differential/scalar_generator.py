"""Random scalars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from tests.differential.logic import Kind
from tests.differential.products import CONTENT_TYPES, LENGTHS, MOMENTS, NAMES, NEVER, NOON, Facts
from tests.differential.scalars import DAY, Call, Fixed, Moment, Number, Opposite, Path, Reckoning, Scalar, Text
from tests.differential.sources import Source

SPANS = (0, 1, -1, 500, 1000, 3_600_000, DAY, -DAY, 2 * DAY, 30 * DAY + 1)
TIMES = {
    Kind.DAY: tuple(moment - moment % DAY for moment in MOMENTS),
    Kind.CLOCK: (0, 43_200_000, 43_200_001, 86_399_999, 43_201_000, 60_000),
    Kind.SPAN: SPANS,
}
SNIPPETS = ("S2", "MSI", "MSI_L2A", ".tar", "%", "_", "'", "S", "x", "ß", "\U0001f6f0", "L2A.", "*", "a", "B", "xxxx")
NUMBERS = (
    "0", "1", "2", "3", "7", "10", "12", "100", "-1", "-3", "2.5", "0.5", "12.0", "12.5", "1e2", "-0.5", "99.9",
    "0.1", "4294967296", "1.5E1",
)  # fmt: skip
PARTS = ("year", "month", "day", "hour", "minute", "second")


@dataclass
class Scalars:
    """Makes scalars of a kind from a source.

    :param products: whose values literals are taken from.
    """

    chance: Random
    products: Sequence[Facts]

    def kind(self, source: Source) -> Kind:
        """A kind that scalars can be made of."""
        derived = [Kind.TEXT, Kind.WHOLE, Kind.REAL]
        if Kind.DATE in source.kinds():
            derived += [Kind.DATE, Kind.DAY, Kind.CLOCK, Kind.SPAN]
        return self.chance.choice([*source.kinds(), *derived])

    def scalar(self, kind: Kind, source: Source, depth: int = 2) -> Scalar:
        """One that holds a leaf of the source.

        :param depth: functions and signs within each other.
        """
        makers = (_MAKERS if depth else _SHALLOW).get(kind, ())
        if kind in source.kinds() and (not depth or not makers or self.chance.random() < 0.4):
            return source.leaf(kind, self.chance)
        return self.chance.choice(makers)(self, source, max(depth - 1, 0))

    def operand(self, kind: Kind, source: Source, depth: int) -> Scalar:
        """A scalar, or a literal."""
        return self.literal(kind) if self.chance.random() < 0.6 else self.scalar(kind, source, depth)

    def _beside(self, kind: Kind, source: Source) -> Scalar:
        """What a scalar is reckoned with: two values of attributes have no type that they could be read as."""
        return self.literal(kind) if source.untyped else self.operand(kind, source, 0)

    def literal(self, kind: Kind, *, lenient: bool = False) -> Scalar:
        """A literal that tells products apart, more often than not.

        :param lenient: it stands right beside a property.
        """
        match kind:
            case Kind.TEXT:
                return Text(self.text())
            case Kind.WHOLE | Kind.REAL:
                endless = lenient and self.chance.random() < 0.05
                return Number(self.chance.choice(("INF", "-INF")) if endless else self.number(kind))
            case Kind.DATE:
                return self._date(lenient)
            case Kind.DAY | Kind.CLOCK | Kind.SPAN:
                return Moment(self.chance.choice(TIMES[kind]), kind)
            case _:
                return Fixed(self._fixed(kind), kind)

    def _fixed(self, kind: Kind) -> bool | int | UUID:
        if kind is Kind.GUID:
            uuid: UUID = self.chance.choice(self.products).values["Id"]
            return uuid
        return self.chance.random() < 0.5 if kind is Kind.FLAG else self.chance.randrange(3)

    def text(self) -> str:
        chance = self.chance
        whole = chance.choice((*NAMES, *CONTENT_TYPES, chance.choice(self.products).values["Name"]))
        if chance.random() < 0.4:
            return whole
        if chance.random() < 0.4:
            return chance.choice(SNIPPETS)
        first, last = sorted((chance.randint(0, len(whole)), chance.randint(0, len(whole))))
        return whole[first:last]

    def number(self, kind: Kind) -> str:
        if kind is Kind.WHOLE and self.chance.random() < 0.3:
            return str(self.chance.choice(LENGTHS[:-2]) + self.chance.choice((-1, 0, 1)))
        return self.chance.choice(NUMBERS)

    def _date(self, lenient: bool) -> Moment:
        chance = self.chance
        moment = chance.choice((*MOMENTS, chance.choice(self.products).values["PublicationDate"], NEVER))
        if moment != NEVER:
            moment += chance.choice((0, 0, 0, 1, -1))
        finer = chance.choice(("5", "0001", "999999", "000")) if lenient and chance.random() < 0.1 else ""
        return Moment(moment, Kind.DATE, finer, lenient)

    # Texts

    def _concat(self, source: Source, depth: int) -> Scalar:
        sides = [self.scalar(Kind.TEXT, source, depth), self.operand(Kind.TEXT, source, depth)]
        self.chance.shuffle(sides)
        return Call("concat", tuple(sides), Kind.TEXT)

    def _changed(self, source: Source, depth: int) -> Scalar:
        name = self.chance.choice(("tolower", "toupper", "trim"))
        return Call(name, (self.scalar(Kind.TEXT, source, depth),), Kind.TEXT)

    def _substring(self, source: Source, depth: int) -> Scalar:
        text = self.scalar(Kind.TEXT, source, depth)
        numbers = [Number(str(self.chance.randint(-6, 12)))]
        if self.chance.random() < 0.5:
            numbers.append(Number(str(self.chance.randint(0, 8))))
        return Call("substring", (text, *numbers), Kind.TEXT)

    # Numbers

    def _length(self, source: Source, depth: int) -> Scalar:
        return Call("length", (self.scalar(Kind.TEXT, source, depth),), Kind.WHOLE)

    def _index(self, source: Source, depth: int) -> Scalar:
        text = self.scalar(Kind.TEXT, source, depth)
        return Call("indexof", (text, self.operand(Kind.TEXT, source, 0)), Kind.WHOLE)

    def _part(self, source: Source, depth: int) -> Scalar:
        if Kind.DATE not in source.kinds():
            return self._length(source, depth)
        if self.chance.random() < 0.1:
            return Call("totaloffsetminutes", (source.leaf(Kind.DATE, self.chance),), Kind.WHOLE)
        name = self.chance.choice(PARTS)
        wrapper = self.chance.choice(("", "", "time" if name in PARTS[3:] else "date"))
        return Call(name, (self._plain_date(source, wrapper),), Kind.WHOLE)

    def _fraction(self, source: Source, depth: int) -> Scalar:
        if Kind.DATE not in source.kinds():
            return self._real(source, depth)
        if self.chance.random() < 0.5:
            return Call("totalseconds", (self.scalar(Kind.SPAN, source, depth),), Kind.REAL)
        return Call("fractionalseconds", (self._plain_date(source, self.chance.choice(("", "time"))),), Kind.REAL)

    def _plain_date(self, source: Source, wrapper: str) -> Scalar:
        """A date whose parts can be told: none beyond the year 9999."""
        leaf: Scalar = source.leaf(Kind.DATE, self.chance)
        if self.chance.random() < 0.3 and leaf != Path("EvictionDate", Kind.DATE):
            leaf = Reckoning(self.chance.choice(("add", "sub")), leaf, self.literal(Kind.SPAN), Kind.DATE)
        return Call(wrapper, (leaf,), {"time": Kind.CLOCK, "date": Kind.DAY}[wrapper]) if wrapper else leaf

    def _whole(self, source: Source, depth: int) -> Scalar:
        sign = self.chance.choice(("add", "sub", "mul", "div", "mod"))
        return self._reckoned(sign, Kind.WHOLE, (Kind.WHOLE, Kind.WHOLE), source, depth)

    def _real(self, source: Source, depth: int) -> Scalar:
        sign = self.chance.choice(("add", "sub", "mul", "div", "divby", "mod"))
        kinds = (
            (Kind.WHOLE, Kind.WHOLE) if sign == "divby" else (Kind.REAL, self.chance.choice((Kind.WHOLE, Kind.REAL)))
        )
        return self._reckoned(sign, Kind.REAL, kinds, source, depth)

    def _reckoned(self, sign: str, kind: Kind, kinds: tuple[Kind, Kind], source: Source, depth: int) -> Scalar:
        own = self.scalar(kinds[0], source, depth)
        other = self._beside(kinds[1], source)
        left, right = (own, other) if self.chance.random() < 0.7 else (other, own)
        both_whole = left.kind is Kind.WHOLE and right.kind is Kind.WHOLE
        return Reckoning(sign, left, right, Kind.WHOLE if both_whole and sign != "divby" else Kind.REAL)

    def _opposite(self, source: Source, depth: int) -> Scalar:
        operand = self.scalar(Kind.WHOLE, source, depth)
        return Opposite(operand, operand.kind or Kind.WHOLE)

    def _rounded(self, source: Source, depth: int) -> Scalar:
        operand = self.scalar(Kind.REAL, source, depth)
        return Call(self.chance.choice(("round", "floor", "ceiling")), (operand,), operand.kind or Kind.REAL)

    # Points in time and spans

    def _now(self, source: Source, depth: int) -> Scalar:
        """Dates that a product is compared with, beside a leaf."""
        name = self.chance.choice(("now", "mindatetime", "maxdatetime"))
        if name != "now":
            return source.leaf(Kind.DATE, self.chance)
        difference = Reckoning("sub", Call(name, (), Kind.DATE), source.leaf(Kind.DATE, self.chance), Kind.SPAN)
        return Reckoning("add", Moment(NOON, Kind.DATE), difference, Kind.DATE)

    def _shifted(self, source: Source, depth: int) -> Scalar:
        leaf = source.leaf(Kind.DATE, self.chance)
        span = self._beside(Kind.SPAN, source) if depth else self.literal(Kind.SPAN)
        return Reckoning(self.chance.choice(("add", "sub")), leaf, span, Kind.DATE)

    def _difference(self, source: Source, depth: int) -> Scalar:
        leaf = source.leaf(Kind.DATE, self.chance)
        sides = [leaf, self._beside(Kind.DATE, source)]
        self.chance.shuffle(sides)
        return Reckoning("sub", sides[0], sides[1], Kind.SPAN)

    def _multiple(self, source: Source, depth: int) -> Scalar:
        span = self._difference(source, depth)
        if self.chance.random() < 0.4:
            return Reckoning(self.chance.choice(("add", "sub")), span, self.literal(Kind.SPAN), Kind.SPAN)
        sign, number = self.chance.choice((("mul", "2"), ("mul", "-1"), ("divby", "4"), ("divby", "0"), ("mul", "0.5")))
        return Reckoning(sign, span, Number(number), Kind.SPAN)

    def _day(self, source: Source, depth: int) -> Scalar:
        day = Call("date", (self._plain_date(source, ""),), Kind.DAY)
        if self.chance.random() < 0.8 or day.arguments[0] == Path("EvictionDate", Kind.DATE):
            return day
        return Reckoning(
            self.chance.choice(("add", "sub")), day, Moment(self.chance.randint(-3, 3) * DAY, Kind.SPAN), Kind.DAY
        )

    def _clock(self, source: Source, depth: int) -> Scalar:
        return Call("time", (self._plain_date(source, ""),), Kind.CLOCK)


_Maker = Callable[[Scalars, Source, int], Scalar]
_SHALLOW: dict[Kind, Sequence[_Maker]] = {
    Kind.WHOLE: (Scalars._length, Scalars._index, Scalars._part),
    Kind.REAL: (Scalars._fraction,),
    Kind.DAY: (Scalars._day,),
    Kind.CLOCK: (Scalars._clock,),
    Kind.SPAN: (Scalars._difference,),
}
_MAKERS: dict[Kind, Sequence[_Maker]] = {
    Kind.TEXT: (Scalars._concat, Scalars._changed, Scalars._substring),
    Kind.WHOLE: (Scalars._length, Scalars._index, Scalars._part, Scalars._part, Scalars._whole, Scalars._opposite),
    Kind.REAL: (Scalars._fraction, Scalars._real, Scalars._rounded),
    Kind.DATE: (Scalars._now, Scalars._shifted),
    Kind.DAY: (Scalars._day,),
    Kind.CLOCK: (Scalars._clock,),
    Kind.SPAN: (Scalars._difference, Scalars._multiple),
}
