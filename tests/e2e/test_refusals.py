"""What is refused lies in quarantine with a reason, and an operator sees it, retries it or drops it."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.packages import write_zip
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1

Build = Callable[..., Path]
SITE = "MTI_"
CLAIMS_TOO = """
from prip_core import MissionAdapter, ProductIdentity, ProductType, hookimpl

COPY = ProductType(code="COPY", mission="copycat", description="claims what others claim")


class Copycat(MissionAdapter):
    NAME = "copycat"

    def product_types(self):
        return [COPY]

    def recognise(self, candidate):
        return ProductIdentity(name=candidate.name, product_type=COPY, platform="X")

    def inspect(self, identity, files):
        raise AssertionError("nobody asks")


@hookimpl
def prip_register_missions():
    return [Copycat]
"""


def unknown_name(granule: Build, folder: Path) -> Path:
    return Path(shutil.copy(granule(1, site=SITE), folder / "HOLIDAY_PICTURES.tar"))


def unconsolidated(granule: Build, folder: Path) -> Path:
    name = "S2B_OPER_MSI_L0U_GR_MTI__20250801T074020_S20250801T070620_D04_N05.11.tar"
    return Path(shutil.copy(granule(1, site=SITE), folder / name))


def folder_of_files(granule: Build, folder: Path) -> Path:
    path = folder / granule(2, site=SITE).name.removesuffix(".tar")
    path.mkdir()
    (path / "manifest.safe").write_text("<manifest/>")
    return path


def truncated_tar(granule: Build, folder: Path) -> Path:
    whole = granule(3, site=SITE)
    path = folder / whole.name
    path.write_bytes(whole.read_bytes()[:15_000])
    return path


def hostile_member(granule: Build, folder: Path) -> Path:
    path = Path(shutil.copy(granule(4, site=SITE), folder))
    with tarfile.open(path, "a") as container:
        member = tarfile.TarInfo(f"{path.stem}/../../etc/cron.d/own")
        member.size = 4
        container.addfile(member, io.BytesIO(b"evil"))
    return path


def symbolic_link(granule: Build, folder: Path) -> Path:
    path = Path(shutil.copy(granule(5, site=SITE), folder))
    with tarfile.open(path, "a") as container:
        member = tarfile.TarInfo(f"{path.stem}/passwd")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        container.addfile(member)
    return path


def another_orbit(granule: Build, folder: Path) -> Path:
    name = "S1C_IW_GRDH_1SDV_20250801T054012_20250801T054037_060339_077FA1_0000.SAFE.zip"
    return build_sentinel1(Sentinel1Specification(platform="S1C", name=name), folder)


def no_manifest(granule: Build, folder: Path) -> Path:
    name = "S1C_IW_GRDH_1SDV_20250801T054012_20250801T054037_060338_077FA1_0000.SAFE"
    write_zip(folder / f"{name}.zip", {f"{name}/measurement/image.tiff": b"image"})
    return folder / f"{name}.zip"


REFUSED = {
    unknown_name: "no mission claims this name",
    unconsolidated: "L0U",
    folder_of_files: "folder",
    truncated_tar: "truncated",
    hostile_member: "..",
    symbolic_link: "link",
    another_orbit: "60338",
    no_manifest: "manifest.safe",
}


@pytest.mark.parametrize("build", REFUSED, ids=lambda build: build.__name__)
def test_a_bad_product_is_quarantined_with_its_reason(
    build: Callable[[Build, Path], Path], running: DeliveryPoint, granule: Build, tmp_path: Path
) -> None:
    path = build(granule, tmp_path)
    before = tree(path)
    if path.is_dir():
        path.rename(running.inbox / path.name)
    else:
        running.deliver(path)
    reason = running.rejected(path.name)
    told = json.dumps(reason)
    assert REFUSED[build] in told
    assert reason["name"] == path.name
    (kept,) = (running.folder / "quarantine").glob(f"*/{reason['uuid']}/{path.name}")
    assert tree(kept) == before
    assert running.page(filter=f"Name eq '{path.name}'")["value"] == []


def tree(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return {str(each.relative_to(path)): each.read_bytes() for each in files}


def test_a_name_that_two_missions_claim_is_refused(point: DeliveryPoint, granule: Build) -> None:
    (point.folder / "copycat.py").write_text(CLAIMS_TOO)
    point.environment |= {
        "PRIP__PLUGINS__LOCAL": '["copycat.py"]',
        "PRIP__INSTANCE__MISSIONS": '["sentinel1", "sentinel2", "copycat"]',
    }
    name = point.deliver(granule(1))
    assert point.prip("ingest", "--once").returncode == 0
    reason = point.rejected(name)["reason"]
    assert "sentinel2" in reason
    assert "copycat" in reason


def test_a_second_delivery_is_dropped_and_other_bytes_are_refused(
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Callable[[DeliveryPoint], None],
    broken_promises: Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]],
) -> None:
    product = granule(1)
    delivered = product.read_bytes()
    for _ in range(2):
        point.deliver(product)
        ingest_all(point)
        assert broken_promises(point, {product.name: delivered}) == []
    other = granule(1, quality=99.0)
    assert (other.name, other.read_bytes() == delivered) == (product.name, False)
    point.deliver(other)
    ingest_all(point)
    reason = point.rejected(product.name)
    assert [finding["rule"] for finding in reason["findings"]] == ["QC-02"]
    assert hashlib.md5(delivered).hexdigest() in reason["reason"]
    shutil.rmtree(point.folder / "quarantine")
    assert broken_promises(point, {product.name: delivered}) == []


def test_a_sidecar_that_contradicts_goes_to_quarantine_with_its_product(running: DeliveryPoint, granule: Build) -> None:
    product = granule(6, site=SITE)
    running.deliver(product, sidecar={"attributes": {"orbitNumber": 1}})
    reason = running.rejected(product.name)
    assert "orbitNumber" in reason["reason"]
    wait_for(lambda: list((running.folder / "quarantine").glob(f"*/*/{product.name}.prip.json")), "sidecar")


def test_the_operator_lists_retries_and_drops(running: DeliveryPoint, granule: Build) -> None:
    product = granule(7, site=SITE)
    stated = {"algorithm": "MD5", "value": "0" * 32}
    name = running.deliver(product, sidecar={"checksum": stated})
    uuid = running.rejected(name)["uuid"]

    def listed() -> list[dict[str, str]]:
        listing = json.loads(running.prip("inbox", "list", "--json").stdout)
        return [row for row in listing["quarantined"] if row["name"] == name]

    assert [(row["uuid"], "states the MD5" in row["reason"]) for row in listed()] == [(uuid, True)]
    assert name in running.prip("inbox", "list").stdout

    beside = f"*/{uuid}/{name}.prip.json"
    (sidecar,) = wait_for(lambda: list((running.folder / "quarantine").glob(beside)), "sidecar")
    sidecar.write_text("{}")
    # The reason is there before the worker is done with the product.
    wait_for(lambda: running.prip("inbox", "retry", name).returncode == 0, "a retry")
    assert running.listed(name)["ContentLength"] == product.stat().st_size
    assert listed() == []

    running.deliver(product, sidecar={"checksum": stated})
    running.rejected(name)
    wait_for(lambda: running.prip("inbox", "drop", name, "--yes").returncode == 0, "a drop")
    assert listed() == []
    gone = running.prip("inbox", "drop", name, "--yes")
    assert gone.returncode == 1
    assert "nothing of this name" in gone.stderr
