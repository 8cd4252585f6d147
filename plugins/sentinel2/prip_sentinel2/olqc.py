"""Reports of the online quality control: one XML report, or all of a datastrip in one tar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from prip_core import AttributeValue, ProductFiles, ProductMetadata, TimeRange, refusal
from prip_sentinel2.fields import Fields, named_moment, ordered_attributes
from prip_sentinel2.members import document, missing
from prip_sentinel2.naming import ProductName

ROOTS = frozenset({"Earth_Explorer_File", "L2A_Quality_File"})
"""Root elements of reports: of the quality control, and of the Level-2A processor."""

PASSED = "PASSED"
STATUSES = frozenset({PASSED, "FAILED", "ERROR"})

MESSAGE_LIMIT = 500
"""How much of an inspection's message is kept; characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What one inspection of a report found.

    :param status: ``PASSED``, ``FAILED`` or ``ERROR``.
    :param message: what it says about it, in one line.
    """

    identifier: str
    status: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one report says.

    :param check: name of what was checked, e.g. ``SENSOR_QUALITY``; a report of the Level-2A processor has several.
    :param status: ``PASSED``, ``FAILED`` or ``ERROR``.
    :param inspections: each single inspection; the Level-2A processor's reports have none.
    :param items: names of the products that were inspected.
    """

    member: str
    root: str
    namespace: str | None
    file_type: str | None
    check: str | None
    status: str | None
    date: datetime | None
    creator_version: str | None
    inspections: tuple[Inspection, ...]
    items: tuple[str, ...]


def describe_report(name: ProductName, files: ProductFiles) -> ProductMetadata:
    """The metadata of a quality report.

    :raises ProductRejected: it is malformed, or a tar holds none.
    """
    reports = read_reports(files)
    dates = [report.date for report in reports if report.date]
    generated = max(dates, default=named_moment(name.fields["created"]))
    inspected = next((item for report in reports for item in report.items), None)
    values = {
        "productType": name.product_type,
        "checkName": name.fields["check"],
        "parentProduct": inspected,
        "datastripId": inspected if name.fields["reported"].endswith("_DS") else None,
        "platformShortName": "SENTINEL-2",
        "platformSerialIdentifier": name.fields["mission"][2],
        "instrumentShortName": "MSI",
        "processingCenter": name.fields["site"],
        "processingDate": max(dates, default=None),
        "processorVersion": next((report.creator_version for report in reports if report.creator_version), None),
        "qualityStatus": "NOMINAL" if all(report.status == PASSED for report in reports) else "DEGRADED",
    }
    content, known = _content(name, generated)
    return ProductMetadata(
        content=content,
        attributes=ordered_attributes(values | known),
        parent=inspected,
        generated=generated,
    )


def read_reports(files: ProductFiles) -> Sequence[Report]:
    """Every report in a delivered file.

    :raises ProductRejected: there is none, or one is malformed.
    """
    members = [name for name in files.names() if name.endswith(".xml")]
    if not members:
        raise missing("a quality report (…_report.xml)")
    return [read_report(document(files, member)) for member in members]


def _content(name: ProductName, generated: datetime) -> tuple[TimeRange, dict[str, AttributeValue | None]]:
    """The period that a report is about, and what of it is certain: its name says when sensing began, at most."""
    if "sensing" not in name.fields:
        return TimeRange(start=generated, end=generated), {}
    sensing = named_moment(name.fields["sensing"])
    known: dict[str, AttributeValue | None] = {"beginningDateTime": sensing}
    if "detector" in name.fields:
        known["endingDateTime"] = sensing
    return TimeRange(start=sensing, end=sensing), known


def read_report(fields: Fields) -> Report:
    """Read one report.

    :raises ProductRejected: it has another form.
    """
    root = etree.QName(fields.element)
    if root.localname not in ROOTS:
        expected = " or ".join(sorted(ROOTS))
        raise refusal("QC-07", f"the root element is {root.localname}, expected {expected}", fields.member)
    report = fields.element.find("{*}Data_Block/{*}report")
    if report is None:
        raise fields.rejected("Data_Block/report is missing")
    header = "L2A_Quality_Header" if root.localname == "L2A_Quality_File" else "Earth_Explorer_Header"
    return Report(
        member=fields.member,
        root=root.localname,
        namespace=root.namespace,
        file_type=fields.text(f"{header}/Fixed_Header/File_Type"),
        check=Fields(report, fields.member).text("checkList/name"),
        status=report.get("globalStatus"),
        date=Fields(report, fields.member).own_moment("date"),
        creator_version=fields.text(f"{header}/Fixed_Header/Source/Creator_Version"),
        inspections=tuple(_inspections(report)),
        items=tuple(dict.fromkeys(item.get("name") or "" for item in report.iterfind("{*}checkList/{*}item"))),
    )


def _inspections(report: etree._Element) -> Iterator[Inspection]:
    for check in report.iterfind("{*}checkList/{*}check"):
        message = " ".join(" ".join(text.text or "" for text in check.iterfind("{*}message")).split())
        for inspection in check.iterfind("{*}inspection"):
            yield Inspection(
                identifier=inspection.get("id") or inspection.get("name") or "an inspection without id",
                status=inspection.get("status") or "",
                message=message[:MESSAGE_LIMIT],
            )
