"""Which quality rules look at which Sentinel-2 product."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import (
    ProductType,
    QcRule,
    footprint_present,
    made_after_sensing,
    not_in_the_future,
    period_in_order,
    unlisted_files,
)
from prip_sentinel2.consistency_rules import (
    auxiliary_names_agree,
    inventory_agrees_with_metadata,
    pdi_names_agree,
    telemetry_names_agree,
    user_product_names_agree,
)
from prip_sentinel2.product_types import MISSION
from prip_sentinel2.report_rules import (
    inspections_passed,
    reports_are_consistent,
    reports_are_there,
    summary_passed,
)
from prip_sentinel2.structure_rules import file_class_is_operational, mandatory_files_present, metadata_is_sound
from prip_sentinel2.value_rules import after_launch, data_size_fits, mandatory_attributes_present, values_in_range

_SENSED = (period_in_order, after_launch, not_in_the_future, made_after_sensing)
_IMAGE = (
    file_class_is_operational,
    mandatory_files_present,
    metadata_is_sound,
    mandatory_attributes_present,
    *_SENSED,
    footprint_present,
    values_in_range,
    data_size_fits,
    pdi_names_agree,
    inventory_agrees_with_metadata,
    unlisted_files("manifest.safe", "Inventory_Metadata.xml", "QI_DATA/*_report.xml", "rep_info/*"),
    reports_are_there,
    inspections_passed,
)
_USER_PRODUCT = (
    mandatory_files_present,
    metadata_is_sound,
    mandatory_attributes_present,
    *_SENSED,
    footprint_present,
    values_in_range,
    user_product_names_agree,
    unlisted_files("manifest.safe", "rep_info/*"),
    inspections_passed,
    summary_passed,
)
_TELEMETRY = (
    file_class_is_operational,
    mandatory_attributes_present,
    *_SENSED,
    values_in_range,
    telemetry_names_agree,
    unlisted_files("manifest.safe", "rep-info/*"),
)
_ANCILLARY = (
    file_class_is_operational,
    mandatory_attributes_present,
    *_SENSED,
    values_in_range,
    data_size_fits,
    pdi_names_agree,
)
_REPORT = (
    file_class_is_operational,
    mandatory_attributes_present,
    after_launch,
    not_in_the_future,
    reports_are_consistent,
    inspections_passed,
)
_AUXILIARY = (
    file_class_is_operational,
    mandatory_files_present,
    mandatory_attributes_present,
    period_in_order,
    auxiliary_names_agree,
)


def rules_for(product_type: ProductType) -> Sequence[QcRule]:
    """The rules for a product type; none when it is another mission's."""
    code = product_type.code
    if product_type.mission != MISSION:
        return ()
    if code.startswith("S2MSI"):
        return _USER_PRODUCT
    if code.startswith("MSI_"):
        return _IMAGE
    return {"PRD_HKTM__": _TELEMETRY, "AUX_SADATA": _ANCILLARY, "OLQC_REPORT": _REPORT}.get(code, _AUXILIARY)
