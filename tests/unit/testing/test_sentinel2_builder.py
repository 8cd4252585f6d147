"""The builder of Sentinel-2 products: names, containers, sizes, manifests that tell the truth."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

import pytest

from prip_core import ProductFiles, open_product, parse_xml
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2, sentinel2_file_name

NAMES = {
    "MSI_L0__GR": "S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T070620_D04_N05.11.tar",
    "MSI_L1A_GR": "S2B_OPER_MSI_L1A_GR_2BPS_20250801T074020_S20250801T070620_D04_N05.11.tar",
    "MSI_L1B_DS": "S2B_OPER_MSI_L1B_DS_2BPS_20250801T074020_S20250801T070620_N05.11.tar",
    "MSI_L1C_TL": "S2B_OPER_MSI_L1C_TL_2BPS_20250801T074020_A043890_T47XMH_N05.11.tar",
    "MSI_L2A_TC": "S2B_OPER_MSI_L2A_TC_2BPS_20250801T074020_A043890_T47XMH_N05.11.jp2",
    "PRD_HKTM__": "S2B_OPER_PRD_HKTM___20250801T070620_20250801T070826_0001.tar",
    "AUX_SADATA": "S2B_OPER_AUX_SADATA_2BPS_20250801T074020_V20250801T070620_20250801T070826_A043890_WF_LN.tar",
    "GIP_DATATI": "S2B_OPER_GIP_DATATI_2BPS_20250801T074020_V20250801T070620_21000101T000000_B00.TGZ",
    "AUX_RESORB": "S2B_OPER_AUX_RESORB_2BPS_20250801T074020_V20250801T070620_20250801T070826.EOF",
    "MPL_ORBPRE": "S2B_OPER_MPL_ORBPRE_20250801T070620_20250801T070826_0001.EOF",
    "OLQC_REPORT": "S2B_OPER_MSI_L0__GR_2BPS_20250801T074020_S20250801T070620_D04_GENERAL_QUALITY_report.xml",
    "S2MSI2A": "S2B_MSIL2A_20250801T070619_N0511_R106_T47XMH_20250801T074020.SAFE.zip",
}
CONTAINERS = {".tar": "tar", ".TGZ": "gzipped tar", ".zip": "zip", ".jp2": "file", ".EOF": "file", ".xml": "file"}
SIZED = [code for code in NAMES if code != "OLQC_REPORT"]
WITH_MANIFEST = ["MSI_L0__GR", "MSI_L1A_GR", "MSI_L0__DS", "MSI_L1C_TL", "MSI_L2A_TL", "PRD_HKTM__", "S2MSI2A"]


def manifest_entries(files: ProductFiles) -> dict[str, tuple[int, str, str]]:
    """Path below the top folder → size, name of the checksum, checksum."""
    (name,) = [name for name in files.names() if name.endswith("/manifest.safe")]
    root = parse_xml(files.read(name, 1_000_000), member=name)
    entries = {}
    for stream in root.iterfind("{*}dataObjectSection/{*}dataObject/{*}byteStream"):
        location, checksum = stream.find("{*}fileLocation"), stream.find("{*}checksum")
        assert location is not None
        assert checksum is not None
        entries[location.get("href", "").removeprefix("./")] = (
            int(stream.get("size", "")),
            checksum.get("checksumName", ""),
            checksum.text or "",
        )
    return entries


@pytest.mark.parametrize("code", NAMES)
def test_the_name_follows_from_the_specification(code: str, tmp_path: Path) -> None:
    specification = Sentinel2Specification(product_type=code)
    path = build_sentinel2(specification, tmp_path)
    assert path == tmp_path / NAMES[code]
    assert sentinel2_file_name(specification) == NAMES[code]
    assert list(tmp_path.iterdir()) == [path]
    assert open_product(path).container == CONTAINERS[path.suffix]


@pytest.mark.parametrize("code", SIZED)
@pytest.mark.parametrize("size", [100_000, 3_000_000])
def test_the_file_is_about_as_large_as_asked_for(code: str, size: int, tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type=code, size=size), tmp_path)
    assert 0.8 * size < path.stat().st_size < 1.2 * size


@pytest.mark.parametrize("code", ["MSI_L0__GR", "MSI_L1C_DS", "MSI_L2A_TL", "PRD_HKTM__", "AUX_SADATA"])
def test_a_tar_has_one_top_folder_and_whole_blocks(code: str, tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type=code), tmp_path)
    top = path.stem + (".SAFE" if code == "PRD_HKTM__" else "")
    assert {PurePosixPath(name).parts[0] for name in open_product(path).names()} == {top}
    assert path.stat().st_size % 512 == 0
    assert path.read_bytes()[-1024:] == bytes(1024)


@pytest.mark.parametrize("code", WITH_MANIFEST)
def test_the_manifest_tells_the_truth(code: str, tmp_path: Path) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type=code), tmp_path)
    files = open_product(path)
    top = PurePosixPath(files.names()[0]).parts[0]
    entries = manifest_entries(files)
    assert len(entries) >= 2
    for name, (size, algorithm, written) in entries.items():
        content = files.read(f"{top}/{name}", 10_000_000)
        digest = hashlib.sha3_256(content) if algorithm == "SHA3-256" else hashlib.md5(content)
        assert (len(content), digest.hexdigest()) == (size, written.lower())
    unlisted = {str(PurePosixPath(name).relative_to(top)) for name in files.names()} - set(entries)
    allowed = ("manifest.safe", "Inventory_Metadata.xml", "_report.xml")
    assert all(name.endswith(allowed) or name.startswith("rep_info/") for name in unlisted)


def test_the_same_specification_gives_the_same_bytes(tmp_path: Path) -> None:
    for code in NAMES:
        specification = Sentinel2Specification(product_type=code)
        first = build_sentinel2(specification, tmp_path).read_bytes()
        assert build_sentinel2(specification, tmp_path).read_bytes() == first


def test_members_and_elements_can_be_spoilt(tmp_path: Path) -> None:
    path = build_sentinel2(
        Sentinel2Specification(
            product_type="MSI_L0__GR",
            overrides={"File_ID": "another", "Parent_ID": None},
            replaced={"rep_info/OLQC_Report.xsd": b"spoilt"},
            without=("_B01.bin", "manifest.safe"),
        ),
        tmp_path,
    )
    files = open_product(path)
    inventory = files.read(f"{path.stem}/Inventory_Metadata.xml", 1_000_000)
    assert b"<File_ID>another</File_ID>" in inventory
    assert b"Parent_ID" not in inventory
    assert files.read(f"{path.stem}/rep_info/OLQC_Report.xsd", 100) == b"spoilt"
    assert not [name for name in files.names() if name.endswith(("_B01.bin", "manifest.safe"))]
