"""The examples of the Copernicus Data Space's documentation, which clients of a PRIP are copied from."""

from __future__ import annotations

from urllib.parse import quote

import pytest

PLAIN = {f"tile-{day}" for day in range(1, 6)}
ALPS = {"grd-1", "grd-2", "grd-3", "grd-4", "grd-5", "grd-6", "slc", "raw-iw"}


def attribute(name: str, condition: str, kind: str = "String") -> str:
    cast = f"OData.CSC.{kind}Attribute"
    return f"Attributes/{cast}/any(att:att/Name eq '{name}' and att/{cast}/Value {condition})"


def escaped(query: str) -> str:
    return quote(query, safe="$&=(),:;/'+?@*")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Collection/Name eq 'SENTINEL-2' and contains(Name,'L2A_TL')", {"tile-l2a"}),
        ("Collection/Name eq 'SENTINEL-1' and ContentDate/Start gt 2025-08-05T00:00:00.000Z", {"grd-5", "grd-6"}),
        ("contains(Name,'S1A') and ContentDate/Start gt 2025-08-02T05:00:00.000Z and ContentDate/Start lt 2025-08-02T06:00:00.000Z", {"grd-2", "slc", "raw-ew"}),
        ("ContentDate/Start ge 2025-08-06 and ContentDate/Start lt 2025-08-07", {"grd-6"}),
        ("ContentDate/Start gt '2025-08-05T12:00:00.000Z'", {"grd-6"}),
        ("ContentDate/Start eq 2025-08-06T07:40:12.345+02:00", {"grd-6"}),
        ("ContentDate/Start ge 2025-08-06T05:40:12.3449999Z and ContentDate/Start lt 2025-08-06T05:40:12.3450001Z", {"grd-6"}),
        ("ContentDate/Start eq 2025-08-06T05:40:12.3450001Z", set()),
        ("Online eq true and startswith(Name,'S1C')", {"grd-sea"}),
        (attribute("cloudCover", "lt 40.00", "Double") + " and contains(Name,'L1C_TL')", {"tile-1", "tile-2"}),
        (attribute("cloudCover", "le 40", "Double") + " and contains(Name,'L1C_TL')", {"tile-1", "tile-2", "tile-3"}),
        (attribute("productType", "eq 'S2MSI1C'") + " or " + attribute("productType", "eq 'S2MSI2A'"), {"user-1c", "user-2a"}),
        (attribute("beginningDateTime", "ge 2025-08-06T00:00:00.000Z", "DateTimeOffset"), {"grd-6"}),
        (attribute("orbitNumber", "lt 5000", "Integer"), {"grd-sea"}),
        (attribute("orbitNumber", "eq 4711").replace("/OData.CSC.StringAttribute/any", "/OData.CSC.IntegerAttribute/any"), {"grd-sea"}),
        (attribute("tileId", "eq '32TPT'").replace("Attributes/", "attributes/", 1), {"tile-alps", "tile-l2a"}),
        ("Attributes/any(x:x/Name eq 'tileId' and x/Value eq '32TPT')", {"tile-alps", "tile-l2a"}),
        ("Attributes/any(att:att/Name eq 'tileId' and contains(att/Value,'2TP'))", {"tile-alps", "tile-l2a"}),
        ("contains(Name,'32TPT') and not " + attribute("cloudCover", "ge 50", "Double"), {"tile-l2a"}),
        ("OData.CSC.Intersects(area=geography'SRID=4326;POINT(12.5 45.2)')", ALPS),
        ("ODATA.CSC.Intersects(area=geography'SRID=4326;POLYGON ((15 41, 19 41, 19 44, 15 44, 15 41))')", {"grd-sea"}),
        ("OData.CSC.Intersects(area=geography'SRID=4326;LINESTRING(16 42.5,17 42.6)')", {"grd-sea"}),
        ("OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((9 44,19 41,19 48,9 48,9 44),(9.5 44.1,15 43.7,15 47.9,9.5 47.9,9.5 44.1))')", {"grd-sea"}),
        ("geo.intersects(Footprint,geography'SRID=4326;POINT(12.5 47.2)')", {"tile-alps", "tile-l2a"}),
        ("Name in ('{slc}','{grd-1}')", {"slc", "grd-1"}),
        ("tolower(Name) eq tolower('{slc}')", {"slc"}),
        ("year(ContentDate/Start) eq 2025 and day(ContentDate/Start) eq 6 and month(ContentDate/Start) eq 8", {"grd-6"}),
        ("PublicationDate gt now()", set()),
    ],
)  # fmt: skip
def test_filters(condition: str, expected: set[str], shelf) -> None:
    text = condition
    for label, path in shelf.files.items():
        text = text.replace(f"{{{label}}}", path.name)
    page = shelf.send(escaped(f"/odata/v1/Products?$filter={text}&$count=True")).json
    assert set(shelf.labels(page)) == expected
    assert page["@odata.count"] == len(expected)


def test_orders_and_pages(shelf) -> None:
    query = (
        "Products?$filter=contains(Name,'MSI_L1C_TL_2BPS') and contains(Name,'T47XMH')&$orderby=ContentDate/Start desc"
    )
    assert shelf.list(escaped(query)) == [f"tile-{day}" for day in (5, 4, 3, 2, 1)]
    assert shelf.list(escaped(query + "&$top=2&$skip=1")) == ["tile-4", "tile-3"]
    assert shelf.list(escaped(query + "&$top=0")) == []


def test_the_next_link_is_followed_to_the_end(shelf) -> None:
    page = shelf.send(
        escaped("/odata/v1/Products?$filter=contains(Name,'L1C_TL')&$orderby=Name desc&$top=4&$count=true")
    ).json
    assert "$skip=4" in page["@odata.nextLink"].replace("%24", "$")
    rest = shelf.send(page["@odata.nextLink"]).json
    assert "@odata.nextLink" not in rest
    assert (page["@odata.count"], rest["@odata.count"]) == (6, 6)
    names = [product["Name"] for product in page["value"] + rest["value"]]
    assert names == sorted(names, reverse=True)
    assert len(set(names)) == 6


@pytest.mark.parametrize("spelling", ["true", "True", "1"])
def test_counts_in_every_spelling(spelling: str, shelf) -> None:
    assert shelf.send(f"/odata/v1/Products?$count={spelling}&$top=1").json["@odata.count"] == len(shelf.files)


@pytest.mark.parametrize("spelling", ["false", "False", "0"])
def test_counts_that_are_not_wanted(spelling: str, shelf) -> None:
    assert "@odata.count" not in shelf.send(f"/odata/v1/Products?$count={spelling}&$top=1").json


def test_a_count_alone(shelf) -> None:
    answer = shelf.send(escaped("/odata/v1/Products/$count?$filter=contains(Name,'GRDH')"))
    assert (answer.headers["content-type"].partition(";")[0], answer.body) == ("text/plain", b"7")


def test_members_that_are_wanted(shelf) -> None:
    (product,) = shelf.send(
        escaped("/odata/v1/Products?$filter=contains(Name,'_SLC_')&$select=Name, ContentLength")
    ).json["value"]
    assert {key for key in product if not key.startswith("@")} == {"Id", "Name", "ContentLength"}


def test_expansion_of_everything(shelf) -> None:
    query = escaped("Products?$filter=contains(Name,'_SLC_')&$expand=Attributes&$expand=Assets&$expand=Locations")
    (product,) = shelf.send(f"/odata/v1/{query}").json["value"]
    (asset,) = product["Assets"]
    assert asset["Type"] == "QUICKLOOK"
    assert shelf.send(asset["DownloadLink"]).body[:4] == b"\x89PNG"
    assert product["Locations"] == []


@pytest.mark.parametrize("key", ["{}", "'{}'", "Id={}"])
def test_one_product_by_every_form_of_its_key(key: str, shelf) -> None:
    target = f"/odata/v1/Products({key.format(shelf.product('slc')['Id'])})"
    assert shelf.send(target).json["Name"] == shelf.files["slc"].name


def test_a_list_of_names_drops_what_is_unknown(shelf) -> None:
    known = [shelf.files[label].name for label in ("grd-1", "tile-1")]
    body = f'{{"FilterProducts":[{{"Name":"{known[0]}"}},{{"Name":"S3_NONE"}},{{"Name":"{known[1]}"}}]}}'.encode()
    answer = shelf.send("/odata/v1/Products/OData.CSC.FilterList", "POST", body, Content_Type="application/json")
    assert shelf.labels(answer.json) == ["grd-1", "tile-1"]


@pytest.mark.parametrize(
    "condition",
    [
        "DeletionDate ge 2020-01-01T00:00:00.000Z",
        "contains(Name,'S1C_IW_GRDH') and DeletionCause eq 'Corrupted product'",
        "OriginDate gt 2025-08-04T00:00:00.000Z and ContentDate/Start lt 2025-08-05T00:00:00.000Z",
        "Collection/Name eq 'SENTINEL-1'",
        "OData.CSC.Intersects(area=geography'SRID=4326;POINT(12.5 45.2)')",
        "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'productType' and att/OData.CSC.StringAttribute/Value eq 'IW_GRDH_1S')",
    ],
)
def test_deleted_products_are_listed_apart(condition: str, shelf) -> None:
    query = f"DeletedProducts?$filter={condition}&$orderby=DeletionDate desc&$count=True&$expand=Attributes"
    page = shelf.send(escaped(f"/odata/v1/{query}")).json
    (product,) = page["value"]
    assert (page["@odata.count"], product["Name"]) == (1, shelf.withdrawn)
    assert product["DeletionCause"] == "Corrupted product"
    assert product["DeletionDate"] > "2025-08-04T05:40:37.345Z"
    assert {"productType", "orbitNumber"} <= {each["Name"] for each in product["Attributes"]}


def test_a_product_that_is_gone_is_in_no_list(shelf) -> None:
    (gone,) = shelf.send("/odata/v1/DeletedProducts").json["value"]
    assert shelf.list(escaped(f"Products?$filter=Name eq '{shelf.withdrawn}'")) == []
    (offline,) = shelf.send("/odata/v1/Products?$filter=Online%20eq%20false").json["value"]
    assert (offline["Id"], offline["Online"]) == (gone["Id"], False)
    assert shelf.send(f"/odata/v1/Products({gone['Id']})").json["Online"] is False
    assert shelf.send(f"/odata/v1/Products({gone['Id']})/$value").status == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("$filter=Nonsense eq 1", 400),
        ("$filter=Name eq 1 eq 2", 400),
        ("$top=-1", 400),
        ("$skip=x", 400),
        ("$shape=round", 400),
        ("$filter=OData.CSC.Intersects(area=geography'SRID=3857;POINT(1 2)')", 400),
        ("$filter=OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((0 0,1 1,1 0,0 1,0 0))')", 400),
        ("$filter=OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((0 0,1 0,1 1,0 1))')", 400),
        ("$search=alps", 501),
        ("$format=xml", 406),
    ],
)
def test_what_is_not_understood_is_refused(query: str, status: int, shelf) -> None:
    answer = shelf.send(escaped(f"/odata/v1/Products?{query}"))
    assert answer.status == status
    assert answer.message
