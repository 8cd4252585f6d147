"""House-keeping telemetry: its metadata stand in manifest.safe alone."""

from __future__ import annotations

from lxml import etree

from prip_core import AttributeValue, ProductFiles, ProductMetadata, TimeRange
from prip_sentinel2.fields import Fields, ordered_attributes
from prip_sentinel2.members import MANIFEST, document, manifest_entries, top_member
from prip_sentinel2.naming import ProductName

_DATA = "{*}metadataSection/{*}metadataObject[@ID='%s']/{*}metadataWrap/{*}xmlData/{*}%s"


def describe_housekeeping(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """The metadata of house-keeping telemetry.

    :raises ProductRejected: the manifest is missing or malformed.
    """
    manifest = document(files, top_member(files, MANIFEST), root="XFDU")
    period, orbit = _section(manifest, "acquisitionPeriod"), _orbit(manifest)
    platform, processing = _section(manifest, "platform"), _section(manifest, "processing")
    content = TimeRange(start=period.required_moment("startTime"), end=period.required_moment("stopTime"))
    generated = processing.own_moment("start")
    values: dict[str, AttributeValue | None] = {
        "productType": name.product_type,
        "beginningDateTime": content.start,
        "endingDateTime": content.end,
        "processingDate": generated,
        "processingCenter": processing.attribute("facility", "site"),
        "platformShortName": platform.required("familyName"),
        "platformSerialIdentifier": platform.required("number"),
        "instrumentShortName": "HKTM",
        "orbitNumber": orbit.integer("orbitNumber[@type='start']"),
        "lastOrbitNumber": orbit.integer("orbitNumber[@type='stop']"),
        "relativeOrbitNumber": orbit.integer("relativeOrbitNumber[@type='start']"),
    }
    return ProductMetadata(
        content=content,
        attributes=ordered_attributes(values),
        generated=generated,
        manifest=manifest_entries(files),
    )


def manifest_section(manifest: Fields, identifier: str, element: str) -> Fields | None:
    """The content of one ``metadataObject`` of a manifest, or ``None``."""
    found = manifest.element.find(_DATA % (identifier, element))
    return None if found is None else Fields(found, manifest.member)


def _section(manifest: Fields, name: str) -> Fields:
    found = manifest_section(manifest, name, name)
    if found is None:
        raise manifest.rejected(f"the section {name} is missing")
    return found


def _orbit(manifest: Fields) -> Fields:
    found = manifest_section(manifest, "measurementOrbitReference", "orbitReference")
    return found or Fields(etree.Element("orbitReference"), manifest.member)
