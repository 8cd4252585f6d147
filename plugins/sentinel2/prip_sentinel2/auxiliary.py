"""Auxiliary files, processing parameters and mission planning: Earth Explorer headers, or the name alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from prip_core import NEVER, AttributeValue, ProductFiles, ProductMetadata, TimeRange, refusal
from prip_sentinel2.fields import Fields, named_moment, ordered_attributes
from prip_sentinel2.members import document, missing
from prip_sentinel2.naming import ProductName

_HEADER = {
    ".HDR": ("Earth_Explorer_Header", "Fixed_Header"),
    ".EOF": ("Earth_Explorer_File", "Earth_Explorer_Header/Fixed_Header"),
}

_WITH_HEADER = frozenset({".tgz", ".eof", ".xml"})
"""Files in these forms carry a header; of others the name may be all that there is."""


def describe_auxiliary(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """The metadata of an auxiliary file.

    :raises ProductRejected: the header is missing or malformed, or a ``.TGZ`` is no gzipped tar.
    """
    if name.suffix.lower() == ".tgz" and files.container != "gzipped tar":
        raise refusal("QC-04", f"{name.identifier}{name.suffix} is no gzipped tar, but a {files.container}")
    header = read_header(files)
    if header is None and name.suffix.lower() in _WITH_HEADER:
        raise missing(f"the header of {name.identifier} (.HDR or .EOF)")
    content, created = _validity(name, header), _created(name, header)
    values: dict[str, AttributeValue | None] = {
        "productType": name.product_type,
        "beginningDateTime": content.start,
        "endingDateTime": content.end,
        "processingDate": created,
        "processingCenter": (header.text("Source/System") if header else None) or name.fields.get("site"),
        "processorVersion": header.text("Source/Creator_Version") if header else None,
        "platformShortName": "SENTINEL-2",
        "platformSerialIdentifier": name.fields["mission"][2].strip("_") or None,
    }
    return ProductMetadata(content=content, attributes=ordered_attributes(values), generated=created)


def read_header(files: ProductFiles) -> Fields | None:
    """The fixed header of an Earth Explorer file: in its ``.HDR`` or ``.EOF``; ``None`` without one.

    :raises ProductRejected: more than one, or malformed.
    """
    found = [name for name in files.names() if PurePosixPath(name).suffix.upper() in _HEADER]
    if files.container == "file" and not found:
        found = [name for name in files.names() if name.endswith(".xml")]
    if not found:
        return None
    if len(found) > 1:
        raise refusal("QC-06", f"expected one header, found {', '.join(sorted(found))}")
    root, path = _HEADER.get(PurePosixPath(found[0]).suffix.upper(), _HEADER[".EOF"])
    whole = document(files, found[0], root=root)
    fixed = whole.element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    if fixed is None:
        raise whole.rejected(f"{path} is missing")
    return Fields(fixed, whole.member)


def _validity(name: ProductName, header: Fields | None) -> TimeRange:
    if header is not None:
        return TimeRange(
            start=header.required_moment("Validity_Period/Validity_Start"),
            end=header.required_moment("Validity_Period/Validity_Stop"),
        )
    fields = name.fields
    start = fields.get("start") or fields.get("valid") or fields.get("first") or fields["created"]
    stop = fields.get("stop") or fields.get("last")
    return TimeRange(start=named_moment(start), end=named_moment(stop) if stop else NEVER)


def _created(name: ProductName, header: Fields | None) -> datetime | None:
    written = header.moment("Source/Creation_Date") if header else None
    if written is None and "created" in name.fields:
        return named_moment(name.fields["created"])
    return written
