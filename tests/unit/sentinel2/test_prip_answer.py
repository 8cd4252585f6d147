"""What the adapter reads, held against a real answer of the Sentinel-2A delivery point."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prip_core import Attribute, InspectedProduct, format_utc, parse_utc
from prip_core.footprint import footprint_wkt
from prip_core.ingest.sidecar import merge_attributes, read_sidecar
from prip_core.odata.payload import render_attributes
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

NOT_IN_THE_FILE = {"MSI_L1C_TL": {"caduSession", "downlinkOrbitNumber"}, "MSI_L1C_DS": {"caduSession"}} | {
    "MSI_L1C_TC": {"caduSession", "downlinkOrbitNumber", "illuminationZenithAngle"}
}
"""Attributes that come with the delivery, or from the tile of the same name."""

ODATA_TYPES = {str: "String", int: "Integer", float: "Double", bool: "Boolean", datetime: "DateTimeOffset"}


def real_products(samples: Path) -> list[dict[str, Any]]:
    (answer,) = (samples / "odata").glob("PRIP_S2A_ATOS_*.json")
    return list(json.loads(answer.read_text())["value"])


def specification(product: Mapping[str, Any]) -> Sentinel2Specification:
    """A product that says what the real one said."""
    known = {entry["Name"]: entry["Value"] for entry in product["Attributes"]}
    start, end = (parse_utc(product["ContentDate"][key]) for key in ("Start", "End"))
    datastrip = known.get("datastripId") or known.get("dsParentId")
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", product["Footprint"].split(";")[1])]
    return Sentinel2Specification(
        product_type=known["productType"],
        platform=f"S2{known['platformSerialIdentifier']}",
        site=known["processingCenter"],
        baseline=known["processorVersion"],
        sensing=start,
        duration=end - start,
        created=parse_utc(known["processingDate"]),
        datastrip_sensing=parse_utc(datastrip[42:57]) if datastrip else None,
        datatake_start=parse_utc(known["productGroupId"][5:20]),
        orbit=known["orbitNumber"],
        relative_orbit=known.get("relativeOrbitNumber", 1),
        downlink_orbit=known["downlinkOrbitNumber"],
        station=known["acquisitionStation"],
        mode=known.get("operationalMode", "INS-NOBS"),
        tile=known.get("tileId", "22QEK"),
        ring=tuple(zip(numbers[::2], numbers[1::2], strict=True)),
        cloud_cover=known.get("cloudCover", 0.0),
        sun_zenith=known.get("illuminationZenithAngle", 0.0),
        size=40_000,
    )


def written(attribute: Attribute) -> tuple[str, str, object]:
    """Name, OData type and value of an attribute, times as moments."""
    return attribute.name, ODATA_TYPES[type(attribute.value)], attribute.value


def real(entry: Mapping[str, Any]) -> tuple[str, str, object]:
    """The same of an entry of the real answer."""
    is_time = entry["ValueType"] == "DateTimeOffset"
    return entry["Name"], entry["ValueType"], parse_utc(entry["Value"]) if is_time else entry["Value"]


def test_every_product_has_the_name_attributes_period_and_footprint_of_the_real_one(
    samples: Path, tmp_path: Path, deliver: Callable[[Path], InspectedProduct]
) -> None:
    for product in real_products(samples):
        path = build_sentinel2(specification(product), tmp_path)
        assert path.name == product["Name"]
        inspected = deliver(path)
        metadata, left_out = inspected.metadata, NOT_IN_THE_FILE[inspected.identity.product_type.code]
        expected = [real(entry) for entry in product["Attributes"] if entry["Name"] not in left_out]
        assert [written(attribute) for attribute in metadata.attributes] == expected
        assert metadata.content.start == parse_utc(product["ContentDate"]["Start"])
        assert metadata.content.end == parse_utc(product["ContentDate"]["End"])
        assert metadata.footprint is not None
        assert footprint_wkt(metadata.footprint) == product["Footprint"]


def served(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the real answer as this service writes it: the same, times always with milliseconds."""
    is_time = entry["ValueType"] == "DateTimeOffset"
    return {**entry, "Value": format_utc(parse_utc(entry["Value"])) if is_time else entry["Value"]}


def test_with_a_sidecar_for_the_rest_the_attributes_are_served_as_the_real_ones(
    samples: Path, tmp_path: Path, deliver: Callable[[Path], InspectedProduct]
) -> None:
    for product in real_products(samples):
        inspected = deliver(build_sentinel2(specification(product), tmp_path))
        values = {entry["Name"]: entry["Value"] for entry in product["Attributes"]}
        stated = {name: values[name] for name in NOT_IN_THE_FILE[inspected.identity.product_type.code]}
        sidecar = read_sidecar(json.dumps({"attributes": stated}).encode())
        merged = merge_attributes(inspected.metadata.attributes, sidecar.attributes)
        assert json.loads(render_attributes(merged)) == [served(entry) for entry in product["Attributes"]]


def test_only_a_delivery_or_a_sibling_knows_the_attributes_left_out(samples: Path) -> None:
    sizes = {}
    for product in real_products(samples):
        names = {entry["Name"] for entry in product["Attributes"]}
        code = next(entry["Value"] for entry in product["Attributes"] if entry["Name"] == "productType")
        assert names >= NOT_IN_THE_FILE[code]
        sizes[code] = len(names)
    assert sizes == {"MSI_L1C_TL": 20, "MSI_L1C_TC": 20, "MSI_L1C_DS": 18}
