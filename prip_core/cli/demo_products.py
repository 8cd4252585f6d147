"""A small stream of true-to-form Sentinel-1 and Sentinel-2 products, as production chains would deliver it today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

_SPACING = timedelta(minutes=4)
_DELAY = timedelta(hours=3)
_Build = Callable[[datetime, Path], Path]


def build_demo_products(count: int, now: datetime, folder: Path) -> Iterator[Path]:
    """Build products one by one: of each kind one, then of each kind another one, with their own times and names.

    Those of one round were sensed at the same time, so that tile and image belong to the datastrip beside them.

    :param now: UTC; they were sensed some hours before.
    :param folder: an existing folder to build them in.
    """
    newest = now - _DELAY
    for number in range(count):
        yield _KINDS[number % len(_KINDS)](newest - number // len(_KINDS) * _SPACING, folder)


def _sentinel1(product_type: str, size: int = 512 * 1024) -> _Build:
    def build(sensed: datetime, folder: Path) -> Path:
        usual = Sentinel1Specification(product_type=product_type, size=size)
        shift = sensed - usual.start
        moved = replace(usual, start=usual.start + shift, stop=usual.stop + shift, processed=usual.processed + shift)
        return build_sentinel1(moved, folder)

    return build


def _sentinel2(product_type: str, size: int = 512 * 1024) -> _Build:
    def build(sensed: datetime, folder: Path) -> Path:
        milliseconds = sensed.replace(microsecond=464_000)
        return build_sentinel2(
            Sentinel2Specification(product_type=product_type, sensing=milliseconds, size=size), folder
        )

    return build


_KINDS = (
    _sentinel2("MSI_L1C_TL", 4 * 1024 * 1024),
    _sentinel2("MSI_L0__GR"),
    _sentinel2("MSI_L1C_DS"),
    _sentinel2("MSI_L1C_TC"),
    _sentinel2("PRD_HKTM__"),
    _sentinel1("IW_GRDH_1S", 2 * 1024 * 1024),
    _sentinel1("IW_RAW__0S"),
    _sentinel1("AUX_POEORB"),
)
DEMO_KINDS = len(_KINDS)
"""How many products show every kind once."""
