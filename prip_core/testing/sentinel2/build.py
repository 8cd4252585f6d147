"""Puts a Sentinel-2 product together and writes it as the one file that is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from prip_core.testing.packages import Content, Filler, write_gzipped_tar, write_tar, write_zip
from prip_core.testing.sentinel2.auxiliary import header_file, orbit_file
from prip_core.testing.sentinel2.documents import inventory, level_2a_report, quality_report, unit_metadata
from prip_core.testing.sentinel2.images import write_true_colour
from prip_core.testing.sentinel2.manifest import manifest
from prip_core.testing.sentinel2.specification import (
    Sentinel2Specification,
    compact,
    sentinel2_file_name,
    without_baseline,
)
from prip_core.testing.sentinel2.user_product import user_product_members

_Members = dict[str, bytes | Content]

_BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
_CHECKS: Mapping[str, Sequence[str]] = {
    "GR": ("FORMAT_CORRECTNESS", "GENERAL_QUALITY", "SENSOR_QUALITY"),
    "TL": ("FORMAT_CORRECTNESS", "GENERAL_QUALITY", "GEOMETRIC_QUALITY", "SENSOR_QUALITY"),
    "DS": ("FORMAT_CORRECTNESS", "GENERAL_QUALITY", "GEOMETRIC_QUALITY", "RADIOMETRIC_QUALITY", "SENSOR_QUALITY"),
}
_MEMBER_OVERHEAD = 1280
"""Bytes of a tar header, half a block of padding and an entry of the manifest."""

_SCHEMA = b'<?xml version="1.0"?>\n<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"/>\n'


def build_sentinel2(specification: Sentinel2Specification, folder: Path) -> Path:
    """Build a product as it is delivered: a tar, a bare ``.jp2``, ``.xml`` or ``.EOF``, a ``.TGZ`` or a zip.

    :param folder: an existing folder; a file of the same name there is replaced.
    :returns: the delivered file; its name follows from the specification.
    """
    path = folder / sentinel2_file_name(specification)
    if path.suffix == ".jp2":
        with path.open("wb") as target:
            write_true_colour(specification, target)
    elif path.suffix == ".xml":
        content = quality_report(specification, _reported(specification), specification.check)
        path.write_bytes(specification.replaced.get(".xml", content))
    elif path.suffix == ".EOF":
        path.write_bytes(specification.replaced.get(".EOF", orbit_file(specification, path.stem)))
    elif path.suffix == ".TGZ":
        write_gzipped_tar(path, _changed(specification, _auxiliary(specification, path.stem)))
    elif path.suffix == ".zip":
        members = user_product_members(specification, path.stem)
        write_zip(path, _below(path.stem, specification, _with_manifest(specification, members)))
    else:
        _write_folder(specification, path)
    return path


def _write_folder(specification: Sentinel2Specification, path: Path) -> None:
    code, top = specification.product_type, path.stem
    if code == "PRD_HKTM__":
        members = _with_manifest(specification, _telemetry(specification, top))
        top += ".SAFE"
    elif code == "AUX_SADATA":
        members = _ancillary(specification, top)
    elif code == "OLQC_REPORT":
        members = _reports(specification, _reported(specification))
    else:
        members = _image(specification, top)
    write_tar(path, _below(top, specification, members))


def _image(specification: Sentinel2Specification, top: str) -> _Members:
    stem, kind = without_baseline(specification), specification.product_type[-2:]
    mtd = "MTD_DS.xml" if specification.product_type == "MSI_L2A_DS" else f"{stem.replace('_MSI_', '_MTD_')}.xml"
    if specification.product_type == "MSI_L2A_TL":
        mtd = "MTD_TL.xml"
    unlisted = {f"QI_DATA/{name}": content for name, content in _reports(specification, specification).items()}
    unlisted["rep_info/Inventory_Metadata.xsd"] = _SCHEMA
    unlisted["rep_info/OLQC_Report.xsd"] = _SCHEMA
    listed: _Members = {mtd: unit_metadata(specification)}
    if specification.product_type == "MSI_L2A_TL":
        listed["QI_DATA/L2A_QUALITY.xml"] = level_2a_report(specification)
    names = _data_files(specification, stem, kind)
    overhead = sum(len(content) for content in (*listed.values(), *unlisted.values()))
    overhead += _MEMBER_OVERHEAD * (len(names) + len(unlisted) + 3)
    share = max(0, specification.size - overhead) // max(1, len(names))
    listed |= {name: Filler(share, seed=number) for number, name in enumerate(names)}
    data_size = sum(len(content) for content in listed.values())
    return (
        {"Inventory_Metadata.xml": inventory(specification, top, data_size)}
        | _with_manifest(specification, listed)
        | unlisted
    )


def _data_files(specification: Sentinel2Specification, stem: str, kind: str) -> list[str]:
    """Names of the files that hold the data: one for each band, a Level-0 datastrip's quicklooks."""
    if kind == "DS":
        quicklook = f"QI_DATA/{stem.replace('_MSI_', '_QLK_')}"
        if specification.level == "L0_":
            return [f"{quicklook}_{band}.jp2" for band in ("B02", "B03", "B04", "B10", "B11")]
        return [f"ANC_DATA/{stem.replace('_MSI_', '_AUX_')}.bin"]
    if specification.product_type == "MSI_L2A_TL":
        prefix = f"IMG_DATA/R10m/T{specification.tile}_{compact(specification.datatake)}"
        return [f"{prefix}_{band}_10m.jp2" for band in ("B02", "B03", "B04", "B08", "TCI", "AOT", "WVP")]
    suffix = ".bin" if specification.level == "L0_" else ".jp2"
    return [f"IMG_DATA/{stem}_{band}{suffix}" for band in _BANDS]


def _reports(specification: Sentinel2Specification, about: Sentinel2Specification) -> _Members:
    return {
        f"{without_baseline(about)}_{check}_report.xml": quality_report(specification, about, check)
        for check in _CHECKS[about.product_type[-2:]]
    }


def _reported(specification: Sentinel2Specification) -> Sentinel2Specification:
    return replace(specification, product_type=specification.reported)


def _telemetry(specification: Sentinel2Specification, top: str) -> _Members:
    return {
        f"{top}-measurement.dat": Filler(specification.size * 99 // 100),
        f"{top}-annotation.dat": Filler(specification.size // 100, seed=1),
    }


def _ancillary(specification: Sentinel2Specification, top: str) -> _Members:
    content = inventory(specification, top, specification.size)
    return {"Inventory_Metadata.xml": content, f"{top}.bin": Filler(max(0, specification.size - len(content)))}


def _auxiliary(specification: Sentinel2Specification, top: str) -> _Members:
    content = header_file(specification, top)
    return {f"{top}.HDR": content, f"{top}.DBL": Filler(max(0, specification.size - len(content)))}


def _with_manifest(specification: Sentinel2Specification, members: _Members) -> _Members:
    return {"manifest.safe": manifest(specification, members)} | members


def _below(top: str, specification: Sentinel2Specification, members: _Members) -> _Members:
    return {f"{top}/{name}": content for name, content in _changed(specification, members).items()}


def _changed(specification: Sentinel2Specification, members: _Members) -> _Members:
    """The members after what the specification leaves out and replaces."""
    kept: _Members = {}
    for name, content in members.items():
        if name.endswith(specification.without):
            continue
        other = (bytes_ for end, bytes_ in specification.replaced.items() if name.endswith(end))
        kept[name] = next(other, content)
    return kept
