"""Where the metadata of a delivered file lies, and the documents themselves, each parsed once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from lxml import etree

from prip_core import ListedMember, ProductFiles, ProductRejected, listed_members, read_xml, refusal
from prip_sentinel2.fields import Fields

INVENTORY = "Inventory_Metadata.xml"
MANIFEST = "manifest.safe"

_METADATA_FILE = re.compile(r"(?:S2[A-D]_[A-Z0-9]{4}_)?MTD_[^/]*\.xml")
_REPORT_FILE = re.compile(r"[^/]*_report\.xml|(?:FORMAT|GENERAL|GEOMETRIC|RADIOMETRIC|SENSOR|L2A)_[A-Z]*\.xml")
_PICTURE = re.compile(r"[^/]*_QLK_[^/]*\.(?:jp2|png|jpe?g)", re.IGNORECASE)

_PARSED: WeakKeyDictionary[ProductFiles, dict[str, etree._Element]] = WeakKeyDictionary()
"""Metadata and each rule look at the same few documents; a datastrip's has 6 MB."""


def document(files: ProductFiles, member: str, *, root: str | None = None) -> Fields:
    """An XML member, parsed once for as long as the view of the delivered file lives.

    :param root: local name that the root element must have.
    :raises ProductRejected: missing, not well-formed, hostile, or another root element (rules QC-06, QC-07).
    """
    parsed = _PARSED.setdefault(files, {})
    if member not in parsed:
        parsed[member] = read_xml(files, member)
    fields = Fields(parsed[member], member)
    if root is not None and fields.root != root:
        raise refusal("QC-07", f"the root element is {fields.root}, expected {root}", member)
    return fields


def top_members(files: ProductFiles) -> Sequence[str]:
    """The members that lie directly in the top folder; of a bare file, itself."""
    depth = 1 if files.container == "file" else 2
    return [name for name in files.names() if name.count("/") + 1 == depth]


def find_top_member(files: ProductFiles, base_name: str) -> str | None:
    """The member of this base name in the top folder."""
    return next((name for name in top_members(files) if name.rpartition("/")[2] == base_name), None)


def top_member(files: ProductFiles, base_name: str) -> str:
    """The member of this base name in the top folder, which must be there.

    :raises ProductRejected: it is missing (rule QC-06), for the file is no container at all (QC-04).
    """
    if files.container == "file":
        raise refusal("QC-04", f"the delivered file is no tar and no zip, so it has no {base_name}: deliver it again")
    found = find_top_member(files, base_name)
    if found is None:
        raise missing(base_name)
    return found


def metadata_member(files: ProductFiles) -> str:
    """The MTD file of a product: ``S2x_OPER_MTD_….xml``, ``MTD_TL.xml``, ``MTD_DS.xml`` or ``MTD_MSIL1C.xml``.

    :raises ProductRejected: there is none, or more than one (rule QC-06).
    """
    found = [name for name in top_members(files) if _METADATA_FILE.fullmatch(name.rpartition("/")[2])]
    if not found:
        raise missing("the product's metadata file (MTD_….xml)")
    if len(found) > 1:
        raise refusal("QC-06", f"expected one metadata file (MTD_….xml), found {', '.join(sorted(found))}")
    return found[0]


def report_members(files: ProductFiles) -> Sequence[str]:
    """The quality reports inside ``QI_DATA``: of the top folder, of a user product's granules and datastrips."""
    return [name for name in _quality_data(files) if _REPORT_FILE.fullmatch(name.rpartition("/")[2])]


def quicklook_members(files: ProductFiles) -> tuple[str, ...]:
    """The pictures that a Level-0 datastrip carries, one for each quicklook band."""
    return tuple(name for name in _quality_data(files) if _PICTURE.fullmatch(name.rpartition("/")[2]))


def manifest_entries(files: ProductFiles) -> Mapping[str, ListedMember]:
    """What the product's manifest says of its files.

    :returns: nothing without a manifest that can be read: rules QC-06 and QC-07 say so.
    :raises ProductRejected: it contradicts itself (rule QC-08).
    """
    member = find_top_member(files, MANIFEST)
    if member is None:
        return {}
    try:
        manifest = document(files, member)
    except ProductRejected:
        return {}
    return listed_members(manifest.element, member)


def missing(what: str) -> ProductRejected:
    """The refusal of a product that lacks a mandatory file."""
    return refusal("QC-06", f"{what} is missing: deliver the complete product")


def _quality_data(files: ProductFiles) -> Sequence[str]:
    return [name for name in files.names() if name.split("/")[-2:-1] == ["QI_DATA"]]
