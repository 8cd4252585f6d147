"""Texts of metadata read into typed values, and attributes in the order in which they are served."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from prip_core import Attribute, AttributeValue, ProductRejected, parse_utc, refusal

PLATFORM_SHORT_NAME = "SENTINEL-1"

_TYPE_ORDER = (str, int, float, bool, datetime)
_INT64 = 2**63


def ordered(values: Mapping[str, AttributeValue | None]) -> tuple[Attribute, ...]:
    """Attributes of the known values: by type (String, Integer, Double, Boolean, DateTimeOffset), then by name."""
    known = {name: value for name, value in values.items() if value is not None}
    names = sorted(known, key=lambda name: (_TYPE_ORDER.index(type(known[name])), name))
    return tuple(Attribute(name=name, value=known[name]) for name in names)


def integer(text: str) -> int:
    """An OData ``Edm.Int64``.

    :raises ValueError: it is none.
    """
    number = int(text)
    if not -_INT64 <= number < _INT64:
        raise ValueError("beyond 64 bits")
    return number


def double(text: str) -> float:
    """A finite number; an exponent is allowed.

    :raises ValueError: it is none.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def boolean(text: str) -> bool:
    """``TRUE`` or ``false`` in any case.

    :raises ValueError: it is neither.
    """
    match text.lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError("neither true nor false")


def time(text: str) -> datetime:
    """A time in UTC; without a zone it is UTC.

    :raises ValueError: it is none.
    """
    try:
        return parse_utc(text)
    except OverflowError as error:
        raise ValueError("out of range") from error


def typed(read: Callable[[str], AttributeValue], text: str | None, *, what: str, member: str) -> AttributeValue | None:
    """A text as a value of its type; ``None`` stays ``None``.

    :param what: the element or attribute that the text stands in, for the message.
    :raises ProductRejected: the text is no such value (rule QC-10).
    """
    if text is None:
        return None
    try:
        return read(text)
    except ValueError:
        raise malformed(f"{what} is {text[:80]!r}, expected {_EXPECTED[read]}", member) from None


def typed_time(text: str | None, *, what: str, member: str) -> datetime:
    """A time that must be there.

    :raises ProductRejected: it is missing or no time (rule QC-10).
    """
    value = typed(time, text, what=what, member=member)
    if not isinstance(value, datetime):
        raise malformed(f"{what} is missing", member)
    return value


def malformed(message: str, member: str) -> ProductRejected:
    """The refusal of a product for a mandatory field that is missing or cannot be read (rule QC-10)."""
    return refusal("QC-10", message, member)


def serial_identifier(platform: str) -> str | None:
    """``A`` of ``S1A``; ``None`` for ``S1_``, which stands for every platform."""
    return None if platform[2] == "_" else platform[2]


_EXPECTED: dict[Callable[[str], AttributeValue], str] = {
    integer: "an integer",
    double: "a number",
    boolean: "true or false",
    time: "a time (ISO 8601, UTC)",
}
