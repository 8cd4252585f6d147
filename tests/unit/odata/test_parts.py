"""What is found in a tree is all that its nodes hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import get_args

import pytest

from prip_core.odata import ast
from prip_core.odata.parse import parse_filter
from prip_core.odata.parts import inside, parts

FILTERS = (
    "not (Online or length(concat(Name,tolower(Name))) gt 5 add ContentLength) and Name in ('x','y')",
    "ModificationDate ne null and contains(Name,substring('abc',ContentLength))",
    "OData.CSC.Within(area=geography'POINT(1 2)') and EvictionDate lt now()",
    "Attributes/all(a:a/Name eq 'x' and contains(a/Value,'y')) or Attributes/any()",
    "Checksum/any(c:c/Algorithm eq 'MD5' and Attributes/any(a:a/Value gt 5 and Online))",
)


def held(part: object) -> Iterator[object]:
    """All nodes and scalars among the fields of one, and in those."""
    if isinstance(part, tuple):
        for each in part:
            yield from held(each)
    elif isinstance(part, (*get_args(ast.Node), *get_args(ast.Scalar))):
        yield part
        for field in fields(part):
            yield from held(getattr(part, field.name))


@pytest.mark.parametrize("text", FILTERS)
def test_all_that_a_tree_holds_is_found_in_order(text: str) -> None:
    tree = parse_filter(text)
    assert list(inside(tree)) == list(held(tree))


def test_filters_hold_every_kind_of_condition_and_most_scalars() -> None:
    found = {type(part) for text in FILTERS for part in inside(parse_filter(text))}
    assert set(get_args(ast.Node)) - found <= {ast.Constant}
    assert set(get_args(ast.Scalar)) <= found


def test_parts_are_the_next_level_alone() -> None:
    tree = parse_filter("Online and not (Name eq 'x')")
    assert isinstance(tree, ast.And)
    assert parts(tree) == tree.operands
