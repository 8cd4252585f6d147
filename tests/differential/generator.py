"""Random valid filters over everything that products can be asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.differential.areas import HasFootprint, random_area
from tests.differential.conditions import (
    MATCHES,
    All,
    Among,
    Bare,
    Compared,
    Condition,
    Flag,
    Matched,
    Not,
    Quantified,
    Some,
    Truthful,
    ValueAmong,
    ValueCompared,
    ValueIsNull,
)  # fmt: skip
from tests.differential.literals import AttributeLiteral
from tests.differential.logic import ORDERINGS, Kind
from tests.differential.pen import Pen
from tests.differential.products import ATTRIBUTES, VALUES, Facts
from tests.differential.scalar_generator import Scalars
from tests.differential.scalars import (
    AttributeValue,
    Call,
    Fixed,
    Null,
    Opposite,
    Path,
    Reckoning,
    Scalar,
    Text,
)  # fmt: skip
from tests.differential.sources import (
    BARE_NAMES,
    CASTS,
    AttributeSource,
    BareSource,
    ChecksumSource,
    ProductSource,
    Source,
)  # fmt: skip

PRODUCT = ProductSource()
VARIABLES = ("a", "att", "x", "c", "order", "android", "inner")
MOST_SIGNS = 16
"""Arithmetic operators that the service allows in a filter."""


@dataclass
class Filters:
    """Makes filters.

    :param products: whose values literals are taken from.
    :param product: the properties that they have.
    """

    chance: Random
    products: Sequence[Facts]
    product: ProductSource = PRODUCT
    scalars: Scalars = field(init=False)

    def __post_init__(self) -> None:
        self.scalars = Scalars(self.chance, self.products)

    def filter(self) -> Condition:
        """A filter of one to some six terms."""
        while True:
            condition = self.condition(self.chance.choice((1, 1, 1, 2, 2, 3, 4, 6)))
            if sum(isinstance(each, Reckoning | Opposite) for each in nodes(condition)) <= MOST_SIGNS:
                return condition

    def condition(self, terms: int) -> Condition:
        if terms > 1:
            first = self.chance.randint(1, terms - 1)
            joined = self.chance.choice((All, All, Some))
            return self._perhaps_not(joined((self.condition(first), self.condition(terms - first))))
        return self._perhaps_not(self._term())

    def _perhaps_not(self, condition: Condition) -> Condition:
        draw = self.chance.random()
        if draw < 0.15:
            return Not(condition)
        if draw < 0.19 and not _is_flag(condition):
            return Truthful(condition, self.chance.choice(("eq", "ne")), self.chance.choice((True, False, None)))
        return condition

    def _term(self) -> Condition:
        draw = self.chance.random()
        if draw < 0.45:
            return self.product_term()
        if draw < 0.72:
            return self._quantified()
        if draw < 0.84:
            return self._bare()
        if draw < 0.98:
            return self._area()
        return self._constant()

    def _area(self) -> Condition:
        if self.chance.random() < 0.05:
            name = self.chance.choice(("Footprint", "GeoFootprint"))
            return HasFootprint(self.chance.choice(("eq", "ne")), name)
        return random_area(self.chance)

    def _constant(self) -> Condition:
        """What is the same for every product."""
        if self.chance.random() < 0.5:
            return Flag(Fixed(self.chance.random() < 0.5, Kind.FLAG))
        kind = self.chance.choice((Kind.TEXT, Kind.WHOLE, Kind.REAL))
        return Compared(self.scalars.literal(kind), self._ordering(), self.scalars.literal(kind))

    def _ordering(self) -> str:
        return self.chance.choice(list(ORDERINGS))

    def product_term(self) -> Condition:
        """A term about the product's properties."""
        draw = self.chance.random()
        if draw < 0.4:
            return self._simple()
        if draw < 0.6:
            return self._matched(self.product)
        return self._compared(self.product)

    def _simple(self) -> Condition:
        """A property and a literal, as most clients ask."""
        name, kind = self.chance.choice(list(self.product.paths.items()))
        path = Path(name, kind)
        if kind is Kind.FLAG and self.chance.random() < 0.4:
            return Flag(path)
        if self.chance.random() < 0.15:
            literals = [self.scalars.literal(kind, lenient=True) for _ in range(self.chance.randint(1, 4))]
            return Among(path, tuple(literals))
        if self.chance.random() < 0.05:
            return Compared(path, self.chance.choice(("eq", "ne")), Null())
        ordering = self._ordering() if kind is not Kind.FLAG else self.chance.choice(("eq", "ne"))
        return Compared(path, ordering, self.scalars.literal(kind, lenient=True))

    def _matched(self, source: Source) -> Condition:
        matching = self.chance.choice(list(MATCHES))
        if source is self.product and self.chance.random() < 0.1:
            part = self.chance.choice(("on_demand", "systematic", "default", "_", "x", ""))
            return Matched(matching, Path("ProductionType", Kind.MEMBER), Text(part))
        text = self.scalars.scalar(Kind.TEXT, source, self.chance.choice((0, 0, 1)))
        part = self.scalars.literal(Kind.TEXT)
        if self.chance.random() < 0.15:
            part = self.scalars.scalar(Kind.TEXT, source, 1)
        return Matched(matching, text, part)

    def _compared(self, source: Source) -> Condition:
        """Scalars of any depth on both sides."""
        kind = self.scalars.kind(source)
        if kind in {Kind.FLAG, Kind.GUID, Kind.MEMBER}:
            kind = Kind.TEXT
        left = self.scalars.scalar(kind, source)
        if isinstance(left, AttributeValue):
            return self._valued_beside(left, kind, source) if self.chance.random() < 0.4 else self._valued(source)
        return self._beside(left, kind, source)

    def _valued_beside(self, value: AttributeValue, kind: Kind, source: Source) -> Condition:
        """The value of an attribute beside something else of it, which says what the value is read as."""
        other = self.scalars.scalar(kind, source, 1)
        if isinstance(other, AttributeValue):
            return self._valued(source)
        return Compared(value, self._ordering(), other)

    def _beside(self, left: Scalar, kind: Kind, source: Source) -> Condition:
        draw = self.chance.random()
        if draw < 0.1:
            return Compared(left, self._ordering(), Null())
        if draw < 0.2:
            return Among(left, tuple(self.scalars.literal(kind) for _ in range(self.chance.randint(1, 3))))
        if draw < 0.3 and kind is Kind.DATE:
            return Compared(left, self._ordering(), Call(self.chance.choice(_MOMENTS), (), kind))
        if draw < 0.7:
            return Compared(left, self._ordering(), self.scalars.literal(kind))
        return Compared(left, self._ordering(), self.scalars.scalar(kind, source, 1))

    # Attributes and checksums

    def _quantified(self) -> Condition:
        variable = self.chance.choice(VARIABLES)
        collection = self.chance.choice(("Attributes", "Attributes", "Attributes", "Checksum"))
        source: Source = AttributeSource(variable) if collection == "Attributes" else ChecksumSource(variable)
        cast = self.chance.choice(CASTS) if collection == "Attributes" else ""
        if self.chance.random() < 0.04:
            return Quantified(collection, "any", variable, None, closed=True, cast=cast)
        quantifier = self.chance.choice(("any", "any", "any", "any", "all"))
        condition = self._canonical(source) if quantifier == "any" else self.element_condition(source, 2)
        outer = self.chance.random() < 0.08
        if outer:
            condition = self.chance.choice((All, Some))((condition, self._perhaps_not(self._outer())))
        return Quantified(collection, quantifier, variable, condition, closed=not outer, cast=cast)

    def _outer(self) -> Condition:
        """What is asked within a lambda, but not of its element."""
        draw = self.chance.random()
        if draw < 0.4:
            return self.product_term()
        if draw < 0.6:
            return self._bare()
        return self._area() if draw < 0.8 else self._quantified()

    def _canonical(self, source: Source) -> Condition:
        """Name and value, most of the time."""
        if not isinstance(source, AttributeSource) or self.chance.random() < 0.3:
            return self.element_condition(source, self.chance.choice((1, 2, 3)))
        name = self.chance.choice(list(ATTRIBUTES))
        named = Compared(source.leaf_name(), "eq", Text(name))
        value = self._valued(source, name) if self.chance.random() < 0.7 else self.element_condition(source, 1)
        return All((named, value) if self.chance.random() < 0.9 else (value, named))

    def element_condition(self, source: Source, terms: int) -> Condition:
        if terms > 1:
            joined = self.chance.choice((All, Some))
            return joined((self.element_condition(source, terms - 1), self.element_condition(source, 1)))
        draw = self.chance.random()
        if draw < 0.4 and isinstance(source, AttributeSource):
            return self._perhaps_not(self._valued(source))
        if draw < 0.6:
            return self._perhaps_not(self._matched(source))
        if draw < 0.7 and isinstance(source, AttributeSource):
            return Compared(source.leaf_name(), self._ordering(), Text(self.chance.choice(list(ATTRIBUTES))))
        return self._perhaps_not(self._compared(source))

    def _valued(self, source: Source, name: str | None = None) -> Condition:
        """A value and a literal, perhaps of another type than the value's.

        :param name: the attribute's, where it is known.
        """
        assert isinstance(source, AttributeSource | BareSource)
        value = source.attribute_value(Kind.TEXT, self.chance)
        draw = self.chance.random()
        if draw < 0.04:
            return ValueIsNull(value, self.chance.choice(("eq", "ne")))
        if draw < 0.1:
            return Flag(AttributeValue(value.written, Kind.FLAG))
        if draw < 0.25:
            return ValueAmong(value, tuple(self._attribute_literal(name) for _ in range(self.chance.randint(1, 4))))
        literal = self._attribute_literal(name)
        truth = literal.content.lower() in {"true", "false"}
        return ValueCompared(value, self.chance.choice(("eq", "ne")) if truth else self._ordering(), literal)

    def _attribute_literal(self, name: str | None) -> AttributeLiteral:
        kinds = ATTRIBUTES[name] if name is not None else tuple(VALUES)
        kind = self.chance.choice(kinds)
        value = self.chance.choice(VALUES[kind])
        if kind is Kind.DATE:
            written = self.scalars.literal(Kind.DATE).text(_PLAIN)
        else:
            written = str(value).lower() if kind is Kind.FLAG and self.chance.random() < 0.7 else str(value)
        return AttributeLiteral(written, quoted=kind is Kind.TEXT or self.chance.random() < 0.2)

    def _bare(self) -> Condition:
        name = self.chance.choice(BARE_NAMES)
        if self.chance.random() < 0.15:
            literal = AttributeLiteral(self.chance.choice(("SENTINEL-1", "SENTINEL-2", "A", "x")), quoted=True)
            collection = AttributeValue("Collection/Name", Kind.TEXT)
            return Bare("platformShortName", ValueCompared(collection, self._ordering(), literal))
        source = BareSource(name)
        draw = self.chance.random()
        if draw < 0.6:
            term = self._valued(source, name)
        else:
            term = self._matched(source) if draw < 0.75 else self._compared(source)
        return Bare(name, term, absent=isinstance(term, ValueIsNull) and term.ordering == "eq")


_MOMENTS = ("now", "mindatetime", "maxdatetime")
_PLAIN = Pen(Random(0), plain=True)


def _is_flag(condition: Condition) -> bool:
    """Compared with a truth it would be a value beside a literal, which is something else."""
    return isinstance(condition, Flag) or (isinstance(condition, Bare) and _is_flag(condition.term))


def speaks_of_online(part: Any) -> bool:
    """Online is mentioned anywhere."""
    return any(found == Path("Online", Kind.FLAG) for found in nodes(part))


def nodes(part: Any) -> Iterator[Any]:
    """A condition or scalar and everything within it."""
    if isinstance(part, tuple):
        for each in part:
            yield from nodes(each)
    elif dataclasses.is_dataclass(part):
        yield part
        for each in dataclasses.fields(part):
            yield from nodes(getattr(part, each.name))


def random_order(chance: Random, product: ProductSource = PRODUCT) -> list[tuple[str, bool]]:
    """Keys of an order: property and whether it descends."""
    names = chance.sample(list(product.paths), chance.choice((0, 0, 1, 1, 2, 3)))
    return [(name, chance.random() < 0.5) for name in names]


def order_text(order: Sequence[tuple[str, bool]], pen: Pen) -> str:
    """A ``$orderby``."""
    keys = []
    for name, descending in order:
        direction = "desc" if descending else pen.chance.choice(("", "", "asc"))
        keys.append(f"{pen.path(name)}{pen.blank()}{pen.keyword(direction)}" if direction else pen.path(name))
    return f"{pen.gap()},{pen.gap()}".join(keys)
