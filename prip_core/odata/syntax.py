"""A ``$filter`` as it is written: operators, names and literals, before anything is known of the properties."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from prip_core.odata.ast import Operator, Sign


class LiteralKind(StrEnum):
    """How a literal is written; the names are those of the grammar."""

    GUID = "GUID"
    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    NUMBER = "NUMBER"
    TEXT = "TEXT"
    MEMBER = "MEMBER"
    GEOGRAPHY = "GEOGRAPHY"
    BOOLEAN = "BOOLEAN"
    NULL = "NULL"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. What stands in quotes is without them (and without the word before them), every other one as the client
    wrote it.

    :param position: of its first character, counted from 1; so in all nodes.
    """

    kind: LiteralKind
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Path:
    """The name of a property, with the way to it."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Named:
    """An argument with its name: ``area=…``."""

    name: str
    value: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What the elements of a collection are asked: ``path/any(variable:predicate)``."""

    path: str
    variable: str
    predicate: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Relation:
    """Two operands and how they are compared."""

    left: Expression
    operator: Operator
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An operand and the values that it may have: ``operand in (values)``."""

    operand: Expression
    values: tuple[Expression, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Flags:
    """``left has right``."""

    left: Expression
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Calculation:
    """Two operands and how they are reckoned with."""

    left: Expression
    sign: Sign
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Minus:
    """A minus before an operand."""

    operand: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Negation:
    """``not`` before an operand."""

    operand: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Operands joined by ``and``."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Operands joined by ``or``."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in brackets."""

    inner: Expression
    position: int


Expression: TypeAlias = (
    Literal
    | Path
    | Named
    | Call
    | Condition
    | Relation
    | Inclusion
    | Flags
    | Calculation
    | Minus
    | Negation
    | Conjunction
    | Disjunction
    | Group
)


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an ``$orderby``."""

    expression: Expression
    descending: bool


def bare(expression: Expression) -> Expression:
    """An operand without the brackets around it."""
    while isinstance(expression, Group):
        expression = expression.inner
    return expression


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that one is made of, from left to right."""
    match expression:
        case Literal() | Path():
            return ()
        case Named(value=inner) | Minus(operand=inner) | Negation(operand=inner) | Group(inner=inner):
            return (inner,)
        case Condition(predicate=inner):
            return (inner,)
        case Call(arguments=inner) | Conjunction(operands=inner) | Disjunction(operands=inner):
            return inner
        case Inclusion(operand=operand, values=values):
            return (operand, *values)
        case Relation(left=left, right=right) | Flags(left=left, right=right) | Calculation(left=left, right=right):
            return (left, right)


def position(expression: Expression) -> int:
    """Where an expression is told from others: its first character, of two operands the operator's; from 1."""
    while isinstance(expression, Conjunction | Disjunction):
        expression = expression.operands[0]
    return expression.position
