"""What answers have in common before a catalogue has any of its own to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prip_core.model import ProductionType
from prip_core.odata import edm

_ATTRIBUTE_NAMES: Mapping[str, str] = {
    "String": "authority coordinates datastripId datatakeID granuleIdentifier identifier instrumentShortName "
    "lastOrbitDirection operationalMode orbitDirection origin parentIdentifier platformSerialIdentifier "
    "platformShortName polarisationChannels processingCenter processingLevel processingMode processorName "
    "processorVersion productClass productComposition productConsolidation productGroupId productType qualityInfo "
    "qualityStatus swathIdentifier tileId timeliness baselineCollection parentProduct checkName",
    "Integer": "cycleNumber detectorId instrumentConfigurationID lastOrbitNumber lastRelativeOrbitNumber orbitNumber "
    "relativeOrbitNumber sliceNumber totalSlices qualityNumOfElement qualityNumOfMissingElements "
    "qualityNumOfCorruptedElements qualityNumOfRSIncorrigibleElements qualityNumOfRSCorrectedElements "
    "qualityNumOfRSCorrectedSymbols",
    "Double": "cloudCover illuminationZenithAngle startTimeFromAscendingNode completionTimeFromAscendingNode",
    "Boolean": "sliceProductFlag",
    "DateTimeOffset": "beginningDateTime endingDateTime processingDate productGeneration segmentStartTime",
}
_VALUES = (
    "SENTINEL-1 SENTINEL-2 SENTINEL-3 SENTINEL-5P MSI SAR ASCENDING DESCENDING NOMINAL NRT L0 L1A L1B L1C L2A true"
)


def common_text() -> bytes:
    """The dictionary that new databases get: what answers repeat, their most frequent parts last (they are nearest).

    A database keeps those that its documents were packed with, so this text may change.
    """
    return "".join(_common_parts()).encode()


def _common_parts() -> Iterator[str]:
    yield _VALUES
    for kind, names in _ATTRIBUTE_NAMES.items():
        opening = f'{{"@odata.type":"#{edm.NAMESPACE}.{kind}Attribute","Name":"'
        quote = '"' if kind in {"String", "DateTimeOffset"} else ""
        for name in names.split():
            yield f'{opening}{name}","ValueType":"{kind}","Value":{quote}'
        yield f'"}},{opening}'
    yield ",".join(f'"ProductionType":"{member.label}"' for member in ProductionType)
    yield '"GeoFootprint":{"type":"MultiPolygon","coordinates":[[[[-"Footprint":"geography\'SRID=4326;MULTIPOLYGON(((-'
    for content_type in ("application/octet-stream", "application/zip", "application/xml", "application/x-tar"):
        yield f'"@odata.mediaContentType":"{content_type}","Id":"-4-8","Name":"S2A_OPER_",'
        yield f'"ContentType":"{content_type}",'
    yield (
        '"ContentLength":0,"OriginDate":"2025-01-01T00:00:00.000Z","PublicationDate":"2026-01-01T00:00:00.000Z",'
        '"Checksum":[{"Algorithm":"MD5","Value":"","ChecksumDate":"2026-01-01T00:00:00.000Z"},'
        '{"Algorithm":"BLAKE3","Value":"","ChecksumDate":"2026-01-01T00:00:00.000Z"}],'
        '"ProductionType":"systematic_production",'
        '"ContentDate":{"Start":"2026-01-01T00:00:00.000Z","End":"2026-01-01T00:00:00.000Z"},'
        '"Footprint":"geography\'SRID=4326;POLYGON((0.0))\'",'
        '"GeoFootprint":{"type":"Polygon","coordinates":[[[0.0],[0.0]]]}"Footprint":null,"GeoFootprint":null'
    )
