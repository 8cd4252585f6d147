"""Literals that attributes' values are compared with, whatever type an attribute is stored with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from tests.differential.logic import Kind
from tests.differential.pen import EPOCH, Level, Pen

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", re.I)


@dataclass(frozen=True)
class AttributeLiteral:
    """A literal as it is written; with its quotes where it has any."""

    content: str
    quoted: bool
    level = Level.PRIMARY

    def text(self, pen: Pen) -> str:
        return pen.quoted(self.content) if self.quoted else self.content

    @lru_cache(maxsize=4096)  # noqa: B019 - literals are values
    def brought_to(self, kind: Kind) -> Any:
        """The value of this kind that it stands for; ``None``: there is none."""
        match kind:
            case Kind.TEXT:
                return self.content
            case Kind.WHOLE:
                return Fraction(self.content) if _NUMBER.fullmatch(self.content) else None
            case Kind.REAL:
                return float(self.content) if _NUMBER.fullmatch(self.content) else None
            case Kind.FLAG:
                return {"true": True, "false": False}.get(self.content.lower())
            case _:
                return moment(self.content)


def moment(written: str) -> Fraction | None:
    """Milliseconds since 1970-01-01 UTC of a date as clients write it; ``None``: it is none."""
    if not re.match(r"[0-9]{4}-", written):
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    aware = read if read.tzinfo is not None else read.replace(tzinfo=EPOCH.tzinfo)
    return Fraction((aware - EPOCH) // timedelta(microseconds=1), 1000)
