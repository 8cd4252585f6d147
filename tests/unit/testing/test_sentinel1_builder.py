"""Built Sentinel-1 products are true to form: names, CRC, checksums, sizes, the same bytes every time."""

from __future__ import annotations

import binascii
import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from prip_core import open_product, parse_xml
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1

PACKAGES = ["IW_RAW__0S", "IW_SLC__1S", "WV_OCN__2S", "GP_RAW__0_", "HK_RAW__0_", "AUX_CAL"]


@pytest.mark.parametrize("product_type", PACKAGES)
def test_the_manifest_lists_every_file_with_its_size_and_md5(product_type: str, tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(product_type=product_type), tmp_path)
    top = path.name.removesuffix(".zip")
    with zipfile.ZipFile(path) as container:
        manifest = parse_xml(container.read(f"{top}/manifest.safe"), member="manifest.safe", root="XFDU")
        listed = {}
        for stream in manifest.iterfind(".//{*}byteStream"):
            location, checksum = stream.find("{*}fileLocation"), stream.find("{*}checksum")
            assert location is not None
            assert checksum is not None
            content = container.read(f"{top}/{(location.get('href') or '').removeprefix('./')}")
            assert stream.get("size") == str(len(content))
            assert checksum.text == hashlib.md5(content).hexdigest()
            listed[location.get("href")] = len(content)
        unlisted = {name for name in container.namelist() if f"./{name.split('/', 1)[1]}" not in listed}
    assert listed
    assert {name for name in unlisted if "/support/" not in name} == {f"{top}/manifest.safe"}


@pytest.mark.parametrize("product_type", [name for name in PACKAGES if name != "AUX_CAL"])
def test_the_name_ends_with_the_crc_of_the_manifest(product_type: str, tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(product_type=product_type, edit=lambda c: c + b"\n"), tmp_path)
    top = path.name.removesuffix(".zip")
    crc = binascii.crc_hqx(open_product(path).read(f"{top}/manifest.safe", 10**6), 0xFFFF)
    assert path.name.endswith(f"_{crc:04X}.SAFE.zip")


@pytest.mark.parametrize("size", [2, 100_000, 3_000_000])
def test_measurement_data_have_the_size_asked_for(size: int, tmp_path: Path) -> None:
    files = open_product(build_sentinel1(Sentinel1Specification(size=size), tmp_path))
    assert sum(files.size(name) for name in files.names() if "/measurement/" in name) == size


def test_the_same_specification_gives_the_same_bytes(tmp_path: Path) -> None:
    paths = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        paths.append(build_sentinel1(Sentinel1Specification(), tmp_path / folder))
    assert paths[0].name == paths[1].name
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_product_under_another_name_keeps_its_folder_right(tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(name="other.SAFE.zip"), tmp_path)
    assert path.name == "other.SAFE.zip"
    assert {name.split("/")[0] for name in open_product(path).names()} == {"other.SAFE"}


def test_files_can_be_left_out(tmp_path: Path) -> None:
    files = open_product(build_sentinel1(Sentinel1Specification(left_out=(".tiff",)), tmp_path))
    assert not [name for name in files.names() if name.endswith(".tiff")]


def test_the_picture_is_a_whole_png(tmp_path: Path) -> None:
    files = open_product(build_sentinel1(Sentinel1Specification(), tmp_path))
    (name,) = [name for name in files.names() if name.endswith(".png")]
    picture = files.read(name, 10_000)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert picture.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize(
    ("product_type", "form"),
    [
        ("AUX_POEORB", r"S1A_OPER_AUX_POEORB_OPOD_\d{8}T\d{6}_V\d{8}T\d{6}_\d{8}T\d{6}\.EOF"),
        ("MPL_ORBPRE", r"S1A_OPER_MPL_ORBPRE_\d{8}T\d{6}_\d{8}T\d{6}_0001\.EOF"),
        ("MSK_EW_SLC", r"S1A_OPER_MSK_EW_SLC_V\d{8}T\d{6}_G\d{8}T\d{6}\.EOF"),
        ("AUX_OBMEMC", r"S1A_OPER_AUX_OBMEMC_PDMC_\d{8}T\d{6}\.xml"),
    ],
)
def test_single_files_are_delivered_bare(product_type: str, form: str, tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(product_type=product_type), tmp_path)
    assert re.fullmatch(form, path.name)
    assert open_product(path).container == "file"
    parse_xml(path.read_bytes(), member=path.name)


def test_an_orbit_file_grows_with_the_size(tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(product_type="AUX_POEORB", size=1_000_000), tmp_path)
    assert 700_000 < path.stat().st_size < 1_300_000
