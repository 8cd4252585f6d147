"""The XML boxes of a JPEG 2000 file: a true colour image carries its inventory and its place in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from prip_core import ProductFiles, parse_xml, refusal
from prip_sentinel2.fields import Fields
from prip_sentinel2.members import missing

SIGNATURE = bytes.fromhex("0000000C6A5020200D0A870A")
_BOX_LIMIT = 16 * 1024 * 1024
_COUNT_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDocuments:
    """The documents of a true colour image.

    :param placement: the GML that places the image on the Earth, when there is one.
    """

    inventory: Fields
    placement: Fields | None


def read_image_documents(files: ProductFiles, member: str) -> ImageDocuments:
    """Read the XML boxes in front of the image.

    :raises ProductRejected: no JPEG 2000 file, a broken box, malformed XML, or no inventory among the boxes.
    """
    with files.open(member) as image:
        if image.read(len(SIGNATURE)) != SIGNATURE:
            raise refusal("QC-04", "this is no JPEG 2000 file: its signature is missing", member)
        elements = [
            parse_xml(content, member=member)
            for content in _xml_boxes(image, len(SIGNATURE), files.size(member), member)
        ]
    documents = {etree.QName(element).localname: Fields(element, member) for element in elements}
    if "Inventory_Metadata" not in documents:
        raise missing(f"the Inventory_Metadata box of {member}")
    return ImageDocuments(inventory=documents["Inventory_Metadata"], placement=documents.get("FeatureCollection"))


def _xml_boxes(image: BinaryIO, start: int, end: int, member: str) -> Iterator[bytes]:
    """Contents of the ``xml`` boxes in front of the code stream, those inside ``asoc`` boxes among them."""
    position = start
    for _ in range(_COUNT_LIMIT):
        if position + 8 > end:
            return
        image.seek(position)
        kind, header, length = _box_header(image, end - position)
        if length < header or (position + length > end and kind != b"jp2c"):
            raise refusal("QC-04", f"the box {kind.decode('ascii', 'replace')!r} at byte {position} is cut off", member)
        if kind == b"jp2c":
            return
        if kind == b"asoc":
            position += header
            continue
        if kind == b"xml ":
            yield _content(image, length - header, member)
        position += length
    raise refusal("QC-04", f"there are more than {_COUNT_LIMIT} boxes in front of the image", member)


def _box_header(image: BinaryIO, remaining: int) -> tuple[bytes, int, int]:
    """Kind, bytes of the header and bytes of the whole box (0 in the file: up to the end)."""
    length, kind = int.from_bytes(image.read(4), "big"), image.read(4)
    if length == 1:
        return kind, 16, int.from_bytes(image.read(8), "big")
    return kind, 8, length or remaining


def _content(image: BinaryIO, size: int, member: str) -> bytes:
    if size > _BOX_LIMIT:
        raise refusal("QC-07", f"an XML box has {size} bytes, at most {_BOX_LIMIT} are read", member)
    return image.read(size).strip(b"\0 \r\n\t")
