"""What a product is found by when values, types and shapes are odd."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome
from prip_core.errors import BadQuery
from prip_core.model import Attribute, Footprint
from prip_core.odata.options import parse_collection_options

Publish = Callable[..., PublishOutcome]


def found(catalogue: Catalogue, text: str) -> list[int]:
    query = parse_collection_options([("$filter", text)], 100)
    return [row.seq for row in catalogue.products.page(query).rows]


@pytest.mark.parametrize(
    "text, seqs",
    [
        ("Attributes/any(a:a/Value ge 'B' and endswith(a/Value,'x'))", [3]),
        ("Attributes/any(a:a/Value ge 10 and length(a/Value) gt 1)", [2]),
        ("Attributes/any(a:a/Value eq 12 and a/Value add 1 eq 13)", [1]),
        ("Attributes/any(a:a/Value eq '12' and year(a/Value) eq 1970)", []),
    ],
)
def test_functions_take_the_values_of_their_type(
    catalogue: Catalogue, publish: Publish, text: str, seqs: list[int]
) -> None:
    for value in (12, "12", "x"):
        publish(attributes=(Attribute(name="any", value=value),))
    assert found(catalogue, text) == seqs


@pytest.mark.parametrize(
    "text, there",
    [
        ("Attributes/any(a:a/Value add 0 le a/Value)", True),
        ("Attributes/any(a:a/Value add 0 eq 9223372036854775807)", True),
        ("Attributes/any(a:a/Value eq 9223372036854775806)", False),
        ("ContentLength add 0 eq ContentLength", True),
        ("ContentLength eq 9007199254740992", False),
        ("(ContentLength add 0) in (9007199254740992)", True),
    ],
)
def test_reckoned_numbers_are_doubles(catalogue: Catalogue, publish: Publish, text: str, *, there: bool) -> None:
    publish(content_length=2**53 + 1, attributes=(Attribute(name="large", value=2**63 - 1),))
    assert (found(catalogue, text) == [1]) is there


@pytest.mark.parametrize(
    "text",
    [
        "Attributes/any(a:floor(-(a/Value mul a/Value)) gt 1)",
        "Attributes/any(a:ceiling(-(a/Value mul a/Value)) gt 1)",
        "Attributes/any(a:round(a/Value mul a/Value) mod 7 eq 1)",
        "Attributes/any(a:a/Value mul a/Value sub a/Value mul a/Value eq 0)",
        f"substring(Name,{' mul '.join(['ContentLength'] * 17)}) ne ''",
        f"substring(Name,0,-{' mul '.join(['ContentLength'] * 16)}) ne ''",
        "year(EvictionDate add duration'P1D') lt 0",
        "hour(EvictionDate add duration'P99999999D') gt 24",
        "date(PublicationDate sub duration'P99999999D') gt 2020-01-01",
        "(PublicationDate sub OriginDate) mul 1e18 mul 1e18 eq duration'P1D'",
    ],
)
def test_numbers_beyond_all_measure_are_no_error(catalogue: Catalogue, publish: Publish, text: str) -> None:
    publish(content_length=2**62, attributes=(Attribute(name="large", value=1e300),))
    with suppress(BadQuery):  # PostgreSQL's doubles have no infinity that is the result of finite ones
        assert found(catalogue, text) == []


@pytest.mark.parametrize(
    "name",
    ["İıİı.tar", "ΟΔΟΣ", "ὈΔΥΣΣΕΎΣ ΣΑΣ", "STRASSE_straße", "ǅǄ_ŉŉŉŉ", "\u212aelvin", "ﬃﬃﬃ", "a\u0301\u0301\u0301"],
)
def test_names_beyond_ascii_are_found_by_what_they_hold(
    catalogue: Catalogue, publish: Publish, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prip_core.catalogue.ways._FEW", 0)  # even a single product is looked up in an index
    publish(name=name)
    for start in range(len(name) - 2):
        assert found(catalogue, f"contains(Name,'{name[start:]}')") == [1]
        assert found(catalogue, f"contains(Name,'{name[start : start + 3]}')") == [1]


def test_a_line_across_the_antimeridian_lies_on_both_sides_of_it(catalogue: Catalogue, publish: Publish) -> None:
    publish(footprint=Footprint(line=((170.0, -10.0), (-170.0, 10.0))))
    for longitude, there in [(175, True), (-175, True), (0, False)]:
        area = f"POLYGON(({longitude} -9,{longitude + 1} -9,{longitude + 1} 9,{longitude} 9,{longitude} -9))"
        text = f"OData.CSC.Intersects(area=geography'SRID=4326;{area}')"
        assert (found(catalogue, text) == [1]) is there
