"""The clients of prosEO: aip-client and auxip-monitor, and the strings that its compliance set compares."""

from __future__ import annotations

import hashlib

import pytest

OF_TYPE = (
    "Attributes/OData.CSC.StringAttribute/any(att:att/Name%20eq%20'productType'"
    "%20and%20att/OData.CSC.StringAttribute/Value%20eq%20'{}')"
)


def test_aip_client_finds_one_by_name(shelf) -> None:
    name = shelf.files["grd-2"].name
    page = shelf.send(f"/odata/v1/Products?$filter=Name%20eq%20'{name}'&$count=true&$top=1&$expand=Attributes").json
    assert (page["@odata.count"], shelf.labels(page)) == (1, ["grd-2"])


def test_aip_client_looks_for_what_overlaps_a_period(shelf) -> None:
    period = "ContentDate/Start%20lt%202025-08-03T12:00:00.000000Z%20and%20ContentDate/End%20gt%202025-08-02T00:00:00.000000Z"
    condition = f"((startswith(Name,'S1A')%20or%20startswith(Name,'S1_'))%20and%20{period}%20and%20{OF_TYPE.format('IW_GRDH_1S')})"
    query = f"Products?$filter={condition}&$count=true&$top=1000&$orderby=OriginDate%20asc&$expand=Attributes"
    page = shelf.send(f"/odata/v1/{query}").json
    assert (page["@odata.count"], shelf.labels(page)) == (2, ["grd-2", "grd-3"])


def test_aip_client_downloads_and_compares_the_md5(shelf) -> None:
    product = shelf.send(f"/odata/v1/Products({shelf.product('user-2a')['Id']})?$expand=Attributes").json
    checksum = next(each["Value"] for each in product["Checksum"] if each["Algorithm"] == "MD5")
    answer = shelf.send(f"/odata/v1/Products({product['Id']})/$value")
    assert answer.status == 200
    assert hashlib.md5(answer.body).hexdigest().upper() == checksum.upper() == shelf.md5("user-2a").upper()


def test_auxip_monitor_pages_through_what_is_new(shelf) -> None:
    condition = (
        "(startswith(Name,'S2A')%20or%20startswith(Name,'S2B'))%20and%20PublicationDate%20gt%202020-01-01T00:00:00Z"
    )
    seen: list[str] = []
    for skip in ("", "&$skip=12", "&$skip=24"):
        query = f"Products?$filter={condition}&$count=true&$top=12&$orderby=PublicationDate%20asc{skip}"
        page = shelf.send(f"/odata/v1/{query}").json
        assert page["@odata.count"] == 26
        seen += shelf.labels(page)
    assert len(seen) == len(set(seen)) == 26


@pytest.mark.parametrize("top", ["", "&$top=1000"])
def test_a_list_of_a_prefix_is_whole(top: str, shelf) -> None:
    found = shelf.list(f"Products?$filter=startswith(Name,'S2B_OPER_MSI_L0__GR'){top}")
    assert len(found) == 13


def test_contexts_are_compared_as_strings(shelf) -> None:
    key = shelf.product("slc")["Id"]
    contexts = {
        "Products": "$metadata#Products",
        "Products?$expand=Attributes": "$metadata#Products",
        f"Products({key})": "$metadata#Products/$entity",
        f"Products({key})?$expand=Attributes": "$metadata#Products/$entity",
        f"Products({key})/Quicklooks": "$metadata#Quicklooks",
        "": "$metadata",
    }
    found = {target: shelf.send(f"/odata/v1/{target}").json["@odata.context"] for target in contexts}
    assert found == contexts


def test_the_service_document_names_products(shelf) -> None:
    for root in ("/odata/v1", "/odata/v1/"):
        sets = shelf.send(root).json["value"]
        assert {"name": "Products", "kind": "EntitySet", "url": "Products"} in sets


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "ProductionType%20eq%20OData.CSC.ProductionType'systematic_production'%20and%20contains(Name,'_EW_')",
            {"raw-ew"},
        ),
        ("Id%20eq%20{slc}", {"slc"}),
        (
            "not%20contains(Name,'S2')%20and%20not%20(contains(Name,'GRDH')%20or%20contains(Name,'RAW'))",
            {"slc", "orbit-file"},
        ),
        ("ContentLength%20gt%201000000000", set()),
        ("ContentLength%20add%201%20gt%20-1%20and%20endswith(Name,'.EOF')", {"orbit-file"}),
        ("2025-08-06T00:00:00Z%20lt%20ContentDate/Start%20and%20startswith(Name,'S1')", {"grd-6"}),
        ("EvictionDate%20eq%20null", set()),
        ("contains(Name,%20'%25')%20or%20contains(Name,%20'IW_SLC%5F_1S')", {"slc"}),
    ],
)
def test_conditions_of_the_compliance_set(condition: str, expected: set[str], shelf) -> None:
    text = condition.replace("{slc}", shelf.product("slc")["Id"])
    assert set(shelf.list(f"Products?$filter={text}")) == expected


def test_a_checksum_is_asked_by_lambda(shelf) -> None:
    condition = f"Checksum/any(c:c/Algorithm%20eq%20'MD5'%20and%20c/Value%20eq%20'{shelf.md5('tile-4')}')"
    assert shelf.list(f"Products?$filter={condition}") == ["tile-4"]


def test_products_carry_attributes_only_when_asked(shelf) -> None:
    assert "Attributes" not in shelf.send("/odata/v1/Products?$top=1").json["value"][0]


def test_ranges_of_the_compliance_set(shelf) -> None:
    content = shelf.files["slc"].read_bytes()
    target = f"/odata/v1/Products({shelf.product('slc')['Id']})/$value"
    first = shelf.send(target, Range="bytes=0-1023")
    assert (first.status, first.body) == (206, content[:1024])
    assert first.headers["content-range"] == f"bytes 0-1023/{len(content)}"
    assert shelf.send(target, Range="bytes=-512").body == content[-512:]
    assert shelf.send(target, Range=f"bytes={len(content)}-").status == 416


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_products_are_not_written_by_clients(method: str, shelf) -> None:
    target = "/odata/v1/Products" if method == "POST" else f"/odata/v1/Products({shelf.product('slc')['Id']})"
    assert shelf.send(target, method, b"{}", Content_Type="application/json").status in {403, 405}
    assert shelf.list("Products?$filter=contains(Name,'_SLC_')") == ["slc"]
