"""Builds true-to-form Sentinel-1 products of any size from a specification."""

from prip_core.testing.sentinel1.build import build_sentinel1
from prip_core.testing.sentinel1.specification import Sentinel1Specification, sentinel1_stem

__all__ = ["Sentinel1Specification", "build_sentinel1", "sentinel1_stem"]
