"""A datastrip and its granules, and what the catalogue says of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from prip_core.catalogue import Catalogue
from prip_core.model import Attribute, ProductType
from prip_core.odata.options import decode_query, parse_collection_options

STRIP = "S2B_OPER_MSI_L0__DS_2BPS_20250801T074015_S20250801T070620_N05.11"
RECEIVED = datetime(2025, 8, 1, 7, 15, 2, 120000, tzinfo=UTC)
BY_RULE = datetime(2025, 8, 1, 7, 40, tzinfo=UTC)
INHERITED = ("caduSession", "downlinkOrbitNumber", "receivedAt", "quality", "isReal", "OriginDate", "unheardOf")
KINDS = {
    ("sentinel2", "GR"): ProductType(
        code="GR", mission="sentinel2", description="x", inherits=INHERITED, indexed=("downlinkOrbitNumber",)
    ),
    ("sentinel2", "OTHER"): ProductType(code="OTHER", mission="sentinel2", description="x"),
}
OF_STRIP = (
    Attribute(name="caduSession", value="S2B_20250801071500043890"),
    Attribute(name="downlinkOrbitNumber", value=43890),
    Attribute(name="receivedAt", value=RECEIVED),
    Attribute(name="quality", value=0.5),
    Attribute(name="isReal", value=True),
    Attribute(name="operationalMode", value="INS-NOBS"),
)
OWN = (Attribute(name="productType", value="GR"), Attribute(name="orbitNumber", value=43891))


def answer(catalogue: Catalogue, uuid: UUID) -> dict[str, Any]:
    row = catalogue.products.row(uuid)
    assert row is not None
    document: dict[str, Any] = orjson.loads(b"{%b}" % row.fixed)
    return {**document, "Attributes": orjson.loads(row.attributes or b"[]")}


def values(catalogue: Catalogue, uuid: UUID) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in answer(catalogue, uuid)["Attributes"]}


def findings(catalogue: Catalogue, uuid: UUID) -> list[str]:
    return [each.rule for each in catalogue.products.findings(uuid)]


def found(catalogue: Catalogue, text: str) -> list[UUID]:
    query = parse_collection_options(decode_query(f"$orderby=PublicationDate&$filter={text}"), 1000)
    return [row.id for row in catalogue.products.page(query, list_evicted=True).rows]


def passed_on(catalogue: Catalogue) -> int:
    looked_at = 0
    while number := catalogue.inheritance.pass_on(KINDS):
        looked_at += number
    return looked_at
