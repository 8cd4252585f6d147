"""A ``$filter`` as it is written: operators, names and literals, before anything is known of the properties."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from prip_core.odata.ast import Operator


class LiteralKind(StrEnum):
    """How a literal is written; the names are those of the grammar."""

    GUID = "GUID"
    DATE = "DATE"
    NUMBER = "NUMBER"
    TEXT = "TEXT"
    MEMBER = "MEMBER"
    BOOLEAN = "BOOLEAN"
    NULL = "NULL"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. A text stands without its quotes, every other one as the client wrote it.

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
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Relation:
    """Two operands and how they are compared."""

    left: Expression
    operator: Operator
    right: Expression
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


Expression: TypeAlias = Literal | Path | Call | Relation | Negation | Conjunction | Disjunction | Group
