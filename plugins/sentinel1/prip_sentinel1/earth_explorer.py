"""Metadata of single files: Earth Explorer headers, masks, the on-board memory configuration."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from lxml import etree

from prip_core import (
    NEVER,
    AttributeValue,
    ProductFiles,
    ProductMetadata,
    TimeRange,
    read_xml,
    refusal,
    xml_text,
)
from prip_sentinel1.attributes import PLATFORM_SHORT_NAME, ordered, serial_identifier, typed_time
from prip_sentinel1.naming import ProductName

_SUFFIXES = (".HDR", ".EOF", ".XML")
_HEADER_PATHS = {
    "Earth_Explorer_File": "Earth_Explorer_Header/Fixed_Header",
    "Earth_Explorer_Header": "Fixed_Header",
}
MEMORY_ROOT = "OnBoardMemoryConfigurationUpdate"


class Header:
    """The fixed header of an Earth Explorer file.

    :param member: the file it stands in.
    :param element: its ``Fixed_Header``.
    """

    def __init__(self, member: str, element: etree._Element) -> None:
        self.member = member
        self._element = element

    def text(self, path: str) -> str | None:
        """The text at a path of local names, or ``None``."""
        return xml_text(self._element, path)

    def time(self, path: str) -> datetime:
        """The time (UTC) at a path of local names.

        :raises ProductRejected: missing or no time (rule QC-10).
        """
        return typed_time(self.text(path), what=path, member=self.member)


def inspect_earth_explorer(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """Metadata of a file with an Earth Explorer header.

    :raises ProductRejected: no header file (QC-06), not XML or another root (QC-07), fields missing (QC-10).
    """
    return _described_by(read_header(name, files), name)


def inspect_mask(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """Metadata of a mask: from its header, or from its name where it has none.

    :raises ProductRejected: as :func:`inspect_earth_explorer`, except for the root.
    """
    member = header_member(name, files)
    root = read_xml(files, member)
    if etree.QName(root).localname in _HEADER_PATHS:
        return _described_by(read_header(name, files), name)
    period = TimeRange(start=name.start, end=name.stop or NEVER)
    return _metadata(name, period, name.created, {})


def inspect_memory(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """Metadata of an on-board memory configuration.

    :raises ProductRejected: as :func:`inspect_earth_explorer`.
    """
    member = header_member(name, files)
    header = Header(member, read_xml(files, member, root=MEMORY_ROOT))
    period = TimeRange(start=header.time("Validity_Start"), end=header.time("Validity_Stop"))
    return _metadata(name, period, header.time("Creation_Time"), {})


def read_header(name: ProductName, files: ProductFiles) -> Header:
    """The fixed header of an Earth Explorer file.

    :raises ProductRejected: no header file (QC-06), not XML or another root (QC-07).
    """
    member = header_member(name, files)
    root = read_xml(files, member)
    path = _HEADER_PATHS.get(etree.QName(root).localname)
    fixed = root.find("/".join(f"{{*}}{step}" for step in path.split("/"))) if path else None
    if fixed is None:
        raise refusal("QC-07", f"it has no Fixed_Header in one of {', '.join(_HEADER_PATHS)}", member)
    return Header(member, fixed)


def header_member(name: ProductName, files: ProductFiles) -> str:
    """The member that describes the product: ``<name>.HDR``, ``.EOF`` or ``.xml``, or the bare file itself.

    :raises ProductRejected: there is none (rule QC-06).
    """
    members = files.names()
    if files.container == "file":
        return members[0]
    described = {
        PurePosixPath(member).suffix.upper(): member for member in members if PurePosixPath(member).stem == name.stem
    }
    for suffix in _SUFFIXES:
        if suffix in described:
            return described[suffix]
    expected = ", ".join(name.stem + suffix for suffix in _SUFFIXES)
    raise refusal("QC-06", f"it has none of the files {expected}")


def _described_by(header: Header, name: ProductName) -> ProductMetadata:
    period = TimeRange(
        start=header.time("Validity_Period/Validity_Start"), end=header.time("Validity_Period/Validity_Stop")
    )
    created = header.text("Source/Creation_Date")
    generated = typed_time(created, what="Source/Creation_Date", member=header.member) if created else None
    stated: dict[str, AttributeValue | None] = {
        "productType": header.text("File_Type"),
        "processingCenter": header.text("Source/System"),
        "processorVersion": header.text("Source/Creator_Version"),
    }
    return _metadata(name, period, generated, stated)


def _metadata(
    name: ProductName, period: TimeRange, generated: datetime | None, stated: dict[str, AttributeValue | None]
) -> ProductMetadata:
    values = stated | {
        "productType": stated.get("productType") or name.code,
        "beginningDateTime": period.start,
        "endingDateTime": period.end,
        "processingDate": generated,
        "platformShortName": PLATFORM_SHORT_NAME,
        "platformSerialIdentifier": serial_identifier(name.platform),
    }
    return ProductMetadata(content=period, attributes=ordered(values), generated=generated)
