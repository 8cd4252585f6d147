"""Points in time: read as metadata write them, written as the service serves them, kept as milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from prip_core.times import NEVER, format_utc, from_milliseconds, parse_utc, to_milliseconds

MOMENT = datetime(2025, 8, 1, 7, 6, 20, 464000, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2025-08-01T07:06:20.464Z", MOMENT),
        ("2025-08-01T07:06:20.464", MOMENT),
        ("UTC=2025-08-01T07:06:20.464", MOMENT),
        (" 2025-08-01T09:06:20.464000+02:00\n", MOMENT),
        ("2025-08-01T07:06:20.4640009Z", MOMENT),
        ("20250801T070620", MOMENT.replace(microsecond=0)),
        ("9999-12-31T23:59:59", NEVER),
        ("99999999T999999", NEVER),
    ],
)
def test_times_are_read(text: str, expected: datetime) -> None:
    assert parse_utc(text) == expected
    assert parse_utc(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "now", "2025-02-30T00:00:00", "2025-08-01T25:00:00", "08/01/2025"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_utc(text)


@pytest.mark.parametrize(
    "moment, text",
    [
        (MOMENT, "2025-08-01T07:06:20.464Z"),
        (MOMENT + timedelta(microseconds=999), "2025-08-01T07:06:20.464Z"),
        (MOMENT.astimezone(timezone(timedelta(hours=2))), "2025-08-01T07:06:20.464Z"),
        (NEVER, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_served_in_milliseconds(moment: datetime, text: str) -> None:
    assert format_utc(moment) == text
    assert format_utc(from_milliseconds(to_milliseconds(moment))) == text
