"""Products of both missions on their way through the pipeline: their manifests verified in the one read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prip_core.builtin.quality import QC_RULES
from prip_core.ingest.context import Outcome
from prip_core.ingest.package import open_product
from prip_core.interfaces import PluginSettings
from prip_core.settings import QcSection
from prip_core.testing.packages import write_gzipped_tar, write_tar, write_zip
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2
from prip_sentinel1.adapter import Sentinel1
from prip_sentinel2.adapter import Sentinel2
from tests.singly import accept_one

Point = Any
Build = Callable[[Path], Path]


def sentinel1(code: str) -> Build:
    return lambda folder: build_sentinel1(Sentinel1Specification(product_type=code, size=50_000), folder)


def sentinel2(code: str) -> Build:
    return lambda folder: build_sentinel2(Sentinel2Specification(product_type=code), folder)


PRODUCTS: dict[str, tuple[Build, bytes, str]] = {
    "L0 granule": (sentinel2("MSI_L0__GR"), b"_B04.bin", "SHA3-256"),
    "L1C tile": (sentinel2("MSI_L1C_TL"), b"_B04.jp2", "SHA3-256"),
    "L1C datastrip": (sentinel2("MSI_L1C_DS"), b".bin", "SHA3-256"),
    "telemetry": (sentinel2("PRD_HKTM__"), b"-measurement.dat", "MD5"),
    "user product": (sentinel2("S2MSI1C"), b"_B04.jp2", "SHA3-256"),
    "radar image": (sentinel1("IW_GRDH_1S"), b"-001.tiff", "MD5"),
    "radar raw data": (sentinel1("IW_RAW__0S"), b"annot.dat", "MD5"),
    "calibration": (sentinel1("AUX_CAL"), b".xml", "MD5"),
}
"""Product → how to build it, the end of a listed member's name, the algorithm of its manifest."""


@pytest.fixture
def mission_point(point: Point) -> Point:
    point.missions = {"sentinel1": Sentinel1(PluginSettings()), "sentinel2": Sentinel2(PluginSettings())}
    point.rules = list(QC_RULES)
    return point


def repacked(path: Path, edit: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    """Write a product anew with other members."""
    with open_product(path) as files:
        members = {name: files.read(name, 100_000_000) for name in files.names()}
    (write_zip if path.suffix == ".zip" else write_tar)(path, edit(members))


def with_another_byte(end: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def edit(members: dict[str, bytes]) -> dict[str, bytes]:
        name = next(name for name in members if name.endswith(end.decode()) and "manifest" not in name)
        content = bytearray(members[name])
        content[len(content) // 2] ^= 1
        return members | {name: bytes(content)}

    return edit


def delivered(point: Point, build: Build) -> Path:
    return build(point.folder / "inbox")


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_whole_product_is_published(product: str, mission_point: Point) -> None:
    path = delivered(mission_point, PRODUCTS[product][0])
    assert mission_point.accept() is Outcome.PUBLISHED
    mission_point.assert_published_once(path.name)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_changed_byte_is_refused_and_nothing_stays(product: str, mission_point: Point) -> None:
    build, end, algorithm = PRODUCTS[product]
    repacked(delivered(mission_point, build), with_another_byte(end))
    assert mission_point.accept() is Outcome.REJECTED
    mission_point.assert_refused(f"has the {algorithm} ")
    mission_point.assert_refused("QC-08")
    assert mission_point.stored() == []


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("level", ["sizes", "off"])
def test_digests_count_at_the_full_level_alone(product: str, level: Any, mission_point: Point) -> None:
    build, end, _ = PRODUCTS[product]
    mission_point.qc = QcSection(manifest=level)
    repacked(delivered(mission_point, build), with_another_byte(end))
    assert mission_point.accept() is Outcome.PUBLISHED


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(("level", "outcome"), [("sizes", Outcome.REJECTED), ("off", Outcome.PUBLISHED)])
def test_a_missing_file_counts_wherever_manifests_do(
    product: str, level: Any, outcome: Outcome, mission_point: Point
) -> None:
    build, end, _ = PRODUCTS[product]
    mission_point.qc = QcSection(manifest=level)

    def without(members: dict[str, bytes]) -> dict[str, bytes]:
        listed = next(name for name in members if name.encode().endswith(end) and "manifest" not in name)
        return {name: content for name, content in members.items() if name != listed}

    repacked(delivered(mission_point, build), without)
    assert mission_point.accept() is outcome
    assert [("is missing, the manifest lists it" in reason) for reason in mission_point.rejections()] == (
        [True] if outcome is Outcome.REJECTED else []
    )


def test_the_level_of_a_type_goes_before_the_general_one(mission_point: Point) -> None:
    mission_point.qc = QcSection(manifest="off", manifest_of_type={"MSI_L0__GR": "full"})
    for product, outcome in (("L0 granule", Outcome.REJECTED), ("L1C tile", Outcome.PUBLISHED)):
        build, end, _ = PRODUCTS[product]
        repacked(delivered(mission_point, build), with_another_byte(end))
        assert mission_point.accept() is outcome


def bytes_read() -> int:
    """What this process has read by system calls."""
    counters = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counters["rchar"])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts what a process reads")
@pytest.mark.parametrize(
    ("build", "times"),
    [
        (lambda folder: build_sentinel2(Sentinel2Specification(size=40_000_000), folder), 1),
        (lambda folder: build_sentinel1(Sentinel1Specification(product_type="IW_GRDH_1S", size=40_000_000), folder), 1),
        (
            lambda folder: build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_TC", size=40_000_000), folder),
            1,
        ),
        (
            lambda folder: build_sentinel2(Sentinel2Specification(product_type="GIP_DATATI", size=40_000_000), folder),
            2,  # a gzipped tar has no table of contents: it is read through once to look into it
        ),
    ],
    ids=["tar", "zip", "bare file", "gzipped tar"],
)
def test_each_byte_is_read_once(build: Build, times: int, mission_point: Point) -> None:
    size = delivered(mission_point, build).stat().st_size
    assert size > 30_000_000
    candidate = mission_point.candidate()
    before = bytes_read()
    assert accept_one(mission_point.pipeline, mission_point.served, candidate) is Outcome.PUBLISHED
    assert times * size <= bytes_read() - before < (times + 0.1) * size


def test_nobody_is_refused_while_the_clock_cannot_be_trusted(mission_point: Point) -> None:
    """A rule may go by the clock, and the product be good."""
    build, end, _ = PRODUCTS["L0 granule"]
    repacked(delivered(mission_point, build), with_another_byte(end))
    now = mission_point.clock.now()
    mission_point.clock.set(now - timedelta(days=3650))
    assert mission_point.accept() is Outcome.POSTPONED
    assert mission_point.rejections() == []
    mission_point.clock.set(now)
    assert mission_point.resume() is Outcome.REJECTED
    mission_point.assert_refused("QC-08")


@pytest.mark.parametrize(
    ("edit", "outcome"), [(dict, Outcome.PUBLISHED), (with_another_byte(b"_B04.bin"), Outcome.REJECTED)]
)
def test_a_gzipped_tar_is_verified_too(edit: Any, outcome: Outcome, mission_point: Point, tmp_path: Path) -> None:
    """Collectors gzip tars and keep their names."""
    built = sentinel2("MSI_L0__GR")(tmp_path)
    with open_product(built) as files:
        members = {name: files.read(name, 100_000_000) for name in files.names()}
    write_gzipped_tar(mission_point.folder / "inbox" / built.name, edit(members))
    assert mission_point.accept() is outcome
