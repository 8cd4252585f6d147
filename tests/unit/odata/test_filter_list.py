"""The body of FilterList."""

import json
from typing import Any

import pytest

from prip_core.errors import BadQuery
from prip_core.odata.filter_list import MOST_NAMES, read_names


def body(*entries: Any) -> bytes:
    return json.dumps({"FilterProducts": entries}).encode()


def test_names_keep_their_order_and_come_once() -> None:
    assert read_names(body({"Name": "b"}, {"Name": "a", "Value": "x"}, {"Name": "b"})) == ("b", "a")
    assert read_names(body({"Name": "a\0b"}, {"Name": "é"})) == ("é",)
    assert len(read_names(body(*({"Name": str(number)} for number in range(MOST_NAMES))))) == MOST_NAMES


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no body"),
        (b" \n", "no body"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b"[]", "FilterProducts is missing"),
        (b"{}", "FilterProducts is missing"),
        (b'{"filterproducts": []}', "FilterProducts is missing"),
        (body(), "an empty one"),
        (b'{"FilterProducts": null}', "no list"),
        (b'{"FilterProducts": {"Name": "a"}}', "no list"),
        (body("a"), r"FilterProducts\[0\] has no Name"),
        (body({"Name": "a"}, {"name": "b"}), r"FilterProducts\[1\] has no Name"),
        (body({"Name": 1}), r"FilterProducts\[0\] has no Name"),
        (body({"Name": ""}), r"FilterProducts\[0\] has no Name"),
        (body(*[{"Name": "a"}] * (MOST_NAMES + 1)), "10001 entries; 10000 are the most"),
    ],
)
def test_other_bodies_are_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(BadQuery, match=sentence):
        read_names(data)
