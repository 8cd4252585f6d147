"""Points in time: read from metadata and queries, written as the service serves them (UTC, milliseconds)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NEVER = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
"""Stands for "never" where a date must not be null (EvictionDate, open validity)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_WRITTEN_LENGTH = len("2025-08-01T07:06:20.464")


def parse_utc(text: str) -> datetime:
    """Read an ISO 8601 time as written in product metadata; without a zone it is UTC.

    Accepts the Earth Explorer prefix ``UTC=``, any number of fraction digits, compact product-name dates
    (``20250801T070620``) and the Earth Explorer convention that ``9999…`` means "never".

    :raises ValueError: the text is no such time.
    """
    text = text.strip().removeprefix("UTC=")
    if text.startswith("9999"):
        return NEVER
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_utc(moment: datetime) -> str:
    """Write a time as the service serves it: ``2025-08-01T07:06:20.464Z``, cut to milliseconds."""
    # Not strftime, which takes four times as long: every product that comes in or goes out has a dozen times.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:_WRITTEN_LENGTH] + "Z"


def to_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, cut (not rounded), as the catalogue stores every date."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """The UTC time of a stored number of milliseconds."""
    return _EPOCH + milliseconds * _MILLISECOND
