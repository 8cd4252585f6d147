"""Reading typed values out of metadata documents, and writing them as OData attributes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from lxml import etree

from prip_core import Attribute, AttributeValue, ProductRejected, parse_utc, refusal, xml_text

_Value = TypeVar("_Value")
_TYPE_ORDER: tuple[type, ...] = (str, int, float, bool, datetime)


def ordered_attributes(values: Mapping[str, AttributeValue | None]) -> tuple[Attribute, ...]:
    """Attributes in the order in which a Sentinel-2 PRIP gives them; what is not known (``None``) is left out.

    The order: String, Integer, Double, Boolean, DateTimeOffset, alphabetical inside each.
    """
    known = [(name, value) for name, value in values.items() if value is not None]
    known.sort(key=lambda entry: (_TYPE_ORDER.index(type(entry[1])), entry[0]))
    return tuple(Attribute(name=name, value=value) for name, value in known)


class Fields:
    """The fields of one XML document, by paths of local names (``General_Info/SENSING_TIME``).

    Whatever is malformed raises :class:`ProductRejected` (rule QC-10) that names document and field.
    """

    def __init__(self, element: etree._Element, member: str) -> None:
        self.element = element
        self.member = member

    @property
    def root(self) -> str:
        """Local name of the document's own root element."""
        return etree.QName(self.element).localname

    def text(self, path: str) -> str | None:
        """The text of a field, or ``None`` when it is missing or empty."""
        return xml_text(self.element, path)

    def required(self, path: str) -> str:
        """The text of a field that must be there."""
        text = self.text(path)
        if text is None:
            raise self.rejected(f"{path} is missing")
        return text

    def attribute(self, path: str, name: str) -> str | None:
        """An XML attribute of the first element at this path."""
        found = self.element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
        return found.get(name) or None if found is not None else None

    def integer(self, path: str) -> int | None:
        """A whole number, leading zeros allowed."""
        return self._convert(path, _integer, "a whole number")

    def number(self, path: str) -> float | None:
        """A finite number."""
        return self._convert(path, finite_number, "a number")

    def moment(self, path: str) -> datetime | None:
        """A time, UTC."""
        return self._convert(path, moment_of, "a time")

    def required_moment(self, path: str) -> datetime:
        """A time that must be there, UTC."""
        moment = self.moment(path)
        if moment is None:
            raise self.rejected(f"{path} is missing")
        return moment

    def rejected(self, message: str) -> ProductRejected:
        """The refusal of this document, for the caller to raise."""
        return refusal("QC-10", message, self.member)

    def own_moment(self, name: str) -> datetime | None:
        """A time in an XML attribute of the document's own root element, UTC."""
        return self._typed(f"@{name}", self.element.get(name), moment_of, "a time")

    def _convert(self, path: str, convert: Callable[[str], _Value], expected: str) -> _Value | None:
        return self._typed(path, self.text(path), convert, expected)

    def _typed(self, what: str, text: str | None, convert: Callable[[str], _Value], expected: str) -> _Value | None:
        if not text:
            return None
        try:
            return convert(text)
        except ValueError:
            raise self.rejected(f"{what} is {text!r}, expected {expected}") from None


def finite_number(text: str) -> float:
    """A finite number.

    :raises ValueError: it is none.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is not finite")
    return number


def moment_of(text: str) -> datetime:
    """A time as metadata and names write it, UTC.

    :raises ValueError: it is none.
    """
    try:
        return parse_utc(text)
    except OverflowError:
        raise ValueError(f"{text!r} lies outside the calendar") from None


def named_moment(text: str) -> datetime:
    """A time out of a file name, UTC.

    :raises ProductRejected: the digits are no time (rule QC-01).
    """
    try:
        return moment_of(text)
    except ValueError:
        raise refusal("QC-01", f"the name holds {text}, which is no time") from None


def _integer(text: str) -> int:
    if len(text) > 18:
        raise ValueError(f"{text!r} is too long")
    return int(text)
