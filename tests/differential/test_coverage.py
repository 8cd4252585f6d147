"""The random filters say everything that a filter can say: nothing falls out of them unnoticed."""

from __future__ import annotations

import dataclasses
import enum
import inspect
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lark import Lark

from prip_core import odata
from prip_core.odata import ast
from prip_core.odata.edm import PATHS, PRODUCTION_TYPE, VALUE_TYPES, Primitive, Property
from prip_core.odata.parse import parse_filter, parse_order
from tests.differential.generator import Filters, order_text, random_order
from tests.differential.pen import Pen
from tests.differential.products import Facts

FILTERS = 4000
NOT_SERVED = {"HAS"}
"""Words of the grammar that end in a refusal."""


@pytest.fixture(scope="module")
def texts(products: Sequence[Facts]) -> Sequence[str]:
    filters, pen = Filters(Random(21), products), Pen(Random(22))
    return [filters.filter().text(pen) for _ in range(FILTERS)]


@pytest.fixture(scope="module")
def trees(texts: Sequence[str]) -> Sequence[Any]:
    """Every node, value and member of an enumeration in the trees."""
    return [part for text in texts for part in _parts(parse_filter(text))]


def _parts(part: Any) -> Iterator[Any]:
    yield part
    inner: Sequence[Any] = ()
    if isinstance(part, tuple):
        inner = part
    elif dataclasses.is_dataclass(part) and not isinstance(part, Property):
        inner = [getattr(part, each.name) for each in dataclasses.fields(part)]
    for each in inner:
        yield from _parts(each)


def test_every_node_of_the_tree_occurs(trees: Sequence[Any]) -> None:
    nodes = {each for _, each in inspect.getmembers(ast, dataclasses.is_dataclass) if each.__module__ == ast.__name__}
    assert nodes - {type(part) for part in trees} == {ast.OrderBy}


@pytest.mark.parametrize(
    "members",
    [ast.Collection, ast.Function, ast.Matching, ast.Operator, ast.Relation, ast.Sign],
    ids=lambda each: each.__name__,
)
def test_every_member_of_the_tree_occurs(trees: Sequence[Any], members: type[enum.StrEnum]) -> None:
    assert {part for part in trees if isinstance(part, members)} == set(members)


def test_every_property_occurs(trees: Sequence[Any]) -> None:
    found = {part.property.name for part in trees if isinstance(part, ast.PropertyValue)}
    assert found == set(PATHS)
    members = {(part.collection, part.member.name) for part in trees if isinstance(part, ast.ElementValue)}
    attribute = {(ast.Collection.ATTRIBUTES, name) for name in ("Name", "ValueType")}
    assert members == attribute | {(ast.Collection.CHECKSUM, name) for name in ("Algorithm", "Value", "ChecksumDate")}


def test_values_of_every_type_occur(trees: Sequence[Any]) -> None:
    assert {part.type for part in trees if isinstance(part, ast.ValueTerm)} == set(VALUE_TYPES.values())
    literals = {part.type for part in trees if isinstance(part, ast.Literal)}
    assert literals == {*Primitive, PRODUCTION_TYPE} - {Primitive.GEOGRAPHY}


@lru_cache
def _grammar() -> Lark:
    path = Path(odata.__path__[0]) / "grammar.lark"
    return Lark(path.read_text(), parser="lalr", start=["filter", "order"])


def _words(text: str, start: str) -> set[str]:
    return {token.type for token in _grammar().parse_interactive(text, start=start).iter_parse()}


def test_every_word_of_the_grammar_occurs(texts: Sequence[str]) -> None:
    chance = Random(23)
    orders = [order for _ in range(50) if (order := order_text(random_order(chance), Pen(chance)))]
    assert all(parse_order(order) for order in orders)
    used = set().union(*(_words(text, "filter") for text in texts), *(_words(order, "order") for order in orders))
    known = {terminal.name for terminal in _grammar().terminals} - set(_grammar().ignore_tokens)
    assert known - used == NOT_SERVED
