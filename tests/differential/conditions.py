"""Conditions of a filter: how each is written, and whether a product fulfils it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.differential.areas import Area, HasFootprint
from tests.differential.literals import AttributeLiteral
from tests.differential.logic import FLIPPED, Kind, Truth, compared, conjunction, disjunction, negated
from tests.differential.pen import MEMBERS, Level, Pen
from tests.differential.products import Element, Facts, Scope
from tests.differential.scalars import NUMBERS, AttributeValue, Number, Scalar


@dataclass(frozen=True)
class Compared:
    """``left ordering right`` of two scalars; never null."""

    left: Scalar
    ordering: str
    right: Scalar
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        return _relation(self.left, self.ordering, self.right, pen)

    def value(self, scope: Scope) -> Truth:
        left, right = _value(self.left, self.right, scope), _value(self.right, self.left, scope)
        if isinstance(left, float) or isinstance(right, float):
            left, right = _double(left), _double(right)
        return compared(left, self.ordering, right)


def _relation(left: Any, ordering: str, right: Any, pen: Pen) -> str:
    if pen.rarely(4):
        left, ordering, right = right, FLIPPED[ordering], left
    return pen.joined(ordering, [pen.placed(left, Level.SUM), pen.placed(right, Level.SUM)])


def _value(scalar: Scalar, other: Scalar, scope: Scope) -> Any:
    """A number that is written beside a whole number is compared as it is, without being rounded to a double."""
    if isinstance(scalar, Number) and other.kind is Kind.WHOLE:
        return scalar.exact
    value = scalar.value(scope)
    return float(value) if other.kind is Kind.REAL and scalar.kind in NUMBERS and value is not None else value


def _double(value: Any) -> Any:
    """Beside a double a whole number is one, too."""
    return float(value) if isinstance(value, int) else value


@dataclass(frozen=True)
class Among:
    """``operand in (…)``; never null."""

    operand: Scalar
    literals: tuple[Scalar, ...]
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        written = [literal.text(pen) for literal in self.literals]
        if len(written) == 1 and pen.rarely(4):
            return f"{pen.joined('in', [pen.placed(self.operand, Level.PRIMARY), ''])}({written[0]},)"
        return pen.joined("in", [pen.placed(self.operand, Level.PRIMARY), pen.listed(written)])

    def value(self, scope: Scope) -> Truth:
        return any(Compared(self.operand, "eq", literal).value(scope) for literal in self.literals)


@dataclass(frozen=True)
class ValueCompared:
    """The Value of an attribute with a literal, which is brought to the stored type; false where it cannot be."""

    operand: AttributeValue
    ordering: str
    literal: AttributeLiteral
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        return _relation(self.operand, self.ordering, self.literal, pen)

    def value(self, scope: Scope) -> Truth:
        value = self.literal.brought_to(scope.element.kind)
        return value is not None and compared(scope.element.value, self.ordering, value)


@dataclass(frozen=True)
class ValueAmong:
    """The Value of an attribute equals one of the literals."""

    operand: AttributeValue
    literals: tuple[AttributeLiteral, ...]
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        return pen.joined("in", [self.operand.text(pen), pen.listed([each.text(pen) for each in self.literals])])

    def value(self, scope: Scope) -> Truth:
        return any(ValueCompared(self.operand, "eq", literal).value(scope) for literal in self.literals)


@dataclass(frozen=True)
class ValueIsNull:
    """``a/Value eq null``, which is never true, and ``ne null``, which always is: what has no value is no attribute."""

    operand: AttributeValue
    ordering: str
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        return pen.joined(self.ordering, [self.operand.text(pen), pen.keyword("null")])

    def value(self, scope: Scope) -> Truth:
        return self.ordering == "ne"


MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


@dataclass(frozen=True)
class Matched:
    """``contains(operand,part)`` and the like: literally, case-sensitive; null where one is null."""

    matching: str
    operand: Scalar
    part: Scalar
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return pen.call(self.matching, [pen.placed(self.operand, Level.SUM), pen.placed(self.part, Level.SUM)])

    def value(self, scope: Scope) -> Truth:
        operand, part = self.operand.value(scope), self.part.value(scope)
        if self.operand.kind is Kind.MEMBER:
            operand = MEMBERS[operand]
        return None if operand is None or part is None else MATCHES[self.matching](operand, part)


@dataclass(frozen=True)
class Flag:
    """A scalar that is true or false by itself; alone it says the same as with ``eq true``."""

    operand: Scalar
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return self.operand.text(pen)

    def value(self, scope: Scope) -> Truth:
        if isinstance(self.operand, AttributeValue):
            return ValueCompared(self.operand, "eq", AttributeLiteral("true", quoted=False)).value(scope)
        value: Truth = self.operand.value(scope)
        return value


@dataclass(frozen=True)
class Truthful:
    """A condition compared with true, false or null; never null."""

    operand: Condition
    ordering: str
    wanted: Truth
    level = Level.RELATION

    def text(self, pen: Pen) -> str:
        wanted = pen.keyword("null") if self.wanted is None else pen.flag(self.wanted)
        sides = [pen.placed(self.operand, Level.PRIMARY), wanted]
        return pen.joined(self.ordering, sides[::-1] if pen.rarely(4) else sides)

    def value(self, scope: Scope) -> Truth:
        return compared(self.operand.value(scope), self.ordering, self.wanted)


@dataclass(frozen=True)
class Not:
    """``not operand``."""

    operand: Condition
    level = Level.SIGN

    def text(self, pen: Pen) -> str:
        return f"{pen.keyword('not')} {pen.placed(self.operand, Level.PRIMARY)}"

    def value(self, scope: Scope) -> Truth:
        return negated(self.operand.value(scope))


@dataclass(frozen=True)
class All:
    """Operands joined by ``and``."""

    operands: tuple[Condition, ...]
    level = Level.AND

    def text(self, pen: Pen) -> str:
        return pen.joined("and", [pen.placed(operand, Level.RELATION) for operand in self.operands])

    def value(self, scope: Scope) -> Truth:
        return conjunction(operand.value(scope) for operand in self.operands)


@dataclass(frozen=True)
class Some:
    """Operands joined by ``or``."""

    operands: tuple[Condition, ...]
    level = Level.OR

    def text(self, pen: Pen) -> str:
        return pen.joined("or", [pen.placed(operand, Level.AND) for operand in self.operands])

    def value(self, scope: Scope) -> Truth:
        return disjunction(operand.value(scope) for operand in self.operands)


@dataclass(frozen=True)
class Quantified:
    """``collection/any(variable: condition)`` or ``all``; never null.

    :param condition: ``None``: any element will do.
    :param closed: the condition speaks of the element alone.
    :param cast: a type that follows the collection's name, a mere hint.
    """

    collection: str
    quantifier: str
    variable: str
    condition: Condition | None
    closed: bool
    cast: str = ""
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        path = f"{pen.path(self.collection)}{self.cast}/{self.quantifier}"
        if self.condition is None:
            return f"{path}({pen.gap()})"
        return f"{path}({pen.gap()}{self.variable}{pen.gap()}:{pen.gap()}{self.condition.text(pen)}{pen.gap()})"

    def value(self, scope: Scope) -> Truth:
        product = scope.product
        elements = product.attributes if self.collection == "Attributes" else product.checksums
        if self.condition is None:
            return bool(elements)
        return {"any": any, "all": all}[self.quantifier](self._holds(product, each) for each in elements)

    def _holds(self, product: Facts, element: Element) -> bool:
        assert self.condition is not None
        if not self.closed:
            return self.condition.value(Scope(product, element)) is True
        known = self.__dict__.setdefault("_known", {})
        found = known.get(id(element))
        if found is None:
            found = known[id(element)] = self.condition.value(Scope(product, element)) is True
        return bool(found)


@dataclass(frozen=True)
class Bare:
    """A term with the bare name of an attribute: there is such an attribute, and its value fulfils the term.

    :param written: as clients write it, where that is not the name itself.
    :param absent: the term asks for products without one.
    """

    name: str
    term: Condition
    absent: bool = False

    @property
    def level(self) -> Level:
        return self.term.level

    def text(self, pen: Pen) -> str:
        return self.term.text(pen)

    def value(self, scope: Scope) -> Truth:
        element = scope.product.by_name.get(self.name)
        if element is None or self.absent:
            return self.absent and element is None
        known = self.__dict__.setdefault("_known", {})
        found = known.get(id(element))
        if found is None:
            found = known[id(element)] = self.term.value(Scope(scope.product, element)) is True
        return bool(found)


Condition: TypeAlias = (
    Compared
    | Among
    | ValueCompared
    | ValueAmong
    | ValueIsNull
    | Matched
    | Flag
    | Truthful
    | Not
    | All
    | Some
    | Quantified
    | Bare
    | Area
    | HasFootprint
)


def parts(condition: Condition) -> Iterator[Condition]:
    """Conditions that a condition is made of, which may stand alone."""
    match condition:
        case All(operands=operands) | Some(operands=operands):
            yield from operands
        case Not(operand=operand) | Truthful(operand=operand):
            yield operand
