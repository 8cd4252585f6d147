"""Every kind of Sentinel-1 product that the patterns of names can tell, and what each of them is."""

from __future__ import annotations

from functools import cache

from prip_core import ProductType
from prip_sentinel1.naming import (
    EARTH_EXPLORER_TYPES,
    IMAGE_TYPES,
    MASK_TYPES,
    MEMORY_TYPE,
    RADAR_MODES,
    RAW_TYPES,
    RECEIVER_MODES,
    SAFE_AUXILIARIES,
    Kind,
    kind_of_safe,
)

MISSION = "sentinel1"
"""The adapter's name, as the configuration and every product type give it."""

_LEVELS = {"0": "Level-0", "1": "Level-1", "2": "Level-2", "A": "auxiliary"}
_CLASSES = {"S": "standard", "A": "annotation", "C": "calibration", "N": "noise", "X": "timing", "_": "unclassified"}
_RESOLUTIONS = {"F": "full resolution ", "H": "high resolution ", "M": "medium resolution ", "_": ""}
_RECEIVERS = {"AI": "AIS receiver", "GP": "GPS receiver"}


@cache
def product_types() -> tuple[ProductType, ...]:
    """All product types of the mission, each code once."""
    return tuple(_product_type(code, kind) for code, kind in kinds().items())


@cache
def kinds() -> dict[str, Kind]:
    """What each product type holds, by its code."""
    found = {code: kind_of_safe(code) for code in _safe_codes()}
    found |= {f"AUX_{name}": Kind.AUXILIARY for name in SAFE_AUXILIARIES}
    found |= dict.fromkeys(EARTH_EXPLORER_TYPES, Kind.EARTH_EXPLORER)
    found |= dict.fromkeys(MASK_TYPES, Kind.MASK)
    return found | {MEMORY_TYPE: Kind.MEMORY}


@cache
def product_type_of(code: str) -> ProductType:
    """The product type of this code.

    :raises KeyError: the mission has no such type.
    """
    return _product_type(code, kinds()[code])


def _safe_codes() -> tuple[str, ...]:
    radar = tuple(f"{mode}_{rest}" for mode in RADAR_MODES for rest in RAW_TYPES + IMAGE_TYPES)
    return (*radar, *(f"{receiver}_RAW__0_" for receiver in RECEIVER_MODES), "HK_RAW__0_")


def _product_type(code: str, kind: Kind) -> ProductType:
    sensed = kind in (Kind.RAW, Kind.IMAGE)
    return ProductType(
        code=code,
        mission=MISSION,
        description=_description(code, kind),
        housekeeping=kind is Kind.HOUSEKEEPING,
        indexed=("orbitNumber", "relativeOrbitNumber") if sensed else (),
    )


def _description(code: str, kind: Kind) -> str:
    match kind:
        case Kind.RAW | Kind.IMAGE:
            return (
                f"Sentinel-1 {_LEVELS[code[8]]} {_RESOLUTIONS[code[6]]}{code[3:6]}, "
                f"mode {code[:2]}, {_CLASSES[code[9]]} product"
            )
        case Kind.AUXILIARY_RAW:
            return f"Sentinel-1 Level-0 data of the {_RECEIVERS[code[:2]]}"
        case Kind.HOUSEKEEPING:
            return "Sentinel-1 house-keeping telemetry"
        case Kind.MASK:
            return f"Sentinel-1 mask {code}"
        case Kind.MEMORY:
            return "Sentinel-1 on-board memory configuration"
        case _:
            return f"Sentinel-1 auxiliary file {code}"
