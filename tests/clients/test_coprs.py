"""The clients of COPRS, both on Olingo: auxip-client, which fetches auxiliary files, and native-api, which serves STAC."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

SQUARE = "SRID=4326;POLYGON((10%2044,13%2044,%2013%2047,%2010%2047,%2010%2044))"
IN_SQUARE = {"grd-1", "grd-2", "grd-3", "grd-4", "grd-5", "grd-6", "slc", "raw-iw", "tile-alps", "tile-l2a"}


def whole_second(text: str, shift: int = 0) -> str:
    moment = datetime.fromisoformat(text) + timedelta(seconds=shift)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("dollar", ["$", "%24"])
def test_auxip_client_walks_a_period_page_by_page(dollar: str, shelf) -> None:
    published = [product["PublicationDate"] for product in shelf.send("/odata/v1/Products").json["value"]]
    start, stop = whole_second(min(published)), whole_second(max(published), 1)
    condition = (
        f"((PublicationDate%20ge%20{start}%20and%20PublicationDate%20lt%20{stop})%20and%20contains(Name,'MSI_L0__GR'))"
    )
    seen: list[str] = []
    for skip in range(0, 20, 5):
        query = f"{dollar}filter={condition}&{dollar}top=5&{dollar}skip={skip}&{dollar}orderby=PublicationDate%20asc"
        answer = shelf.send(f"/odata/v1/Products?{query}", Accept="application/json")
        assert answer.headers["content-type"].startswith("application/json")
        seen += shelf.labels(answer.json)
    assert sorted(seen) == sorted(["report", *(f"granule-{number}" for number in range(1, 13))])


def test_auxip_client_with_the_names_of_an_old_service(shelf) -> None:
    condition = "((CreationDate%20ge%202020-01-01T01:00:00Z)%20and%20contains(Name,'POEORB'))"
    query = f"Products?$filter={condition}&$top=100&$skip=0&$orderby=CreationDate%20asc"
    assert shelf.list(query) == ["orbit-file"]


def test_auxip_client_downloads_with_status_200(shelf) -> None:
    answer = shelf.send(f"/odata/v1/Products({shelf.product('orbit-file')['Id']})/$value")
    assert (answer.status, answer.body) == (200, shelf.files["orbit-file"].read_bytes())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "ContentDate/Start%20gt%202025-08-05T00:00:00.000%20and%20ContentDate/End%20lt%202025-08-07T00:00:00.000",
            {"grd-5", "grd-6", "tile-5"},
        ),
        ("contains(Name,'OLQC')%20or%20contains(Name,'_GENERAL_QUALITY_')", {"report"}),
        (f"OData.CSC.Intersects(location=Footprint,area=geography'{SQUARE}')", IN_SQUARE),
        (f"OData.CSC.Intersects(geo_property=Footprint,geo_shape=geography'{SQUARE}')", IN_SQUARE),
        (
            f"OData.CSC.Within(area=geography'{SQUARE.replace('13%20', '15%20')}')",
            IN_SQUARE - {"tile-alps", "tile-l2a"},
        ),
        (
            (
                "Attributes/OData.CSC.StringAttribute/any(att:att/Name%20eq%20'productType'%20and%20att/OData.CSC.StringAttribute/Value%20eq%20'IW_SLC__1S')"
            ),
            {"slc"},
        ),
        (
            (
                "Attributes/OData.CSC.StringAttribute/any(att:att/Name%20eq%20'productType'%20and%20'EW_RAW__0S'%20eq%20att/OData.CSC.StringAttribute/Value)"
            ),
            {"raw-ew"},
        ),
        ("ProductionType%20eq%20OData.CSC.ProductionType'on_demand_default'", {"parameters"}),
        ("ProductionType%20eq%20'on_demand_default'", {"parameters"}),
        ("ProductionType%20eq%201", {"parameters"}),
    ],
)
def test_native_api_searches(condition: str, expected: set[str], shelf) -> None:
    query = f"Products?$filter={condition}&$expand=Attributes,Quicklooks&$top=100"
    assert set(shelf.list(query)) == expected


def test_native_api_reads_attributes_and_quicklooks(shelf) -> None:
    query = f"Products?$filter=Id%20eq%20{shelf.product('slc')['Id']}&$expand=Attributes,Quicklooks&$top=100"
    (product,) = shelf.send(f"/odata/v1/{query}").json["value"]
    assert {"@odata.type", "Name", "ValueType", "Value"} == set(product["Attributes"][0])
    assert [picture["Image"] for picture in product["Quicklooks"]] == ["quick-look.png"]
    answer = shelf.send(f"/odata/v1/Products({product['Id']})/Quicklooks('quick-look.png')/$value")
    assert (answer.status, answer.body[:4]) == (200, b"\x89PNG")


def test_native_api_beyond_the_last_page(shelf) -> None:
    assert shelf.list("Products?$expand=Attributes,Quicklooks&$top=100&$skip=900") == []


def test_a_list_of_names_in_its_order(shelf) -> None:
    wanted = ["tile-3", "slc", "grd-1"]
    names = [shelf.files[label].name for label in wanted]
    body = ",".join(f'{{"Name":"{name}"}}' for name in [*names[:1], "S1A_NOT_THERE.SAFE.zip", *names[1:]])
    answer = shelf.send(
        "/odata/v1/Products/OData.CSC.FilterList",
        "POST",
        f'{{"FilterProducts":[{body}]}}'.encode(),
        Content_Type="application/json",
    )
    assert shelf.labels(answer.json) == wanted


@pytest.mark.parametrize("body", [b"", b"{}", b'{"FilterProducts":[]}', b'{"FilterProducts":[{"Id":1}]}', b"[1"])
def test_a_list_of_names_that_is_none(body: bytes, shelf) -> None:
    target = "/odata/v1/Products/OData.CSC.FilterList"
    assert shelf.send(target, "POST", body, Content_Type="application/json").status == 400
