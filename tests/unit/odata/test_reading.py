"""OData products read back, from this service and as peers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from prip_core.model import Finding, Footprint, ProductionType, ProductType, Severity
from prip_core.odata.reading import Unreadable, read_product
from prip_core.products import PublishedProduct
from prip_core.times import NEVER

TILE = ProductType(code="TILE", mission="toy", description="a tile", indexed=("cloudCover",), parent_attribute="strip")
RING = [[10.0, 40.0], [11.0, 40.0], [11.0, 41.0], [10.0, 40.0]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}
WKT = "POLYGON((10 40,11 40,11 41,10 40))"
AREA = Footprint(polygons=(tuple((longitude, latitude) for longitude, latitude in RING),))
PUBLISHED = datetime(2025, 8, 1, 8, 0, 0, 123000, tzinfo=UTC)


def attribute(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {"@odata.type": f"#OData.CSC.{kind}Attribute", "Name": name, "ValueType": kind, "Value": value}


GOOD: dict[str, Any] = {
    "@odata.mediaContentType": "application/octet-stream",
    "Id": "0f6e3b1c-8a4e-4f0c-9f6a-3f6a5f0e3d11",
    "Name": "TILE_1.tar",
    "ContentType": "application/x-tar",
    "ContentLength": 123,
    "OriginDate": "2025-08-01T07:00:00.000Z",
    "PublicationDate": "2025-08-01T08:00:00.123Z",
    "ModificationDate": "2025-08-02T08:00:00.000Z",
    "Online": True,
    "EvictionDate": "2025-09-01T00:00:00.000Z",
    "Checksum": [{"Algorithm": "MD5", "Value": "AB" * 16, "ChecksumDate": "2025-08-01T07:59:00.000Z"}],
    "ProductionType": "on_demand_default",
    "ContentDate": {"Start": "2025-08-01T06:00:00.000Z", "End": "2025-08-01T06:00:10.000Z"},
    "Footprint": f"geography'SRID=4326;{WKT}'",
    "GeoFootprint": POLYGON,
    "Attributes": [attribute("productType", "String", "TILE"), attribute("cloudCover", "Double", 12)],
}


def read(**changes: Any) -> PublishedProduct:
    document = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return read_product(document, lambda name, code: TILE if code == "TILE" or name.startswith("TILE") else None)


def test_every_member_is_read() -> None:
    found = read()
    product = found.product
    assert product.id == UUID(GOOD["Id"])
    assert (product.name, product.content_type, product.content_length) == ("TILE_1.tar", "application/x-tar", 123)
    assert (product.product_type, product.mission, product.indexed) == ("TILE", "toy", ("cloudCover",))
    assert found.publication_date == PUBLISHED
    assert found.modification_date == datetime(2025, 8, 2, 8, tzinfo=UTC)
    assert product.eviction_date == datetime(2025, 9, 1, tzinfo=UTC)
    assert (product.origin_date, product.origin_estimated) == (datetime(2025, 8, 1, 7, tzinfo=UTC), False)
    assert product.production_type is ProductionType.ON_DEMAND_DEFAULT
    assert [(each.algorithm, each.value) for each in product.checksums] == [("MD5", "ab" * 16)]
    assert product.footprint == AREA
    assert {each.name: each.value for each in product.attributes} == {"productType": "TILE", "cloudCover": 12.0}
    assert found.online
    assert (product.storage, product.key) == ("", "")


@pytest.mark.parametrize("missing", [..., None, ""])
def test_what_peers_leave_out_has_its_meaning(missing: Any) -> None:
    found = read(
        OriginDate=missing, ModificationDate=missing, EvictionDate=missing, ProductionType=missing, ContentType=missing
    )
    assert (found.product.origin_date, found.product.origin_estimated) == (PUBLISHED, True)
    assert found.modification_date == PUBLISHED
    assert found.product.eviction_date == NEVER
    assert found.product.production_type is ProductionType.SYSTEMATIC
    assert found.product.content_type == TILE.content_type


@pytest.mark.parametrize("online, expected", [(True, True), (False, False), (..., True), (None, True)])
def test_only_a_clear_no_is_offline(online: Any, expected: bool) -> None:
    assert read(Online=online).online is expected


@pytest.mark.parametrize(
    "label", ["on_demand_non_default", "on-demand non-default", "on-demand:non-default", "on_demand non-default"]
)
def test_production_types_are_read_as_peers_spell_them(label: str) -> None:
    assert read(ProductionType=label).product.production_type is ProductionType.ON_DEMAND_NON_DEFAULT


LINE = Footprint(line=((10.0, 40.0), (11.0, 41.0)))
TWO = Footprint(polygons=AREA.polygons * 2)


@pytest.mark.parametrize(
    "geojson, other, expected",
    [
        (None, f"geography'SRID=4326;{WKT}'", AREA),
        (None, WKT, AREA),
        (None, f"SRID=4326;{WKT}", AREA),
        (None, POLYGON, AREA),
        (..., "geography'SRID=4326;LINESTRING(10 40,11 41)'", LINE),
        ({"type": "LineString", "coordinates": [[10, 40], [11, 41]]}, None, LINE),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, None, TWO),
        ({"type": "Polygon", "coordinates": [[[*each, 500.0] for each in RING]]}, None, AREA),
        (None, None, None),
        (..., ..., None),
        (None, "", None),
    ],
)
def test_footprints(geojson: Any, other: Any, expected: Footprint | None) -> None:
    assert read(GeoFootprint=geojson, Footprint=other).product.footprint == expected


@pytest.mark.parametrize(
    "kind, value, expected",
    [
        ("String", "12", "12"),
        ("Integer", 12, 12),
        ("Edm.Int64", 12, 12),
        ("Double", 12, 12.0),
        ("Double", 0.5, 0.5),
        ("Boolean", False, False),
        ("DateTimeOffset", "2025-08-01T08:00:00.123Z", PUBLISHED),
    ],
)
def test_attributes_have_their_types(kind: str, value: Any, expected: Any) -> None:
    (found,) = read(Attributes=[attribute("x", kind, value)]).product.attributes
    assert found.value == expected
    assert type(found.value) is type(expected)


@pytest.mark.parametrize(
    "member, value",
    [
        ("Id", "4711"),
        ("Id", ...),
        ("Id", 5),
        ("Name", ""),
        ("Name", ...),
        ("Name", "TILE/../../etc/passwd"),
        ("Name", "TILE\r\nX-Evil: 1"),
        ("Name", "TILE" + "x" * 252),
        ("ContentType", "application/x-tar\r\nX-Evil: 1"),
        ("ContentType", 5),
        ("ContentLength", -1),
        ("ContentLength", "123"),
        ("ContentLength", True),
        ("ContentLength", ...),
        ("ContentLength", 1 << 63),
        ("PublicationDate", ...),
        ("PublicationDate", "yesterday"),
        ("PublicationDate", 1754035200),
        ("ModificationDate", "2025-13-01T00:00:00Z"),
        ("EvictionDate", 7),
        ("OriginDate", "x"),
        ("ContentDate", None),
        ("ContentDate", {"Start": "2025-08-01T06:00:00Z"}),
        ("ContentDate", {"Start": "2025-08-01T06:00:01Z", "End": "2025-08-01T06:00:00Z"}),
        ("Checksum", ...),
        ("Checksum", []),
        ("Checksum", [{"Algorithm": "BLAKE3", "Value": "00"}]),
        ("Checksum", [{"Algorithm": "MD5", "Value": "00"}, {"Algorithm": "md5", "Value": "00"}]),
        ("Checksum", ["MD5"]),
        ("ProductionType", "by_hand"),
        ("Footprint", "POLYGON((10 40"),
        ("Footprint", "POINT(10 40)"),
        ("Footprint", {"type": "Polygon", "coordinates": [RING[:3]]}),
        ("Footprint", {"type": "Polygon", "coordinates": [[[10, 40], [11, 40], [11, 95], [10, 40]]]}),
        ("Footprint", {"type": "MultiPolygon", "coordinates": []}),
        ("Footprint", {"type": "Polygon"}),
        ("Footprint", {"type": "LineString", "coordinates": [[10, 40]]}),
        ("Attributes", ...),
        ("Attributes", None),
        ("Attributes", ["x"]),
        ("Attributes", [attribute("x", "String", 5)]),
        ("Attributes", [attribute("x", "String", "a\0b")]),
        ("Attributes", [attribute("x\0", "String", "a")]),
        ("Attributes", [attribute("x", "Integer", 1 << 63)]),
        ("Attributes", [attribute("x", "Edm.Int64", -(1 << 63) - 1)]),
        ("Attributes", [attribute("x", "Integer", True)]),
        ("Attributes", [attribute("x", "Integer", 1.5)]),
        ("Attributes", [attribute("x", "Double", "1.5")]),
        ("Attributes", [attribute("x", "Boolean", 1)]),
        ("Attributes", [attribute("x", "DateTimeOffset", "noon")]),
        ("Attributes", [attribute("x", "Guid", "noon")]),
        ("Attributes", [attribute("x", "String", "1"), attribute("x", "String", "2")]),
        ("Quicklooks", "quick-look.png"),
        ("Quicklooks", ["quick-look.png"]),
        ("Quicklooks", [{"Image": None}]),
        ("Quicklooks", [{"Image": "../quick-look.png"}]),
        ("Quicklooks", [{"Image": ".hidden"}]),
        ("Quicklooks", [{"Image": "quick\0look.png"}]),
    ],
)
def test_what_is_wrong_is_named(member: str, value: Any) -> None:
    changes = {member: value, **({"GeoFootprint": None} if member == "Footprint" else {})}
    with pytest.raises(Unreadable, match=rf"^{member}"):
        read(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"Checksum": [{"Algorithm": "MD5", "Value": "00\0"}]},
        {"DeletionDate": "2025-08-02T00:00:00Z", "DeletionCause": "by\0mistake"},
    ],
)
def test_no_text_holds_a_nul(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="a text holds no NUL"):
        read(**changes)


def test_quicklooks_are_read_where_there_are_any() -> None:
    assert read(Quicklooks=[{"Image": "a.png"}, {"Image": "b.jp2"}]).pictures == ("a.png", "b.jp2")
    assert read(Quicklooks=[]).pictures == read(Quicklooks=None).pictures == read().pictures == ()


@pytest.mark.parametrize("document", [None, 5, [], "text"])
def test_what_is_no_object_is_no_product(document: object) -> None:
    with pytest.raises(Unreadable, match="no JSON object"):
        read_product(document, lambda *_: TILE)


def test_a_type_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"OTHER\.tar: its type belongs to no mission"):
        read(Name="OTHER.tar", Attributes=[])


@pytest.mark.parametrize(
    "stated, parent",
    [([], None), ([attribute("strip", "String", "STRIP_7")], "STRIP_7"), ([attribute("strip", "Integer", 7)], None)],
)
def test_what_it_belongs_to_is_an_attribute(stated: list[Any], parent: str | None) -> None:
    assert read(Attributes=[*GOOD["Attributes"], *stated]).product.parent == parent


FOUND = {"rule": "QC-20", "severity": "warning", "message": "its parent is unknown", "member": None}


def test_what_an_export_says_beside_is_read() -> None:
    product = read(**{"@prip.findings": [FOUND], "@prip.originEstimated": True}).product
    assert product.origin_estimated
    assert product.findings == (Finding(rule="QC-20", severity=Severity.WARNING, message="its parent is unknown"),)
    plain = read().product
    assert (plain.origin_estimated, plain.findings) == (False, ())


@pytest.mark.parametrize(
    "finding", [7, {"rule": "QC-20"}, FOUND | {"severity": "BAD"}, FOUND | {"severity": []}, FOUND | {"member": "\0"}]
)
def test_findings_that_are_none_are_refused(finding: Any) -> None:
    with pytest.raises(Unreadable, match=r"@prip\.findings: expected rule"):
        read(**{"@prip.findings": [finding]})
