"""``manifest.safe`` of any Sentinel-1 product: found, read, and asked by local names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from prip_core import ProductFiles, parse_xml, refusal

MANIFEST = "manifest.safe"
_LIMIT = 16 * 1024 * 1024
"""The largest manifest that is read, in bytes (a wave-mode product's has 0.2 MB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest that was read.

    :param member: its name in the product.
    :param content: its bytes, over which the CRC in the product's name is made.
    """

    member: str
    content: bytes
    root: etree._Element

    def texts(self, block: str, path: str = "", attribute: str = "") -> list[str]:
        """All texts at a path of local names below a metadata block, in file order, empty ones left out.

        A block (``platform``, ``processing``) is what stands directly in an ``xmlData`` of the metadata section, so
        that what a product says of its inputs, deeper inside, never counts. All blocks of the name are asked.

        :param path: steps with ``/``, each with an optional predicate (``orbitNumber[@type='start']``); empty: the
            block itself.
        :param attribute: read this XML attribute instead of the text.
        """
        wrapped = ("metadataSection", "metadataObject", "metadataWrap", "xmlData", block)
        steps = "/".join(f"{{*}}{step}" for step in (*wrapped, *filter(None, path.split("/"))))
        found = (element.get(attribute) if attribute else element.text for element in self.root.iterfind(steps))
        return [text.strip() for text in found if text and text.strip()]

    def text(self, block: str, path: str = "", attribute: str = "") -> str | None:
        """The first of :meth:`texts`, or ``None``."""
        return next(iter(self.texts(block, path, attribute)), None)


def read_manifest(files: ProductFiles) -> Manifest:
    """The manifest in the product's top folder.

    :raises ProductRejected: missing (rule QC-06), not well-formed or not an XFDU (rule QC-07).
    """
    member = _manifest_member(files)
    content = files.read(member, _LIMIT)
    return Manifest(member=member, content=content, root=parse_xml(content, member=member, root="XFDU"))


def _manifest_member(files: ProductFiles) -> str:
    paths = (PurePosixPath(name) for name in files.names())
    found = [str(path) for path in paths if path.name == MANIFEST and len(path.parts) == 2]
    if len(found) != 1:
        raise refusal("QC-06", f"the product has {len(found)} files {MANIFEST} in a top folder, expected one")
    return found[0]
