"""rs-server, which searches through eodag with a configuration of its own: the whole filter stands in double quotes."""

from __future__ import annotations

import pytest


def test_a_quoted_period_of_publication(shelf) -> None:
    everything = shelf.send("/odata/v1/Products?$top=1000").json["value"]
    first, *others, last = sorted(product["PublicationDate"] for product in everything)
    between = f"%22PublicationDate%20gt%20{first}%20and%20PublicationDate%20lt%20{last}%22"
    found = shelf.send(f"/odata/v1/Products?$filter={between}&$top=1000").json["value"]
    assert sorted(product["PublicationDate"] for product in found) == others
    assert {"Id", "Name", "ContentLength", "PublicationDate", "ContentDate"} <= found[0].keys()


@pytest.mark.parametrize("quote", ['"', "%22"])
def test_conditions_joined_by_its_union(quote: str, shelf) -> None:
    condition = f"{quote}contains(Name,'_SLC_')%20OR%20contains(Name,'POEORB'){quote}"
    assert set(shelf.list(f"Products?$filter={condition}&$top=1000")) == {"slc", "orbit-file"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("orbitNumber", "60353", {"grd-1", "raw-iw"}),
        ("startTimeFromAscendingNode", "726683.9", {"grd-5"}),
        ("sliceProductFlag", "True", {"grd-5"}),
        ("sliceProductFlag", "False", set()),
        ("processingDate", "2025-08-05T06:21:12.345Z", {"grd-5"}),
        ("orbitNumber", "many", set()),
    ],
)
def test_every_kind_of_attribute_is_asked_as_text(name: str, value: str, expected: set[str], shelf) -> None:
    cast = "OData.CSC.StringAttribute"
    lambda_ = f"Attributes/{cast}/any(att:att/Name%20eq%20'{name}'%20and%20att/{cast}/Value%20eq%20'{value}')"
    if name != "orbitNumber":
        lambda_ += "%20and%20contains(Name,'20250805T054012')"
    assert set(shelf.list(f"Products?$filter={lambda_}&$top=1000")) == expected


def test_bare_attribute_names(shelf) -> None:
    condition = '"platformShortName%20eq%20%27SENTINEL-1%27%20and%20orbitNumber%20eq%2060353"'
    assert set(shelf.list(f"Products?$filter={condition}&$top=1000")) == {"grd-1", "raw-iw"}


def test_it_downloads_what_it_found(shelf) -> None:
    answer = shelf.send(f"/odata/v1/Products({shelf.product('orbit-file')['Id']})/$value")
    assert (answer.status, answer.body) == (200, shelf.files["orbit-file"].read_bytes())


def test_a_key_that_is_no_id_is_not_there(shelf) -> None:
    assert shelf.send("/odata/v1/Products(some_inexistent_ID)/$value").status == 404
