"""Every kind of expression has an answer, and every kind of tree node is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import get_args

import pytest

from prip_core.errors import PripError, UnsupportedQuery
from prip_core.odata import ast, syntax
from prip_core.odata.functions import SIGNATURES
from prip_core.odata.grammar import parse_syntax
from prip_core.odata.parse import parse_filter

FILTERS = {
    syntax.Literal: "true",
    syntax.Path: "Online",
    syntax.Named: "OData.CSC.Intersects(area=geography'POINT(1 2)')",
    syntax.Call: "contains(Name,'x')",
    syntax.Condition: "Attributes/all(a:contains(a/Value,'x'))",
    syntax.Relation: "Name eq 'x'",
    syntax.Inclusion: "Name in ('x','y')",
    syntax.Flags: "Name has 'x'",
    syntax.Calculation: "ContentLength add length(Name) gt 5",
    syntax.Minus: "-ContentLength lt 5",
    syntax.Negation: "not Online",
    syntax.Conjunction: "Online and EvictionDate eq null",
    syntax.Disjunction: "Online or orbitNumber eq 5",
    syntax.Group: "(Online)",
}


def answer(text: str) -> str:
    """That there is a tree, or the sentence of the refusal."""
    try:
        return f"tree {parse_filter(text)}"
    except PripError as refusal:
        return str(refusal)


def nodes(part: object) -> Iterator[type]:
    """The types of all nodes in a tree."""
    if isinstance(part, tuple):
        for each in part:
            yield from nodes(each)
    elif is_dataclass(part) and not isinstance(part, type):
        yield type(part)
        for each in fields(part):
            yield from nodes(getattr(part, each.name))


def test_there_is_a_filter_for_every_kind_of_expression() -> None:
    assert set(FILTERS) == set(get_args(syntax.Expression))


@pytest.mark.parametrize(("kind", "text"), FILTERS.items())
def test_every_kind_of_expression_is_answered(kind: type, text: str) -> None:
    expression = parse_syntax(text)
    assert kind in set(nodes(expression))
    assert syntax.position(expression) >= 1
    if kind is syntax.Flags:
        with pytest.raises(UnsupportedQuery, match="has is not served"):
            parse_filter(text)
    else:
        assert isinstance(parse_filter(text), ast.Node)


@pytest.mark.parametrize(("kind", "text"), FILTERS.items())
def test_no_kind_of_expression_breaks_another_one(kind: type, text: str) -> None:
    for frame in (
        "{} eq 1",
        "5 in ({})",
        "length({}) eq 1",
        "{} add 1 eq 1",
        "contains({},'x')",
        "-{} eq 1",
        "({}) eq ({})",
    ):
        for whole in (frame.format(text, text), frame.format(f"({text})", f"({text})")):
            assert answer(whole).startswith(("tree", "$filter at character "))


def test_every_kind_of_tree_node_is_made() -> None:
    trees = [parse_filter(text) for kind, text in FILTERS.items() if kind is not syntax.Flags]
    made = {kind for tree in trees for kind in nodes(tree)}
    wanted = {*get_args(ast.Node), *get_args(ast.Scalar), ast.ValueTerm}
    assert wanted <= made


def test_every_function_has_a_signature() -> None:
    assert set(SIGNATURES) == set(ast.Function)
