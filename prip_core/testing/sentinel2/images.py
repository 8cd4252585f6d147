"""A true colour image: a JPEG 2000 file with the boxes that the production puts in front of the image."""

from __future__ import annotations

import io
from typing import BinaryIO

from prip_core.testing.packages import Filler
from prip_core.testing.sentinel2.documents import finish, inventory, reference_system
from prip_core.testing.sentinel2.specification import Sentinel2Specification, with_baseline

_SIGNATURE = bytes.fromhex("0000000C6A5020200D0A870A")
_FILE_TYPE = b"jp2 \0\0\0\0jp2 "
_HEADER = bytes.fromhex("00000016696864720000 2AE4 0000 2AE4 0003 07 07 00 00".replace(" ", ""))
_CODE_STREAM_START = bytes.fromhex("FF4F")


def write_true_colour(specification: Sentinel2Specification, target: BinaryIO) -> None:
    """Write the image; ``Inventory_Metadata.xml`` and ``gml.data`` may be left out of it."""
    boxes = _SIGNATURE + _box(b"ftyp", _FILE_TYPE) + _box(b"jp2h", _HEADER)
    if "gml.data" not in specification.without:
        placement = _box(b"lbl ", b"gml.root-instance") + _box(b"xml ", _placement(specification))
        boxes += _box(b"asoc", _box(b"lbl ", b"gml.data") + _box(b"asoc", placement))
    if "Inventory_Metadata.xml" not in specification.without:
        content = inventory(specification, with_baseline(specification), specification.size)
        boxes += _box(b"xml ", specification.replaced.get("Inventory_Metadata.xml", content))
    target.write(boxes)
    pixels = max(0, specification.size - len(boxes) - 8 - len(_CODE_STREAM_START))
    target.write((8 + len(_CODE_STREAM_START) + pixels).to_bytes(4, "big") + b"jp2c" + _CODE_STREAM_START)
    with Filler(pixels).open() as source:
        while block := source.read(io.DEFAULT_BUFFER_SIZE * 64):
            target.write(block)


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def _placement(specification: Sentinel2Specification) -> bytes:
    left, top = specification.upper_left
    system = f"urn:ogc:def:crs:EPSG::{reference_system(specification)}"
    xml = f"""<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">
  <gml:featureMember><gml:FeatureCollection><gml:featureMember>
    <gml:RectifiedGridCoverage dimension="2"><gml:rectifiedGridDomain><gml:RectifiedGrid dimension="2">
      <gml:limits><gml:GridEnvelope>
        <gml:low>1 1</gml:low><gml:high>10980 10980</gml:high>
      </gml:GridEnvelope></gml:limits>
      <gml:origin><gml:Point srsName="{system}"><gml:pos>{left + 5} {top - 5}</gml:pos></gml:Point></gml:origin>
      <gml:offsetVector srsName="{system}">10 0</gml:offsetVector>
      <gml:offsetVector srsName="{system}">0 -10</gml:offsetVector>
    </gml:RectifiedGrid></gml:rectifiedGridDomain></gml:RectifiedGridCoverage>
  </gml:featureMember></gml:FeatureCollection></gml:featureMember>
</gml:FeatureCollection>"""
    return finish(xml, specification)
