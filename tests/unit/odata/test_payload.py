"""The shape of answers: members, their order and their text."""

import json
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from prip_core.footprint import footprint_of_ring
from prip_core.model import Attribute, AttributeValue, Checksum, Footprint, ProductionType, TimeRange
from prip_core.odata import edm, payload
from prip_core.products import NewProduct
from prip_core.times import NEVER, to_milliseconds

BORN = datetime(2024, 1, 24, 14, 6, 12, 454999, tzinfo=UTC)
PUBLISHED = datetime(2024, 1, 24, 16, 31, 21, 455000, tzinfo=UTC)
ATTRIBUTES = (
    Attribute(name="tileId", value="22QEK"),
    Attribute(name="beginningDateTime", value=BORN),
    Attribute(name="cloudCover", value=12.5),
    Attribute(name="orbitNumber", value=44866),
    Attribute(name="completenessFlag", value=True),
    Attribute(name="orbitDirection", value='DESC"ENDING'),
    Attribute(name="cycleNumber", value=-1),
)


def product(footprint: Footprint | None = None) -> NewProduct:
    return NewProduct(
        id=UUID("3D40010A-F220-4667-9D38-1083994E5E48"),
        name='S2A_OPER_MSI_L1C_TL_2APS_20240124T155206_A044866_T22QEK_N05.10"é.tar',
        product_type="MSI_L1C_TL",
        mission="sentinel2",
        content_type="application/octet-stream",
        content_length=371476480,
        content=TimeRange(start=BORN, end=BORN + timedelta(seconds=1)),
        origin_date=BORN,
        origin_estimated=False,
        eviction_date=NEVER,
        production_type=ProductionType.SYSTEMATIC,
        checksums=(
            Checksum(algorithm="BLAKE3", value="b3", date=PUBLISHED),
            Checksum(algorithm="MD5", value="d0", date=PUBLISHED),
        ),
        footprint=footprint,
        attributes=ATTRIBUTES,
        storage="archive",
        key="MSI_L1C_TL/2024/01/24/x",
    )


def text_of(footprint: Footprint | None = None, attributes: str | None = None, online: bool = True) -> bytes:
    fixed = payload.render_fixed(product(footprint), PUBLISHED).encode()
    dates = {"eviction_ms": to_milliseconds(NEVER), "modification_ms": to_milliseconds(PUBLISHED) + 1}
    expanded = b"" if attributes is None else payload.expanded_text("Attributes", attributes.encode())
    return payload.product_text(fixed, expanded, online=online, **dates)


def test_a_product_in_full() -> None:
    footprint = footprint_of_ring([(-49.5, 21.0), (-50.25, 21.0), (-50.25, 22.0)])
    assert json.loads(text_of(footprint)) == {
        "@odata.mediaContentType": "application/octet-stream",
        "Id": "3d40010a-f220-4667-9d38-1083994e5e48",
        "Name": 'S2A_OPER_MSI_L1C_TL_2APS_20240124T155206_A044866_T22QEK_N05.10"é.tar',
        "ContentType": "application/octet-stream",
        "ContentLength": 371476480,
        "OriginDate": "2024-01-24T14:06:12.454Z",
        "PublicationDate": "2024-01-24T16:31:21.455Z",
        "Checksum": [
            {"Algorithm": "MD5", "Value": "d0", "ChecksumDate": "2024-01-24T16:31:21.455Z"},
            {"Algorithm": "BLAKE3", "Value": "b3", "ChecksumDate": "2024-01-24T16:31:21.455Z"},
        ],
        "ProductionType": "systematic_production",
        "ContentDate": {"Start": "2024-01-24T14:06:12.454Z", "End": "2024-01-24T14:06:13.454Z"},
        "Footprint": "geography'SRID=4326;POLYGON((-49.5 21,-50.25 21,-50.25 22,-49.5 21))'",
        "GeoFootprint": {
            "type": "Polygon",
            "coordinates": [[[-49.5, 21.0], [-50.25, 21.0], [-50.25, 22.0], [-49.5, 21.0]]],
        },
        "Online": True,
        "EvictionDate": "9999-12-31T23:59:59.999Z",
        "ModificationDate": "2024-01-24T16:31:21.456Z",
    }


def test_members_are_those_of_the_table_in_its_order() -> None:
    late = ["Online", "EvictionDate", "ModificationDate"]
    declared = [each.name for each in edm.PRODUCT.properties]
    fixed = [name for name in declared if name not in late]
    assert list(json.loads(text_of())) == ["@odata.mediaContentType", *fixed, *late]
    assert set(declared) == {*fixed, *late}


def test_the_fixed_part_is_text_without_braces() -> None:
    fixed = payload.render_fixed(product(), PUBLISHED)
    assert fixed.startswith('"@odata.mediaContentType":"application/octet-stream","Id":"3d40010a-')
    assert fixed.endswith('"Footprint":null,"GeoFootprint":null')


def test_a_product_without_footprint_and_bytes() -> None:
    answer = json.loads(text_of(online=False))
    assert (answer["Footprint"], answer["GeoFootprint"], answer["Online"]) == (None, None, False)


def test_attributes_appear_only_where_they_were_asked_for() -> None:
    assert "Attributes" not in json.loads(text_of())
    assert json.loads(text_of(attributes="[]"))["Attributes"] == []
    answer = json.loads(text_of(attributes=payload.render_attributes(ATTRIBUTES)))
    assert list(answer)[-1] == "Attributes"
    assert len(answer["Attributes"]) == len(ATTRIBUTES)


def test_attributes_by_type_then_by_name() -> None:
    rendered = json.loads(payload.render_attributes(ATTRIBUTES))
    assert [list(each) for each in rendered] == [["@odata.type", "Name", "ValueType", "Value"]] * len(ATTRIBUTES)
    assert [tuple(each.values()) for each in rendered] == [
        ("#OData.CSC.StringAttribute", "orbitDirection", "String", 'DESC"ENDING'),
        ("#OData.CSC.StringAttribute", "tileId", "String", "22QEK"),
        ("#OData.CSC.IntegerAttribute", "cycleNumber", "Integer", -1),
        ("#OData.CSC.IntegerAttribute", "orbitNumber", "Integer", 44866),
        ("#OData.CSC.DoubleAttribute", "cloudCover", "Double", 12.5),
        ("#OData.CSC.BooleanAttribute", "completenessFlag", "Boolean", True),
        ("#OData.CSC.DateTimeOffsetAttribute", "beginningDateTime", "DateTimeOffset", "2024-01-24T14:06:12.454Z"),
    ]
    assert payload.render_attributes([]) == "[]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, '"NaN"'),
        (math.inf, '"INF"'),
        (-math.inf, '"-INF"'),
        (1.0, "1.0"),
        (0, "0"),
        (False, "false"),
        ("", '""'),
        ("0", '"0"'),
    ],
)
def test_attribute_values_keep_their_type(value: AttributeValue, text: str) -> None:
    assert payload.render_attributes([Attribute(name="a", value=value)]).endswith(f'"Value":{text}}}]')


def test_every_value_type_is_declared() -> None:
    values: list[AttributeValue] = ["a", 1, 1.0, True, BORN]
    assert [payload.value_type(value) for value in values] == list(edm.VALUE_TYPES)


@pytest.mark.parametrize("moment", [PUBLISHED, NEVER, datetime(1969, 12, 31, 23, 59, 59, 1000, tzinfo=UTC)])
def test_dates_of_an_answer_have_three_digits(moment: datetime) -> None:
    answer = json.loads(
        payload.product_text(b'"Id":1', online=True, eviction_ms=0, modification_ms=to_milliseconds(moment))
    )
    assert answer["EvictionDate"] == "1970-01-01T00:00:00.000Z"
    assert answer["ModificationDate"] == f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def test_a_page() -> None:
    page = payload.collection_text([text_of(), text_of()], count=7, links={"nextLink": 'https://prip.example/"x"'})
    answer = json.loads(page)
    assert list(answer) == ["@odata.context", "@odata.count", "value", "@odata.nextLink"]
    assert (answer["@odata.context"], answer["@odata.count"]) == ("$metadata#Products", 7)
    assert answer["value"] == [json.loads(text_of())] * 2
    assert answer["@odata.nextLink"] == 'https://prip.example/"x"'


def test_an_empty_page() -> None:
    assert payload.collection_text([], count=None, links={}) == b'{"@odata.context":"$metadata#Products","value":[]}'
    assert json.loads(payload.collection_text([], count=0, links={}))["@odata.count"] == 0


def test_a_product_that_is_gone_says_when_and_why() -> None:
    fixed = payload.render_fixed(product(), PUBLISHED).encode()
    gone = json.loads(
        payload.deleted_text(fixed, deletion_ms=to_milliseconds(PUBLISHED), deletion_cause='a "bad" product')
    )
    assert list(gone) == [each.name for each in edm.DELETED_PRODUCT.properties]
    assert (gone["DeletionDate"], gone["DeletionCause"]) == ("2024-01-24T16:31:21.455Z", 'a "bad" product')
    unknown = payload.deleted_text(fixed, b',"Attributes":[]', deletion_ms=None, deletion_cause=None)
    answer = json.loads(payload.entity_text(unknown, "DeletedProducts"))
    assert answer["@odata.context"] == "$metadata#DeletedProducts/$entity"
    assert (answer["DeletionDate"], answer["DeletionCause"], answer["Attributes"]) == (None, None, [])


def test_a_single_product() -> None:
    answer = json.loads(payload.entity_text(text_of()))
    assert next(iter(answer.items())) == ("@odata.context", "$metadata#Products/$entity")
    assert {name: value for name, value in answer.items() if name != "@odata.context"} == json.loads(text_of())


def test_selected_members() -> None:
    chosen = payload.select_members(text_of(attributes="[1]"), ("Id", "Name", "EvictionDate"))
    assert list(json.loads(chosen)) == ["@odata.mediaContentType", "Id", "Name", "EvictionDate", "Attributes"]
    assert json.loads(payload.entity_text(chosen))["@odata.context"] == "$metadata#Products/$entity"
    everything = tuple(each.name for each in edm.PRODUCT.properties)
    assert payload.select_members(text_of(), everything) == text_of()


def test_error_body() -> None:
    assert payload.error_text("400", 'no "such" thing') == '{"error":{"code":"400","message":"no \\"such\\" thing"}}'


def _golden() -> list[dict[str, Any]]:
    folder = os.environ.get("PRIP_SAMPLES")
    if not folder:
        pytest.skip("PRIP_SAMPLES names no folder of samples")
    (answer,) = Path(folder, "sentinel-2", "odata").glob("PRIP_S2A_*.json")
    products: list[dict[str, Any]] = json.loads(answer.read_text("utf-8"))["value"]
    return products


def _shape(value: Any) -> Any:
    """Names and types; of a list, those of its first entry."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return [_shape(value[0])] if isinstance(value, list) and value else type(value).__name__


def test_members_have_the_shape_of_a_real_answer() -> None:
    ours = json.loads(text_of(footprint_of_ring([(0.5, 0.5), (1.5, 0.5), (1.5, 1.5)])))
    for real in _golden():
        shared = set(real) - {"Attributes"}
        assert shared <= set(ours)
        assert {name: _shape(ours[name]) for name in shared if real[name] is not None} == {
            name: _shape(real[name]) for name in shared if real[name] is not None
        }


def test_attributes_of_a_real_answer_are_rendered_alike() -> None:
    for real in _golden():
        read = [_read_attribute(each) for each in real["Attributes"]]
        rendered = json.loads(payload.render_attributes(read))
        assert {each["Name"]: _comparable(each) for each in rendered} == {
            each["Name"]: _comparable(each) for each in real["Attributes"]
        }


def _read_attribute(served: dict[str, Any]) -> Attribute:
    value = served["Value"]
    if served["ValueType"] == "DateTimeOffset":
        value = datetime.fromisoformat(value)
    return Attribute(name=served["Name"], value=float(value) if served["ValueType"] == "Double" else value)


def _comparable(served: dict[str, Any]) -> dict[str, Any]:
    """Dates by their moment: the real answer writes whole seconds without a fraction."""
    value = served["Value"]
    moment = datetime.fromisoformat(value) if served["ValueType"] == "DateTimeOffset" else value
    return {**{name: served[name] for name in ("@odata.type", "Name", "ValueType")}, "Value": moment}
