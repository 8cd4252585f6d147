"""Values of attributes: read with their types, served in their order, refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prip_core import AttributeValue, ProductRejected
from prip_sentinel1.attributes import boolean, double, integer, ordered, serial_identifier, time, typed


def test_order_is_by_type_then_name() -> None:
    moment = datetime(2025, 8, 1, tzinfo=UTC)
    values: dict[str, AttributeValue | None] = {
        "e": moment, "d": True, "c": 1.0, "b2": 2, "b1": 1, "a": "text", "unknown": None
    }  # fmt: skip
    assert [attribute.name for attribute in ordered(values)] == ["a", "b1", "b2", "c", "d", "e"]


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (integer, "019684", 19684),
        (integer, str(2**63 - 1), 2**63 - 1),
        (double, "7.266839e+05", 726683.9),
        (double, "596091.6080", 596091.608),
        (boolean, "TRUE", True),
        (boolean, "false", False),
        (time, "2017-12-13T12:16:23.685188Z", datetime(2017, 12, 13, 12, 16, 23, 685188, tzinfo=UTC)),
        (time, "2021-08-09T17:39:53.153776", datetime(2021, 8, 9, 17, 39, 53, 153776, tzinfo=UTC)),
    ],
)
def test_texts_become_values(read, text, value) -> None:
    assert typed(read, text, what="x", member="m") == value


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (integer, "12.5", "manifest.safe: x is '12.5', expected an integer"),
        (integer, str(2**63), f"manifest.safe: x is '{2**63}', expected an integer"),
        (double, "nan", "manifest.safe: x is 'nan', expected a number"),
        (boolean, "yes", "manifest.safe: x is 'yes', expected true or false"),
        (time, "yesterday", "manifest.safe: x is 'yesterday', expected a time (ISO 8601, UTC)"),
        (
            time,
            "0001-01-01T00:00:00+05:00",
            "manifest.safe: x is '0001-01-01T00:00:00+05:00', expected a time (ISO 8601, UTC)",
        ),
    ],
)
def test_malformed_texts_are_refused(read, text, sentence) -> None:
    with pytest.raises(ProductRejected) as refusal:
        typed(read, text, what="x", member="manifest.safe")
    assert refusal.value.reason == sentence
    assert [finding.rule for finding in refusal.value.findings] == ["QC-10"]


def test_no_text_is_no_value() -> None:
    assert typed(integer, None, what="x", member="m") is None


@pytest.mark.parametrize(("platform", "serial"), [("S1A", "A"), ("S1D", "D"), ("S1_", None)])
def test_serial_identifier(platform: str, serial: str | None) -> None:
    assert serial_identifier(platform) == serial
