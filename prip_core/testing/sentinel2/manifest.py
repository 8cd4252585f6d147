"""The manifest.safe of built Sentinel-2 products, with the true size and checksum of every file it lists."""

from __future__ import annotations

from collections.abc import Mapping

from prip_core.testing.packages import Content, digest_of
from prip_core.testing.sentinel2.documents import finish, utc
from prip_core.testing.sentinel2.specification import Sentinel2Specification

_XFDU = "urn:ccsds:schema:xfdu:1"
_SAFE = "http://www.esa.int/safe/sentinel-1.0"
_MIME = {".jp2": "image/jpeg", ".xml": "text/xml"}


def manifest(specification: Sentinel2Specification, members: Mapping[str, bytes | Content]) -> bytes:
    """The manifest of a PDI, of telemetry or of a user product.

    :param members: the files to list, by their path below the top folder.
    """
    is_telemetry = specification.product_type == "PRD_HKTM__"
    objects = "".join(
        _data_object(number, name, content, "MD5" if is_telemetry else "SHA3-256")
        for number, (name, content) in enumerate(members.items(), start=1)
    )
    xml = f"""<xfdu:XFDU xmlns:xfdu="{_XFDU}" xmlns:safe="{_SAFE}" version="esa/safe/sentinel-1.0/sentinel-2">
  <informationPackageMap>
    <xfdu:contentUnit dmdID="acquisitionPeriod platform" pdiID="processing" unitType="{specification.product_type}"/>
  </informationPackageMap>
  <metadataSection>{_sections(specification)}</metadataSection>
  <dataObjectSection>{objects}</dataObjectSection>
</xfdu:XFDU>"""
    return finish(xml, specification)


def _sections(specification: Sentinel2Specification) -> str:
    period = (
        f"<safe:startTime>{utc(specification.sensing)}</safe:startTime>"
        f"<safe:stopTime>{utc(specification.stop)}</safe:stopTime>"
    )
    platform = f"<safe:familyName>SENTINEL-2</safe:familyName><safe:number>{specification.platform[2]}</safe:number>"
    orbit = "".join(
        f'<safe:{element} type="{end}">{number}</safe:{element}>'
        for element, number in (
            ("orbitNumber", specification.orbit),
            ("relativeOrbitNumber", specification.relative_orbit),
        )
        for end in ("start", "stop")
    )
    facility = f'<safe:facility country="Italy" name="ESA" organisation="ESA" site="{specification.site}"/>'
    made = f' name="Generation" start="{utc(specification.made)}"'
    return (
        _section("acquisitionPeriod", "acquisitionPeriod", period)
        + _section("platform", "platform", platform)
        + _section("measurementOrbitReference", "orbitReference", orbit)
        + _section("processing", "processing", facility, made)
    )


def _section(identifier: str, element: str, content: str, attributes: str = "") -> str:
    return (
        f'<metadataObject ID="{identifier}" category="DMD" classification="DESCRIPTION"><metadataWrap><xmlData>'
        f"<safe:{element}{attributes}>{content}</safe:{element}></xmlData></metadataWrap></metadataObject>"
    )


def _data_object(number: int, name: str, content: bytes | Content, algorithm: str) -> str:
    mime = next((mime for suffix, mime in _MIME.items() if name.endswith(suffix)), "application/octet-stream")
    return (
        f'<dataObject ID="Data_{number}"><byteStream mimeType="{mime}" size="{len(content)}">'
        f'<fileLocation href="./{name}" locatorType="URL"/>'
        f'<checksum checksumName="{algorithm}">{_digest(content, algorithm)}</checksum></byteStream></dataObject>'
    )


def _digest(content: bytes | Content, algorithm: str) -> str:
    if algorithm == "SHA3-256":
        return digest_of(content, "sha3_256").upper()
    return digest_of(content, "md5")
