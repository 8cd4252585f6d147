"""What binds before what: filters without brackets, and the same with them."""

from __future__ import annotations

import pytest

from prip_core.odata.grammar import parse_syntax
from prip_core.odata.syntax import (
    Calculation,
    Conjunction,
    Disjunction,
    Expression,
    Group,
    Inclusion,
    Minus,
    Negation,
    Path,
    Relation,
)


def written(expression: Expression) -> str:  # noqa: C901 - one case for each kind of node
    """An expression with all its brackets."""
    match expression:
        case Group(inner=inner):
            return written(inner)
        case Disjunction(operands=operands):
            return f"({' or '.join(map(written, operands))})"
        case Conjunction(operands=operands):
            return f"({' and '.join(map(written, operands))})"
        case Relation(left=left, operator=operator, right=right):
            return f"({written(left)} {operator} {written(right)})"
        case Calculation(left=left, sign=sign, right=right):
            return f"({written(left)} {sign} {written(right)})"
        case Negation(operand=operand):
            return f"(not {written(operand)})"
        case Minus(operand=operand):
            return f"(- {written(operand)})"
        case Inclusion(operand=operand, values=values):
            return f"({written(operand)} in ({', '.join(map(written, values))}))"
        case other:
            assert isinstance(other, Path)
            return other.text


@pytest.mark.parametrize(
    ("text", "brackets"),
    [
        ("a", "a"),
        ("a or b or c", "(a or b or c)"),
        ("a and b and c", "(a and b and c)"),
        ("a or b and c", "(a or (b and c))"),
        ("a and b or c and d or e", "((a and b) or (c and d) or e)"),
        ("a and (b and c)", "(a and (b and c))"),
        ("(a or b) or c", "((a or b) or c)"),
        ("a eq b and c ne d", "((a eq b) and (c ne d))"),
        ("a eq b gt c", "(a eq (b gt c))"),
        ("a gt b eq c", "((a gt b) eq c)"),
        ("a eq b ne c", "((a eq b) ne c)"),
        ("a lt b le c", "((a lt b) le c)"),
        ("a sub b sub c", "((a sub b) sub c)"),
        ("a add b mul c sub d", "((a add (b mul c)) sub d)"),
        ("a mul b add c div d mod e", "((a mul b) add ((c div d) mod e))"),
        ("a divby b divby c", "((a divby b) divby c)"),
        ("a add b gt c sub d or e", "(((a add b) gt (c sub d)) or e)"),
        ("not a or b", "((not a) or b)"),
        ("not a eq b", "((not a) eq b)"),
        ("not not a and b", "((not (not a)) and b)"),
        ("not a in (b, c)", "(not (a in (b, c)))"),
        ("a in (b) eq c", "((a in (b)) eq c)"),
        ("- a mul b", "((- a) mul b)"),
        ("-a add - - b", "((- a) add (- (- b)))"),
        ("a mul -b", "(a mul (- b))"),
        ("a OR b AND c EQ d ADD e MUL f", "(a or (b and (c eq (d add (e mul f)))))"),
    ],
)
def test_precedence(text: str, brackets: str) -> None:
    assert written(parse_syntax(text)) == brackets
    assert written(parse_syntax(brackets)) == brackets


@pytest.mark.parametrize("joint", ["or", "and"])
def test_many_operands_stand_side_by_side(joint: str) -> None:
    expression = parse_syntax(f" {joint} ".join(["a"] * 5000))
    assert isinstance(expression, Conjunction | Disjunction)
    assert len(expression.operands) == 5000
