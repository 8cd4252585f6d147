"""Questions to a catalogue, the answers that plain Python finds, and those of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any

from prip_core.catalogue import Catalogue
from prip_core.odata.options import Listing, Query, parse_collection_options
from prip_core.times import from_milliseconds
from tests.differential.conditions import Condition, parts
from tests.differential.generator import Filters, order_text, random_order, speaks_of_online
from tests.differential.pen import Pen
from tests.differential.products import NOW, PRODUCTS, Facts, Scope
from tests.differential.sources import ProductSource

LONGEST_WALK = 300
"""Products of a list that is read page by page."""


@dataclass(frozen=True)
class Question:
    """A list that is asked for.

    :param condition: what the filter means.
    :param text: how it is written.
    :param order: keys, and whether each descends.
    """

    condition: Condition
    text: str
    order: Sequence[tuple[str, bool]]
    order_text: str
    list_evicted: bool
    listing: Listing = Listing.PRODUCTS

    @cached_property
    def everything(self) -> bool:
        """What is not online is listed, too."""
        return self.list_evicted or speaks_of_online(self.condition)

    @property
    def options(self) -> list[tuple[str, str]]:
        """What a client writes behind the question mark."""
        order = [("$orderby", self.order_text)] if self.order else []
        return [("$filter", self.text), *order, ("$count", "true")]


def random_question(chance: Random, products: Sequence[Facts], *, list_evicted: bool | None = None) -> Question:
    """A question like no other.

    :param list_evicted: ``None``: this, too, is left to chance.
    """
    listing = Listing.DELETED_PRODUCTS if list_evicted is None and chance.random() < 0.1 else Listing.PRODUCTS
    source = ProductSource(deleted=listing is Listing.DELETED_PRODUCTS)
    condition, order, pen = Filters(chance, products, source).filter(), random_order(chance, source), Pen(chance)
    everything = chance.random() < 0.2 if list_evicted is None else list_evicted
    return Question(condition, pen.whole(condition.text(pen)), order, order_text(order, pen), everything, listing)


def expected(question: Question, products: Sequence[Facts]) -> list[int]:
    """Numbers of the products in publication order, in the order of the question."""
    found = [
        seq
        for seq, facts in enumerate(products, start=1)
        if _is_listed(question, facts) and question.condition.value(Scope(facts)) is True
    ]
    if question.order and question.order[-1][1]:
        found.reverse()  # equal products come in publication order, or against it where the last key descends
    for name, descending in reversed(question.order):
        # Python's sort keeps the order of equals, in reverse, too.
        found.sort(key=lambda seq, name=name: _key(seq, name, products), reverse=descending)
    return found


def _is_listed(question: Question, facts: Facts) -> bool:
    online: bool = facts.values["Online"]
    if question.listing is Listing.DELETED_PRODUCTS:
        return not online
    return online or question.everything


def _key(seq: int, name: str, products: Sequence[Facts]) -> Any:
    """Publication order is that of PublicationDate, and has no ties; nulls come first."""
    value = seq if name == "PublicationDate" else products[seq - 1].values[name]
    return value is not None, value


class Asked:
    """A question put to a catalogue.

    :raises BadQuery: it is refused.
    """

    def __init__(self, question: Question, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._list_evicted = question.list_evicted
        self._query = parse_collection_options(question.options, PRODUCTS, question.listing)
        self.total: int | None = None

    def at_once(self) -> list[int]:
        """The whole list on one page; the number of all matches with it."""
        page = self._page(self._query)
        self.total = page.total
        return [row.seq for row in page.rows]

    def cut(self, skip: int, top: int) -> list[int]:
        """A part of the list."""
        page = self._page(replace(self._query, skip=skip, top=top))
        self.total = page.total
        return [row.seq for row in page.rows]

    def in_turn(self, top: int) -> list[int]:
        """Page by page, each behind the one before."""
        found: list[int] = []
        query = replace(self._query, top=top, count=False)
        while True:
            page = self._page(query)
            found += [row.seq for row in page.rows]
            if not page.more:
                return found
            assert page.after is not None, "there is more, but the page does not say where it begins"
            query = replace(query, after=page.after, skip=len(found))

    def _page(self, query: Query) -> Any:
        return self._catalogue.products.page(query, list_evicted=self._list_evicted, now=from_milliseconds(NOW))


@dataclass(frozen=True)
class Answer:
    """What plain Python finds, for any number of catalogues to be measured by."""

    question: Question
    products: Sequence[Facts]

    @cached_property
    def wanted(self) -> list[int]:
        return expected(self.question, self.products)

    def difference(self, catalogue: Catalogue, chance: Random) -> str | None:
        """What a catalogue answers otherwise; an error is an answer, too. ``None``: nothing.

        :param chance: decides how the list is read.
        """
        try:
            ways = list(self._ways(Asked(self.question, catalogue), chance))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return next((f"{way}: {_told(found, right)}" for way, found, right in ways if found != right), None)

    def _ways(self, asked: Asked, chance: Random) -> Iterator[tuple[str, Sequence[Any], Sequence[Any]]]:
        """How the list was read, what was found, what it should be."""
        draw = chance.random()
        if draw < 0.25:
            yield "at once", asked.at_once(), self.wanted
        elif draw < 0.9 or len(self.wanted) > LONGEST_WALK:
            skip, top = chance.choice((0, 0, 1, 7, 200, 900)), chance.choice((0, 1, 20, 60))
            yield f"$skip={skip}, $top={top}", asked.cut(skip, top), self.wanted[skip : skip + top]
        else:
            top = chance.choice((7, 50)) if len(self.wanted) > 40 else chance.choice((1, 2, 3))
            yield f"page by page of {top}", asked.in_turn(top), self.wanted
            yield "nothing", asked.cut(0, 0), []
        yield "$count", [asked.total], [len(self.wanted)]


def _told(found: Sequence[Any], right: Sequence[Any]) -> str:
    missing = [each for each in right if each not in set(found)]
    too_many = [each for each in found if each not in set(right)]
    if not missing and not too_many:
        return f"other order: {found[:10]}… instead of {right[:10]}…"
    return f"{len(found)} instead of {len(right)}; missing {missing[:5]}, too many {too_many[:5]}"


def smallest(question: Question, catalogue: Catalogue, products: Sequence[Facts]) -> Question:
    """A part of the question that is answered differently by itself, the smallest that is found; else the whole."""
    for part in parts(question.condition):
        smaller = replace(question, condition=part, text=part.text(Pen(Random(0), plain=True)), order=())
        if _fails(smaller, catalogue, products):
            return smallest(smaller, catalogue, products)
    plain = replace(question, text=question.condition.text(Pen(Random(0), plain=True)), order=())
    return plain if _fails(plain, catalogue, products) else question


def _fails(question: Question, catalogue: Catalogue, products: Sequence[Facts]) -> bool:
    try:
        return Asked(question, catalogue).at_once() != expected(question, products)
    except Exception:
        return True
