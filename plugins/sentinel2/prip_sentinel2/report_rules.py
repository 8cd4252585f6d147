"""Rules about quality reports that are products of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prip_core import InspectedProduct, qc_rule
from prip_sentinel2.naming import ProductName, inspected_name
from prip_sentinel2.olqc import PASSED, STATUSES, Report, read_reports

_FORMS: Mapping[str, tuple[str, str]] = {
    "Earth_Explorer_File": ("http://gs2.esa.int/DATA_STRUCTURE/olqcReport", "REP_OLQCPA"),
    "L2A_Quality_File": ("http://gs2.esa.int/DATA_STRUCTURE/l2aqiReport", "L2A_QLINFO"),
}
"""Root element → namespace and File_Type."""


@qc_rule("QC-19")
def reports_are_consistent(product: InspectedProduct) -> Iterator[str]:
    """A report is of the known form, its status follows from its inspections, and it is about what its name says."""
    name = inspected_name(product)
    for report in read_reports(product.files):
        for message in (*_form(report), *_status(report), *_items(report, name)):
            yield f"{report.member}: {message}"


def _form(report: Report) -> Iterator[str]:
    namespace, file_type = _FORMS[report.root]
    if report.namespace != namespace:
        yield f"the namespace is {report.namespace}, expected {namespace}"
    if report.file_type != file_type:
        yield f"File_Type is {report.file_type}, expected {file_type}"


def _status(report: Report) -> Iterator[str]:
    if report.status not in STATUSES:
        yield f"globalStatus is {report.status}, expected one of {', '.join(sorted(STATUSES))}"
    for status in sorted(set(report.inspections) - STATUSES):
        yield f"an inspection has the status {status!r}, expected one of {', '.join(sorted(STATUSES))}"
    passed = all(status == PASSED for status in report.inspections)
    if report.inspections and passed != (report.status == PASSED):
        failed = sum(status != PASSED for status in report.inspections)
        yield f"globalStatus is {report.status}, but {failed} of {len(report.inspections)} inspections did not pass"


def _items(report: Report, name: ProductName) -> Iterator[str]:
    if not report.items:
        yield "it names no inspected product (checkList/item/@name)"
    for item in report.items:
        if not item.startswith(f"{name.fields['pdi']}_N"):
            yield f"the inspected product is {item}, the name says {name.fields['pdi']}"
