"""Builds true-to-form Sentinel-2 products of any size from a specification."""

from prip_core.testing.sentinel2.build import build_sentinel2
from prip_core.testing.sentinel2.specification import Sentinel2Specification, sentinel2_file_name

__all__ = ["Sentinel2Specification", "build_sentinel2", "sentinel2_file_name"]
