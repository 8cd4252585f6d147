"""Sidecars: what they may say, and what makes them wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest.sidecar import Sidecar, merge_attributes, read_sidecar
from prip_core.model import SIDECAR_LIMIT, Attribute, AttributeValue, ProductionType

MOMENT = datetime(2025, 8, 1, 7, 6, 20, 464000, tzinfo=UTC)


def test_without_a_sidecar_nothing_is_stated() -> None:
    assert read_sidecar(None) == Sidecar()
    assert read_sidecar(b"{}") == Sidecar()


def test_everything_can_be_stated() -> None:
    sidecar = read_sidecar(
        b'\xef\xbb\xbf{"origin_date": "2025-08-01T07:06:20.464Z", "production_type": "on_demand_default",'
        b'"campaign": "Collection-1", "attributes": {"caduSession": "L20191203", "downlinkOrbitNumber": 2},'
        b'"checksum": {"algorithm": "md5", "value": "D41D8CD98F00B204E9800998ECF8427E"}}'
    )
    assert sidecar.origin_date == MOMENT
    assert sidecar.production_type is ProductionType.ON_DEMAND_DEFAULT
    assert sidecar.campaign == "Collection-1"
    assert sidecar.attributes == {"caduSession": "L20191203", "downlinkOrbitNumber": 2}
    assert sidecar.checksum is not None
    assert (sidecar.checksum.algorithm, sidecar.checksum.value) == ("MD5", "D41D8CD98F00B204E9800998ECF8427E")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("text", "text"),
        (7, 7),
        (7.0, 7.0),
        (True, True),
        ("2025-08-01T07:06:20.464Z", MOMENT),
        ("2025-08-01T09:06:20.464+02:00", MOMENT),
        ("2025-08-01T07:06:20.464", "2025-08-01T07:06:20.464"),
        ("2025-08-01", "2025-08-01"),
        ("20250801T070620", "20250801T070620"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_values_keep_their_type_and_full_times_are_times(written: object, value: AttributeValue) -> None:
    read = read_sidecar(json.dumps({"attributes": {"x": written}}).encode()).attributes["x"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no JSON object"),
        (b"{", "no JSON object"),
        (b"\xff\xfe", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (b"[]", "the sidecar is wrong"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"colour": "red"}', "colour: Extra inputs"),
        (b'{"origin_date": 12}', "origin_date: expected a time"),
        (b'{"origin_date": "tomorrow"}', "origin_date"),
        (b'{"origin_date": "9999-12-31T23:59:59Z"}', "origin_date: expected a time"),
        (b'{"production_type": "magic"}', "production_type: 'magic' is no production type"),
        (b'{"production_type": 0}', "production_type"),
        (b'{"campaign": ""}', "campaign"),
        (b'{"attributes": {"x": null}}', r"attributes\.x: expected text"),
        (b'{"attributes": {"x": [1]}}', r"attributes\.x: expected text"),
        (b'{"attributes": {"x": NaN}}', "NaN is no JSON number"),
        (b'{"attributes": {"x": 1e999}}', r"attributes\.x: expected text"),
        (b'{"attributes": {"x": 9223372036854775808}}', r"attributes\.x: expected text"),
        (b'{"attributes": {"x": "\\ud800"}}', "broken encoding"),
        (b'{"attributes": {"not a name": 1}}', "attributes"),
        (b'{"checksum": {"algorithm": "CRC32", "value": "00000000000000000000000000000000"}}', "no digest is called"),
        (b'{"checksum": {"algorithm": "MD5", "value": "zz"}}', r"checksum\.value"),
        (b'{"checksum": {"algorithm": "MD5"}}', r"checksum\.value"),
        (b" " * (SIDECAR_LIMIT + 1), "at most 1048576 are read"),
    ],
)
def test_wrong_sidecars_are_refused_with_a_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(ProductRejected, match=reason):
        read_sidecar(content)


def test_all_that_is_wrong_is_said() -> None:
    with pytest.raises(ProductRejected, match=r"campaign.*; colour"):
        read_sidecar(b'{"campaign": 1, "colour": "red"}')


@pytest.mark.parametrize(
    ("own", "stated", "agree"),
    [
        ("A", "A", True),
        ("A", "B", False),
        (7, 7.0, True),
        (1, True, False),
        (0.1, 0.1000001, False),
        (MOMENT, MOMENT.replace(microsecond=464_900), True),
        (MOMENT, MOMENT.replace(second=21), False),
        ("2025-08-01T07:06:20.464Z", MOMENT, True),
        ("7", 7, False),
    ],
)
def test_a_sidecar_may_repeat_a_product_but_not_contradict_it(own: Any, stated: Any, agree: bool) -> None:
    attributes = (Attribute(name="x", value=own),)
    if agree:
        assert merge_attributes(attributes, {"x": stated}) == attributes
    else:
        with pytest.raises(ProductRejected, match="contradicts the product: x is"):
            merge_attributes(attributes, {"x": stated})


def test_what_only_the_sidecar_knows_is_added() -> None:
    own = (Attribute(name="x", value=1),)
    assert merge_attributes(own, {"y": 2}) == (*own, Attribute(name="y", value=2))
