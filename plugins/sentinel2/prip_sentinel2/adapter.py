"""The Sentinel-2 mission adapter: from a name to a product type, from a file to its metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prip_core import (
    Candidate,
    MissionAdapter,
    ProductFiles,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    refusal,
)
from prip_sentinel2.auxiliary import describe_auxiliary
from prip_sentinel2.hktm import describe_housekeeping
from prip_sentinel2.naming import Family, ProductName, product_name
from prip_sentinel2.olqc import describe_report
from prip_sentinel2.pdi import describe_pdi
from prip_sentinel2.product_types import MISSION, PRODUCT_TYPES
from prip_sentinel2.user_product import describe_user_product

_DESCRIBE: Mapping[Family, Callable[[ProductName, ProductFiles], ProductMetadata]] = {
    Family.QUALITY_REPORT: describe_report,
    Family.GRANULE: describe_pdi,
    Family.DATASTRIP: describe_pdi,
    Family.TILE: describe_pdi,
    Family.TRUE_COLOUR: describe_pdi,
    Family.HOUSEKEEPING: describe_housekeeping,
    Family.SATELLITE_ANCILLARY: describe_pdi,
    Family.AUXILIARY: describe_auxiliary,
    Family.MISSION_PLANNING: describe_auxiliary,
    Family.USER_PRODUCT: describe_user_product,
}


class Sentinel2(MissionAdapter):
    """Sentinel-2: PDIs of all levels, telemetry, auxiliary files, quality reports and SAFE user products."""

    NAME = MISSION

    def product_types(self) -> Sequence[ProductType]:
        return tuple(PRODUCT_TYPES.values())

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        name = product_name(candidate.name)
        if name is None:
            return None
        return ProductIdentity(
            name=candidate.name,
            product_type=_product_type(name),
            platform=name.fields["mission"],
            sensing_end=name.sensing_end,
        )

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        name = product_name(identity.name)
        if name is None:
            raise refusal("QC-01", f"{identity.name} is no name of a Sentinel-2 product")
        return _DESCRIBE[name.family](name, files)


def _product_type(name: ProductName) -> ProductType:
    code = name.product_type
    if code.startswith("MSI_L0U"):
        raise refusal(
            "QC-01",
            f"{name.identifier} is an unconsolidated Level-0 product ({code}), which is internal to the production:"
            " deliver the consolidated MSI_L0__ product instead",
        )
    if code not in PRODUCT_TYPES:
        raise refusal(
            "QC-01", f"{name.identifier} has the form of a Sentinel-2 name, but {code} is no known product type"
        )
    return PRODUCT_TYPES[code]
