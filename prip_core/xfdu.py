"""The list of files in an XFDU manifest (CCSDS 661.0-B), which the products of several missions carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from lxml import etree

from prip_core.model import ListedMember
from prip_core.rules import refusal


def listed_members(manifest: etree._Element, member: str) -> Mapping[str, ListedMember]:
    """What the data objects of a manifest say of each file: ``ProductMetadata.manifest``.

    :param manifest: its root element.
    :param member: the manifest's own name in the product; the paths in it begin in the same folder.
    :raises ProductRejected: a file is listed twice, or a size is no number (rule QC-08).
    """
    listed: dict[str, ListedMember] = {}
    for name, described in _entries(manifest, member):
        if listed.setdefault(name, described) != described:
            raise refusal("QC-08", f"it lists {name} twice, and not in the same way", member)
    return listed


def _entries(manifest: etree._Element, member: str) -> Iterator[tuple[str, ListedMember]]:
    folder = PurePosixPath(member).parent
    for stream in manifest.iterfind("{*}dataObjectSection/{*}dataObject/{*}byteStream"):
        location, checksum = stream.find("{*}fileLocation"), stream.find("{*}checksum")
        path = None if location is None else location.get("href")
        if path:
            yield (
                str(folder / path),
                ListedMember(
                    size=_size(stream.get("size"), path, member),
                    algorithm=None if checksum is None else checksum.get("checksumName"),
                    digest=None if checksum is None else (checksum.text or "").strip(),
                ),
            )


def _size(text: str | None, path: str, member: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise refusal("QC-08", f"the size of {path} is {text[:40]!r}, expected a whole number", member)
    return int(text)
