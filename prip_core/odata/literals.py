"""Literals: from the way a client writes them to the values that scalars are compared with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from prip_core.errors import BadQuery
from prip_core.odata.ast import Type, Value
from prip_core.odata.edm import PRODUCTION_TYPE, Primitive, member_name, type_name
from prip_core.odata.refusals import bad
from prip_core.odata.syntax import Literal, LiteralKind
from prip_core.times import to_milliseconds

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""Of Edm.Int64."""

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?|[+-]?INF|NaN", re.I | re.A)
"""A number as a filter may write it."""

_CLOCK = r"(?P<clock>[0-9]{2}:[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
_TIME = re.compile(_CLOCK)
_DATE = re.compile(
    rf"(?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"
    rf"(?:T{_CLOCK}(?:Z|(?P<sign>[+\- ])(?P<hours>[0-9]{{2}}):(?P<minutes>[0-9]{{2}}))?)?",
    re.I,
)
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?=.)(?:(?P<days>[0-9]{1,12})D)?"
    r"(?:T(?=.)(?:(?P<hours>[0-9]{1,12})H)?(?:(?P<minutes>[0-9]{1,12})M)?(?:(?P<seconds>[0-9]{1,12}(?:\.[0-9]{1,12})?)S)?)?"
)
_PRODUCTION_TYPES = dict(PRODUCTION_TYPE.members)
_MEMBER = re.compile(re.escape(type_name(PRODUCTION_TYPE)) + "'", re.I)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A number as close as the catalogue keeps it.

    :param floor: the largest whole number that is not above the literal.
    :param exact: the literal is this whole number.
    """

    floor: int
    exact: bool


def whole(type_: Type, subject: str, literal: Literal) -> WholeNumber:
    """A literal on the grid of whole numbers that a type of :data:`ON_GRID` has.

    :param subject: what the literal stands with, as the error says it: ``Name is compared with``.
    :raises BadQuery: it is not of the type.
    """
    return ON_GRID[type_](subject, literal)


def value(type_: Type, subject: str, literal: Literal) -> Value:
    """A literal as a value of a type; of what lies between two whole numbers the lower one.

    :raises BadQuery: it is not of the type.
    """
    if type_ in ON_GRID:
        return ON_GRID[type_](subject, literal).floor
    return _READERS[type_](subject, literal)


def _milliseconds(subject: str, literal: Literal) -> WholeNumber:
    """A date in milliseconds since 1970-01-01 UTC; without a zone it is UTC, and a blank in an offset was a ``+``."""
    match = _DATE.fullmatch(literal.text.strip())
    if literal.kind not in {LiteralKind.DATE, LiteralKind.TEXT} or match is None:
        raise mismatch(subject, literal, "a date such as 2025-08-01T07:06:20.464Z")
    try:
        moment = datetime.fromisoformat(f"{match['day']}T{match['clock'] or '00:00'}:{match['second'] or '00'}")
    except ValueError as error:
        raise mismatch(subject, literal, f"a date that exists ({error})") from error
    return _with_fraction(to_milliseconds(moment.replace(tzinfo=UTC)) - _offset(match), match)


def _with_fraction(milliseconds: int, match: re.Match[str]) -> WholeNumber:
    """A moment of a whole second, and the fraction of one that its literal has besides."""
    fraction = (match["fraction"] or "").ljust(3, "0")
    return WholeNumber(milliseconds + int(fraction[:3]), exact=not fraction[3:].strip("0"))


def _offset(match: re.Match[str]) -> int:
    """Milliseconds that the literal's clock is ahead of UTC."""
    if match["sign"] is None:
        return 0
    size = (int(match["hours"]) * 60 + int(match["minutes"])) * 60_000
    return -size if match["sign"] == "-" else size


def _time_of_day(subject: str, literal: Literal) -> WholeNumber:
    """Milliseconds of the day."""
    match = _TIME.fullmatch(literal.text.strip())
    if literal.kind not in {LiteralKind.TIME, LiteralKind.TEXT} or match is None:
        raise mismatch(subject, literal, "a time of day such as 07:06:20.464")
    hours, minutes, seconds = int(match["clock"][:2]), int(match["clock"][3:]), int(match["second"] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise mismatch(subject, literal, "a time of day that exists")
    return _with_fraction(((hours * 60 + minutes) * 60 + seconds) * 1000, match)


def _duration(subject: str, literal: Literal) -> WholeNumber:
    """Milliseconds."""
    match = _DURATION.fullmatch(literal.text.strip())
    if literal.kind not in {LiteralKind.DURATION, LiteralKind.TEXT} or match is None:
        raise mismatch(subject, literal, "a duration such as duration'P1DT12H30M5.5S'")
    days, hours, minutes, seconds = (Decimal(match[part] or 0) for part in ("days", "hours", "minutes", "seconds"))
    size = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
    return on_int64(-size if match["sign"] == "-" else size)


def _whole_number(subject: str, literal: Literal) -> WholeNumber:
    return on_int64(number(subject, literal))


def on_int64(number: Decimal) -> WholeNumber:
    """A number on the grid of Edm.Int64; cut at its ends, beyond which nothing has a value."""
    if number > LARGEST:
        return WholeNumber(LARGEST, exact=False)
    if number < SMALLEST:
        return WholeNumber(SMALLEST, exact=False)
    floor = int(number.to_integral_value(ROUND_FLOOR))
    return WholeNumber(floor, exact=floor == number)


def number(subject: str, literal: Literal) -> Decimal:
    """A number, exactly as it is written; never NaN.

    :raises BadQuery: it is none.
    """
    if literal.kind is not LiteralKind.NUMBER:
        raise mismatch(subject, literal, "a number")
    read = decimal(literal.text)
    if read is None:
        raise mismatch(subject, literal, "a number of a readable size")
    if read.is_nan():
        raise mismatch(subject, literal, "a number (nothing is equal to NaN)")
    return read


def decimal(text: str) -> Decimal | None:
    """The number that a text holds as :data:`NUMBER` has it; ``None``: its exponent is beyond reading."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _double(subject: str, literal: Literal) -> float:
    return float(number(subject, literal))


def _identifier(subject: str, literal: Literal) -> UUID:
    """An Id, with or without quotes."""
    text = literal.text.strip()
    if literal.kind in {LiteralKind.GUID, LiteralKind.TEXT} and re.fullmatch(r"[0-9a-fA-F-]{36}", text):
        try:
            return UUID(text)
        except ValueError:
            pass  # hyphens in the wrong places: said below, with all that is no Id
    raise mismatch(subject, literal, "an Id such as 3d40010a-f220-4667-9d38-1083994e5e48")


def _text(subject: str, literal: Literal) -> str:
    if literal.kind is not LiteralKind.TEXT:
        raise mismatch(subject, literal, "a 'text' in single quotes")
    return literal.text


def _truth(subject: str, literal: Literal) -> bool:
    if literal.kind is not LiteralKind.BOOLEAN:
        raise mismatch(subject, literal, "true or false")
    return literal.text.lower() == "true"


def _member(subject: str, literal: Literal) -> int:
    """The number of a production type, given by number or name: bare, as OData writes it, or as older ones did."""
    text = literal.text
    if literal.kind is LiteralKind.MEMBER:
        prefix = _MEMBER.match(text)
        text = text[prefix.end() :] if prefix else ""
    name = member_name(text)
    if literal.kind in {LiteralKind.TEXT, LiteralKind.MEMBER} and name in _PRODUCTION_TYPES:
        return _PRODUCTION_TYPES[name]
    numbers = {str(number): number for number in _PRODUCTION_TYPES.values()}
    if literal.kind in {LiteralKind.NUMBER, LiteralKind.MEMBER} and text in numbers:
        return numbers[text]
    raise mismatch(subject, literal, f"one of {', '.join(repr(known) for known in _PRODUCTION_TYPES)}")


ON_GRID: dict[object, Callable[[str, Literal], WholeNumber]] = {
    Primitive.DATE: _milliseconds,
    Primitive.DAY: _milliseconds,
    Primitive.TIME_OF_DAY: _time_of_day,
    Primitive.DURATION: _duration,
    Primitive.INT64: _whole_number,
}
"""Types whose values are whole numbers, while literals may be finer."""

_READERS: dict[object, Callable[[str, Literal], Value]] = {
    Primitive.TEXT: _text,
    Primitive.GUID: _identifier,
    Primitive.BOOLEAN: _truth,
    Primitive.DOUBLE: _double,
    PRODUCTION_TYPE: _member,
}

_OWN_TYPES: dict[LiteralKind, Type] = {
    LiteralKind.GUID: Primitive.GUID,
    LiteralKind.DATE: Primitive.DATE,
    LiteralKind.TIME: Primitive.TIME_OF_DAY,
    LiteralKind.DURATION: Primitive.DURATION,
    LiteralKind.TEXT: Primitive.TEXT,
    LiteralKind.MEMBER: PRODUCTION_TYPE,
    LiteralKind.BOOLEAN: Primitive.BOOLEAN,
}


def own_type(literal: Literal) -> Type:
    """The type that a literal has by its look; not of null.

    :raises BadQuery: it is an area, which stands in geographical functions alone.
    """
    if literal.kind is LiteralKind.NUMBER:
        whole_digits = re.fullmatch(r"[+-]?[0-9]{1,19}", literal.text)
        return Primitive.INT64 if whole_digits and SMALLEST <= int(literal.text) <= LARGEST else Primitive.DOUBLE
    if literal.kind is LiteralKind.GEOGRAPHY:
        raise bad(literal.position, "an area stands in OData.CSC.Intersects, Within and Disjoints alone")
    return _OWN_TYPES[literal.kind]


def mismatch(subject: str, literal: Literal, expected: str) -> BadQuery:
    """The refusal of a literal that is not of the type it must have."""
    shown = literal.text if len(literal.text) <= 60 else literal.text[:60] + "…"
    quoted = f"'{shown}'" if literal.kind is LiteralKind.TEXT else shown
    return bad(literal.position, f"{subject} {quoted}, expected {expected}")
