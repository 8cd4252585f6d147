"""Rules about quality reports: those that are products of their own, and those inside other products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prip_core import InspectedProduct, ProductRejected, Severity, qc_rule
from prip_sentinel2.members import document, report_members
from prip_sentinel2.naming import Family, ProductName, inspected_name
from prip_sentinel2.olqc import PASSED, STATUSES, Report, read_report, read_reports
from prip_sentinel2.user_product import inspections, read_user_product

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


_GRANULE = ("FORMAT_CORRECTNESS", "GENERAL_QUALITY", "SENSOR_QUALITY")
_TILE = (*_GRANULE, "GEOMETRIC_QUALITY")
_DATASTRIP = (*_TILE, "RADIOMETRIC_QUALITY")

CHECKS: Mapping[str, tuple[str, ...]] = {
    "MSI_L0__GR": _GRANULE,
    "MSI_L1A_GR": ("SENSOR_QUALITY",),
    "MSI_L1B_GR": ("SENSOR_QUALITY",),
    "MSI_L1C_TL": _TILE,
    "MSI_L2A_TL": (*_TILE, "L2A_QUALITY"),
    "MSI_L1B_DS": _DATASTRIP,
    "MSI_L1C_DS": _DATASTRIP,
    "MSI_L2A_DS": _DATASTRIP,
}
"""The checks whose reports a product of each type has in its ``QI_DATA``, as far as that is known."""


@qc_rule("QC-17", severity=Severity.WARNING)
def reports_are_there(product: InspectedProduct) -> Iterator[str]:
    """The quality reports that every product of this level has are in its QI_DATA."""
    names = [member.rpartition("/")[2] for member in report_members(product.files)]
    for check in CHECKS.get(product.identity.product_type.code, ()):
        if not any(name.endswith((f"_{check}_report.xml", f"{check}.xml")) for name in names):
            yield f"QI_DATA holds no report of the check {check}"


@qc_rule("QC-17", severity=Severity.WARNING)
def inspections_passed(product: InspectedProduct) -> Iterator[str]:
    """Every quality inspection that the product reports has passed; one that did not is recorded."""
    for member in _reports_about(product):
        try:
            report = read_report(document(product.files, member))
        except ProductRejected as malformed:
            yield f"a report cannot be read: {malformed.reason}"
        else:
            yield from _failures(report)


@qc_rule("QC-17", severity=Severity.WARNING)
def summary_passed(product: InspectedProduct) -> Iterator[str]:
    """Every quality inspection that a user product's metadata file sums up has passed."""
    for name, result in inspections(read_user_product(inspected_name(product), product.files)):
        if result != PASSED:
            yield f"the inspection {name} is {result or 'without a result'}"


def _reports_about(product: InspectedProduct) -> Iterator[str]:
    """All reports of a report that is a product of its own, else what lies in ``QI_DATA``."""
    if inspected_name(product).family is Family.QUALITY_REPORT:
        yield from (name for name in product.files.names() if name.endswith(".xml"))
    else:
        yield from report_members(product.files)


def _failures(report: Report) -> Iterator[str]:
    about = report.check or report.member.rpartition("/")[2]
    failed = [inspection for inspection in report.inspections if inspection.status != PASSED]
    for inspection in failed:
        said = f": {inspection.message}" if inspection.message else ""
        yield f"{about}: the inspection {inspection.identifier} is {inspection.status or 'without status'}{said}"
    if not failed and report.status != PASSED:
        yield f"{about}: globalStatus is {report.status}"


def _form(report: Report) -> Iterator[str]:
    namespace, file_type = _FORMS[report.root]
    if report.namespace != namespace:
        yield f"the namespace is {report.namespace}, expected {namespace}"
    if report.file_type != file_type:
        yield f"File_Type is {report.file_type}, expected {file_type}"


def _status(report: Report) -> Iterator[str]:
    if report.status not in STATUSES:
        yield f"globalStatus is {report.status}, expected one of {', '.join(sorted(STATUSES))}"
    statuses = [inspection.status for inspection in report.inspections]
    for status in sorted(set(statuses) - STATUSES):
        yield f"an inspection has the status {status!r}, expected one of {', '.join(sorted(STATUSES))}"
    failed = sum(status != PASSED for status in statuses)
    if statuses and (failed == 0) != (report.status == PASSED):
        yield f"globalStatus is {report.status}, but {failed} of {len(statuses)} inspections did not pass"


def _items(report: Report, name: ProductName) -> Iterator[str]:
    if not report.items:
        yield "it names no inspected product (checkList/item/@name)"
    for item in report.items:
        if not item.startswith(f"{name.fields['pdi']}_N"):
            yield f"the inspected product is {item}, the name says {name.fields['pdi']}"
