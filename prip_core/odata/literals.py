"""Literals: from the way a client writes them to the values that properties are compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from prip_core.errors import BadQuery
from prip_core.odata.edm import PRODUCTION_TYPE, Property, member_name
from prip_core.odata.syntax import Literal, LiteralKind
from prip_core.times import to_milliseconds

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_DATE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<clock>[0-9]{2}:[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?:Z|(?P<sign>[+\- ])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))?)?",
    re.I,
)
_PRODUCTION_TYPES = dict(PRODUCTION_TYPE.members)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A number as close as the catalogue keeps it.

    :param floor: the largest whole number that is not above the literal.
    :param exact: the literal is this whole number.
    """

    floor: int
    exact: bool


def milliseconds(declared: Property, literal: Literal) -> WholeNumber:
    """A date in milliseconds since 1970-01-01 UTC; without a zone it is UTC, and a blank in an offset was a ``+``.

    :raises BadQuery: it is no date.
    """
    match = _DATE.fullmatch(literal.text.strip())
    if literal.kind not in {LiteralKind.DATE, LiteralKind.TEXT} or match is None:
        raise _mismatch(declared, literal, "a date such as 2025-08-01T07:06:20.464Z")
    try:
        moment = datetime.fromisoformat(f"{match['day']}T{match['clock'] or '00:00'}:{match['second'] or '00'}")
    except ValueError as error:
        raise _mismatch(declared, literal, f"a date that exists ({error})") from error
    fraction = (match["fraction"] or "").ljust(3, "0")
    floor = to_milliseconds(moment.replace(tzinfo=UTC)) + int(fraction[:3]) - _offset(match)
    return WholeNumber(floor, exact=not fraction[3:].strip("0"))


def _offset(match: re.Match[str]) -> int:
    """Milliseconds that the literal's clock is ahead of UTC."""
    if match["sign"] is None:
        return 0
    size = (int(match["hours"]) * 60 + int(match["minutes"])) * 60_000
    return -size if match["sign"] == "-" else size


def whole_number(declared: Property, literal: Literal) -> WholeNumber:
    """A number; cut at the ends of 64 bits, beyond which no property has a value.

    :raises BadQuery: it is no number.
    """
    if literal.kind is not LiteralKind.NUMBER:
        raise _mismatch(declared, literal, "a number")
    try:
        number = Decimal(literal.text)
    except ArithmeticError as error:
        raise _mismatch(declared, literal, "a number of a readable size") from error
    if number > _LARGEST:
        return WholeNumber(_LARGEST, exact=False)
    if number < _SMALLEST:
        return WholeNumber(_SMALLEST, exact=False)
    floor = int(number.to_integral_value(ROUND_FLOOR))
    return WholeNumber(floor, exact=floor == number)


def identifier(declared: Property, literal: Literal) -> UUID:
    """An Id, with or without quotes.

    :raises BadQuery: it is none.
    """
    text = literal.text.strip()
    if literal.kind in {LiteralKind.GUID, LiteralKind.TEXT} and re.fullmatch(r"[0-9a-fA-F-]{36}", text):
        try:
            return UUID(text)
        except ValueError:
            pass  # hyphens in the wrong places: said below, with all that is no Id
    raise _mismatch(declared, literal, "an Id such as 3d40010a-f220-4667-9d38-1083994e5e48")


def text(declared: Property, literal: Literal) -> str:
    """A text.

    :raises BadQuery: it is none.
    """
    if literal.kind is not LiteralKind.TEXT:
        raise _mismatch(declared, literal, "a 'text' in single quotes")
    return literal.text


def truth(declared: Property, literal: Literal) -> bool:
    """True or false.

    :raises BadQuery: it is neither.
    """
    if literal.kind is not LiteralKind.BOOLEAN:
        raise _mismatch(declared, literal, "true or false")
    return literal.text.lower() == "true"


def member(declared: Property, literal: Literal) -> int:
    """The number of a production type, given by number or name: bare, as OData writes it, or as older interfaces did.

    :raises BadQuery: there is none of this name or number.
    """
    name = member_name(literal.text)
    if literal.kind in {LiteralKind.TEXT, LiteralKind.MEMBER} and name in _PRODUCTION_TYPES:
        return _PRODUCTION_TYPES[name]
    numbers = {str(number): number for number in _PRODUCTION_TYPES.values()}
    if literal.kind is LiteralKind.NUMBER and literal.text in numbers:
        return numbers[literal.text]
    raise _mismatch(declared, literal, f"one of {', '.join(repr(known) for known in _PRODUCTION_TYPES)}")


def _mismatch(declared: Property, literal: Literal, expected: str) -> BadQuery:
    shown = literal.text if len(literal.text) <= 60 else literal.text[:60] + "…"
    quoted = f"'{shown}'" if literal.kind is LiteralKind.TEXT else shown
    return BadQuery(
        f"$filter at character {literal.position}: {declared.name} is compared with {quoted}, expected {expected}"
    )
