"""Writes ``manifest.safe`` of built Sentinel-1 products, with the structure and namespaces of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prip_core import Position
from prip_core.testing.sentinel1.specification import Sentinel1Specification, polarisation_channels

_SAFE = "http://www.esa.int/safe/sentinel-1.0"
_NAMESPACES = {
    "xfdu": "urn:ccsds:schema:xfdu:1",
    "gml": "http://www.opengis.net/gml",
    "safe": _SAFE,
    "s1": f"{_SAFE}/sentinel-1",
    "s1sar": f"{_SAFE}/sentinel-1/sar",
    "s1sarl1": f"{_SAFE}/sentinel-1/sar/level-1",
    "s1sarl2": f"{_SAFE}/sentinel-1/sar/level-2",
    "s1auxsar": f"{_SAFE}/sentinel-1/auxiliary/sar",
}
_LEVEL_PREFIX = {"0": "s1sar", "1": "s1sarl1", "2": "s1sarl2", "A": "s1sarl1"}
_CYCLE = 175
"""Orbits in a repeat cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteStream:
    """A file that the manifest lists: its name below the product's folder, its bytes and their MD5."""

    name: str
    size: int
    md5: str


class _Context:
    """What the sections of a manifest need to know of a product."""

    def __init__(self, specification: Sentinel1Specification) -> None:
        code = specification.product_type
        self.specification = specification
        self.mode, self.kind, self.level, self.product_class = code[:2], code[3:6], code[8], code[9]
        self.is_radar = not code.endswith("_")
        self.is_raw = self.level == "0"
        self.prefix = _LEVEL_PREFIX[self.level]

    def time(self, moment: datetime) -> str:
        """Level 0 writes the zone, the other levels do not."""
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}" + ("Z" if self.is_raw else "")


def manifest(specification: Sentinel1Specification, streams: Sequence[ByteStream]) -> bytes:
    """The manifest of a sensed product."""
    context = _Context(specification)
    sections = [
        _section("acquisitionPeriod", _period(context)),
        _section("platform", _platform(context)),
        _section("measurementOrbitReference", _orbit(context)),
        _section("processing", _processing(context)),
    ]
    if context.is_radar:
        sections.append(_section("generalProductInformation", _product(context)))
        sections.append(_section("measurementFrameSet", _frames(context)))
    if context.is_radar and context.is_raw:
        sections.append(_section("measurementQualityInformation", _quality()))
    version = f"esa/safe/sentinel-1.0/sentinel-1/sar/level-{context.level}"
    return _xfdu(version, sections, streams)


def auxiliary_manifest(specification: Sentinel1Specification, streams: Sequence[ByteStream]) -> bytes:
    """The manifest of an auxiliary file in a SAFE folder; TEC and TRO state no validity, as the real ones."""
    code, made = specification.product_type, f"{specification.processed:%Y-%m-%dT%H:%M:%S.%f}"
    stated = f"<s1auxsar:auxProductType>{code}</s1auxsar:auxProductType>"
    stated += f"<s1auxsar:validity>{specification.start:%Y-%m-%dT%H:%M:%S.%f}</s1auxsar:validity>"
    stated += f"<s1auxsar:generation>{made}</s1auxsar:generation>"
    stated += "<s1auxsar:instrumentConfigurationId>7</s1auxsar:instrumentConfigurationId>"
    if code in ("AUX_TEC", "AUX_TRO"):
        stated = "<s1auxsar:origin>CODE</s1auxsar:origin>"
    product = f"<s1auxsar:standAloneProductInformation>{stated}</s1auxsar:standAloneProductInformation>"
    processing = (
        f'<safe:processing name="{code} Generation" start="{made}" stop="{made}">'
        '<safe:facility country="France" name="Mission Performance Cluster" site="MPC-Brest"/></safe:processing>'
    )
    sections = [_section("generalProductInformation", product), _section("processing", processing)]
    return _xfdu(f"esa/safe/sentinel-1.0/sentinel-1/auxiliary/sar/{code[4:].lower()}", sections, streams)


def _period(context: _Context) -> str:
    start, stop = context.specification.start, context.specification.stop
    extension = ""
    if context.mode != "HK":
        node, seconds = 726683.9, (stop - start).total_seconds()
        written = "{:.4f}" if context.is_raw else "{:.6e}"
        extension = (
            f"<safe:extension><s1:timeANX><s1:startTimeANX>{written.format(node)}</s1:startTimeANX>"
            f"<s1:stopTimeANX>{written.format(node + 1000 * seconds)}</s1:stopTimeANX></s1:timeANX></safe:extension>"
        )
    return (
        f"<safe:acquisitionPeriod><safe:startTime>{context.time(start)}</safe:startTime>"
        f"<safe:stopTime>{context.time(stop)}</safe:stopTime>{extension}</safe:acquisitionPeriod>"
    )


def _platform(context: _Context) -> str:
    instrument = ""
    if context.mode != "HK":
        name = '<safe:familyName abbreviation="SAR">Synthetic Aperture Radar</safe:familyName>'
        instrument = f"<safe:instrument>{name}{_instrument_mode(context)}</safe:instrument>"
    return (
        f"<safe:platform><safe:familyName>SENTINEL-1</safe:familyName>"
        f"<safe:number>{context.specification.platform[2]}</safe:number>{instrument}</safe:platform>"
    )


def _instrument_mode(context: _Context) -> str:
    if not context.is_radar:
        return ""
    stripmap = context.mode[0] == "S"
    swaths: tuple[str, ...] = (context.mode,)
    if context.kind == "SLC" and not stripmap:
        swaths = tuple(f"{context.mode}{number}" for number in range(1, {"IW": 3, "EW": 5}.get(context.mode, 2) + 1))
    prefix = context.prefix
    modes = f"<{prefix}:mode>{'SM' if stripmap else context.mode}</{prefix}:mode>"
    if not context.is_raw:
        modes += "".join(f"<{prefix}:swath>{swath}</{prefix}:swath>" for swath in swaths)
    elif stripmap:
        modes += f"<{prefix}:swathNumber>{context.mode[1]}</{prefix}:swathNumber>"
    return f"<safe:extension><{prefix}:instrumentMode>{modes}</{prefix}:instrumentMode></safe:extension>"


def _orbit(context: _Context) -> str:
    orbit = context.specification.orbit
    relative = (orbit - (27 if context.specification.platform == "S1B" else 73)) % _CYCLE + 1
    numbers = "".join(
        f'<safe:{name} type="start">{value}</safe:{name}><safe:{name} type="stop">{value}</safe:{name}>'
        for name, value in (("orbitNumber", orbit), ("relativeOrbitNumber", relative))
    )
    extension = ""
    if context.mode != "HK":
        extension = (
            "<safe:extension><s1:orbitProperties><s1:pass>ASCENDING</s1:pass></s1:orbitProperties></safe:extension>"
        )
    return (
        f"<safe:orbitReference>{numbers}<safe:cycleNumber>{1 + orbit // _CYCLE}</safe:cycleNumber>"
        f"{extension}</safe:orbitReference>"
    )


def _product(context: _Context) -> str:
    channels = polarisation_channels(context.specification)
    values: list[tuple[str, object]] = [
        ("productClass", context.product_class),
        ("instrumentConfigurationID", 7),
        ("missionDataTakeID", context.specification.datatake),
        ("sliceProductFlag", "TRUE" if context.is_raw else "true"),
        ("sliceNumber", 7),
    ]
    if context.is_raw:
        values += [("productConsolidation", "SLICE"), ("totalNumberOfSlices", 20)]
    else:
        values += [("productComposition", "Slice"), ("productType", context.kind), ("totalSlices", 20)]
        values += [
            ("productTimelinessCategory", "NRT-3h"),
            ("segmentStartTime", context.time(context.specification.start)),
        ]
    values += [("transmitterReceiverPolarisation", name) for name in (channels[::-1] if context.is_raw else channels)]
    written = "".join(f"<{context.prefix}:{name}>{value}</{context.prefix}:{name}>" for name, value in values)
    return f"<{context.prefix}:standAloneProductInformation>{written}</{context.prefix}:standAloneProductInformation>"


def _processing(context: _Context) -> str:
    """The step that made the product; inside it the one that made its input, which says nothing of the product."""
    made = f"{context.specification.processed:%Y-%m-%dT%H:%M:%S.%f}"
    software = "" if context.is_raw else '<safe:software name="Sentinel-1 IPF" version="003.90"/>'
    return (
        f'<safe:processing name="{context.kind} Processing" start="{made}" stop="{made}">'
        '<safe:facility country="Italy" name="Copernicus Ground Segment" organisation="ESA" site="Production Service">'
        f"{software}</safe:facility>"
        '<safe:resource name="Downlinked Stream" role="Raw Data">'
        f'<safe:processing name="Raw Data Downlink" start="{context.time(context.specification.stop)}">'
        '<safe:facility name="SGS_" site="Svalbard"><safe:software name="Downlink" version="1.0"/></safe:facility>'
        "</safe:processing></safe:resource></safe:processing>"
    )


def _frames(context: _Context) -> str:
    frames = "".join(
        '<safe:frame><safe:footPrint srsName="http://www.opengis.net/gml/srs/epsg.xml#4326">'
        f"<gml:coordinates>{_coordinates(frame)}</gml:coordinates></safe:footPrint></safe:frame>"
        for frame in _areas(context)
    )
    return f"<safe:frameSet>{frames}</safe:frameSet>"


def _areas(context: _Context) -> list[tuple[Position, ...]]:
    ring = context.specification.ring
    if context.is_raw and context.mode in ("WV", "RF"):
        return [(ring[0], ring[-1])]
    if context.mode == "WV":
        return [_vignette(*corner) for corner in ring]
    return [(*ring, ring[0])] if context.is_raw else [ring]


def _vignette(longitude: float, latitude: float) -> tuple[Position, ...]:
    """A wave-mode image of about 20 km beside a point."""
    east, north = round(longitude + 0.2, 6), round(latitude + 0.2, 6)
    return ((longitude, latitude), (longitude, north), (east, north), (east, latitude))


def _coordinates(frame: Sequence[Position]) -> str:
    return " ".join(f"{latitude:.6f},{longitude:.6f}" for longitude, latitude in frame)


def _quality() -> str:
    counts = (("dataObjectID", "measurementData1"), ("numOfElements", 52053), ("numOfMissingElements", 3))
    written = "".join(f"<s1:{name}>{value}</s1:{name}>" for name, value in (*counts, ("numOfCorruptedElements", 1)))
    return (
        f"<safe:qualityInformation><safe:extension><s1:qualityProperties>{written}</s1:qualityProperties>"
        "</safe:extension></safe:qualityInformation>"
    )


def _section(identifier: str, content: str) -> str:
    return (
        f'<metadataObject ID="{identifier}" classification="DESCRIPTION" category="DMD">'
        f'<metadataWrap mimeType="text/xml" vocabularyName="SAFE"><xmlData>{content}</xmlData></metadataWrap>'
        "</metadataObject>\n"
    )


def _xfdu(version: str, sections: Sequence[str], streams: Sequence[ByteStream]) -> bytes:
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    pointers = "".join(f'<dataObjectPointer dataObjectID="data{n}"/>' for n in range(1, len(streams) + 1))
    objects = "".join(_data_object(number, stream) for number, stream in enumerate(streams, start=1))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xfdu:XFDU {namespaces} version="{version}">\n'
        f'<informationPackageMap><xfdu:contentUnit unitType="SAFE Archive Information Package">{pointers}'
        f"</xfdu:contentUnit></informationPackageMap>\n"
        f"<metadataSection>\n{''.join(sections)}</metadataSection>\n"
        f"<dataObjectSection>\n{objects}</dataObjectSection>\n</xfdu:XFDU>\n"
    ).encode()


def _data_object(number: int, stream: ByteStream) -> str:
    return (
        f'<dataObject ID="data{number}"><byteStream mimeType="application/octet-stream" size="{stream.size}">'
        f'<fileLocation locatorType="URL" href="./{stream.name}"/>'
        f'<checksum checksumName="MD5">{stream.md5}</checksum></byteStream></dataObject>\n'
    )
