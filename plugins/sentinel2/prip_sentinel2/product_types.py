"""Every kind of product that Sentinel-2 makes."""

from __future__ import annotations

from collections.abc import Mapping

from prip_core import Kin, ProductType

MISSION = "sentinel2"

_CLOUDS = ("cloudCover",)
_CLOUDS_AND_SUN = ("cloudCover", "illuminationZenithAngle")

_IMAGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "MSI_L0__GR": ("Level-0 granule: one detector, about 3.6 s of compressed source packets", _CLOUDS),
    "MSI_L0__DS": ("Level-0 datastrip", ()),
    "MSI_L1A_GR": ("Level-1A granule: decompressed image of one detector", _CLOUDS_AND_SUN),
    "MSI_L1A_DS": ("Level-1A datastrip", ()),
    "MSI_L1B_GR": ("Level-1B granule: radiometrically corrected image of one detector", _CLOUDS_AND_SUN),
    "MSI_L1B_DS": ("Level-1B datastrip", ()),
    "MSI_L1C_DS": ("Level-1C datastrip", ()),
    "MSI_L1C_TL": ("Level-1C tile: orthorectified top-of-atmosphere reflectance", _CLOUDS_AND_SUN),
    "MSI_L1C_TC": ("Level-1C true colour image", _CLOUDS_AND_SUN),
    "MSI_L2A_DS": ("Level-2A datastrip", ()),
    "MSI_L2A_TL": ("Level-2A tile: orthorectified bottom-of-atmosphere reflectance", _CLOUDS_AND_SUN),
    "MSI_L2A_TC": ("Level-2A true colour image", _CLOUDS_AND_SUN),
    "S2MSI1A": ("Level-1A user product", _CLOUDS_AND_SUN),
    "S2MSI1B": ("Level-1B user product", _CLOUDS_AND_SUN),
    "S2MSI1C": ("Level-1C user product", _CLOUDS_AND_SUN),
    "S2MSI2A": ("Level-2A user product", _CLOUDS_AND_SUN),
}

_AUXILIARY: Mapping[str, str] = {
    "AUX": "CAMSAN CAMSFO CAMSRE ECMWFD GNSSRD PREORB PROQUA RESORB UT1UTC",
    "DEM": "GEOIDF GLOBEF SRTMFO",
    "GIP": (
        "ATMIMA ATMSAD BLINDP CLOINV CLOPAR CONVER DATATI DECOMP EARMOD ECMWFP G2PARA G2PARE GEOPAR INTDET INVLOC"
        " JP2KPA L2ACAC L2ACSC LREXTR MASPAR OLQCPA PRDLOC PROBA2 PROBAS R2ABCA R2BINN R2CRCO R2DECT R2DEFI R2DENT"
        " R2DEPI R2EOB2 R2EQOG R2L2NC R2NOMO R2PARA R2SWIR R2WAFI RESPAR SPAMOD TILPAR VIEDIR"
    ),
    "MPL": "ORBPRE ORBRES TLEPRE",
}

_AUXILIARY_KINDS = {
    "AUX": "Auxiliary data file",
    "DEM": "Digital elevation model",
    "GIP": "Ground image processing parameters",
    "MPL": "Mission planning file",
}


_OF_THE_DOWNLINK = ("acquisitionStation", "caduSession", "downlinkOrbitNumber", "OriginDate")
"""What a datastrip, or its production order, knows of how its data came down, and its granules and tiles do not."""

_OF_THE_DATATAKE = Kin(attribute="productGroupId", product_types=("MSI_L0__DS",))
"""Datastrips of the higher levels came down as the Level-0 datastrip of their datatake did."""

_PARENT_ATTRIBUTES = {"GR": "datastripId", "TL": "datastripId", "TC": "dsParentId"}

_OF_WHAT_IS_REPORTED = ("datastripId", "productGroupId")


def _product_type(code: str, description: str, *, indexed: tuple[str, ...] = ()) -> ProductType:
    datastrip = code[-2:] == "DS" and code != "MSI_L0__DS"
    inherits = _OF_THE_DOWNLINK if datastrip or code[-2:] in {"GR", "TL", "TC"} else ()
    return ProductType(
        code=code,
        mission=MISSION,
        description=description,
        indexed=indexed,
        inherits=inherits,
        kin=_OF_THE_DATATAKE if datastrip else None,
        parent_attribute=_PARENT_ATTRIBUTES.get(code[-2:], "datastripId" if code.startswith("S2MSI") else None),
    )


PRODUCT_TYPES: Mapping[str, ProductType] = {
    product_type.code: product_type
    for product_type in (
        *(_product_type(code, text, indexed=indexed) for code, (text, indexed) in _IMAGES.items()),
        ProductType(code="PRD_HKTM__", mission=MISSION, description="House-keeping telemetry", housekeeping=True),
        _product_type("AUX_SADATA", "Satellite ancillary data of one orbit"),
        ProductType(
            code="OLQC_REPORT",
            mission=MISSION,
            description="Online quality control report",
            inherits=_OF_WHAT_IS_REPORTED,
            parent_attribute="parentProduct",
            report=True,
        ),
        *(
            _product_type(f"{category}_{subject}", f"{_AUXILIARY_KINDS[category]} {category}_{subject}")
            for category, subjects in _AUXILIARY.items()
            for subject in subjects.split()
        ),
    )
}
"""Code → product type."""
