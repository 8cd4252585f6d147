"""Real samples delivered for real: each is published, or refused for the reason that is known of it."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from prip_core.testing.packages import write_gzipped_tar, write_tar, write_zip

REFUSED = {
    "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE": "no mission claims this name",
    "S2A_OPER_MSI_L1B_DS_VGS1_20210827T055640_S20210827T034536_N03.01": "Inventory_Metadata.xml is missing",
    "S2B_MSIL2A_20230823T095559_N0509_R122_T34UCF_20230823T124759.SAFE": "MTD_MSIL2A.xml is missing",
    "S2B_OPER_MSI_L0U_DS_REFS_20220614T090618_S20220413T114741_N00.00": "internal to the production",
    "S2B_OPER_MSI_L0U_GR_REFS_20220614T085324_S20220413T114741_D02_N00.00": "internal to the production",
    "SYNTHETIC_S2B_OPER_MSI_L1B_GR_MTI__20151231T235959_S20151231T235959_D02_N01.03": "no mission claims this name",
}
"""Samples that are no whole product under a right name, and what is said of each; all others are published."""


@pytest.fixture(scope="session")
def samples() -> Path:
    folder = os.environ.get("PRIP_SAMPLES")
    if not folder:
        pytest.skip("PRIP_SAMPLES names no folder of real samples")
    return Path(folder)


def members(folder: Path) -> dict[str, bytes]:
    """What a sample's folder holds, but for containers of it; files that were gzipped for their size unfolded."""
    return {
        f"{folder.name}/{path.relative_to(folder).as_posix().removesuffix('.gz')}": (
            gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".tar"
    }


def packed(sample: Path, folder: Path) -> Path:
    """A sample as the one file that its chain would deliver."""
    if sample.is_file():
        return sample
    inner = sample / f"{sample.name}.tar"
    if inner.is_file():
        return inner
    content = members(sample)
    if any(name.endswith(".DBL") for name in content):
        write_gzipped_tar(folder / f"{sample.name}.TGZ", {Path(name).name: data for name, data in content.items()})
        return folder / f"{sample.name}.TGZ"
    if sample.name.startswith("S1") or "_MSIL" in sample.name:
        write_zip(folder / f"{sample.name}.zip", content)
        return folder / f"{sample.name}.zip"
    write_tar(folder / f"{sample.name.removesuffix('.SAFE')}.tar", content)
    return folder / f"{sample.name.removesuffix('.SAFE')}.tar"


def fate(point: DeliveryPoint, name: str) -> dict[str, Any] | None:
    """The reason of a refused product; ``None`` once it is listed."""

    def look() -> list[Any]:
        found = list((point.folder / "quarantine").glob(f"*/*/{name}"))
        if found:
            return [json.loads((found[0].parent / "reason.json").read_bytes())]
        return [None] if point.page(filter=f"Name eq '{name}'")["value"] else []

    reason: dict[str, Any] | None = wait_for(look, f"fate of {name}")[0]
    return reason


@pytest.fixture(scope="module")
def lenient(template: DeliveryPoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryPoint]:
    """A delivery point at work that takes products without their images, as samples are."""
    point = template.copy(tmp_path_factory.mktemp("lenient") / "point")
    point.start(PRIP__INGEST__QC__MANIFEST="off")
    yield point
    point.stop()


@pytest.mark.parametrize("kind", ["sentinel-1/*", "sentinel-2/S*", "sentinel-2/*/QI_DATA/*_report.xml"])
def test_every_sample_meets_its_fate(kind: str, lenient: DeliveryPoint, samples: Path, tmp_path: Path) -> None:
    delivered = {sample: lenient.deliver(packed(sample, tmp_path)) for sample in sorted(samples.glob(kind))}
    assert delivered, f"{samples} holds no {kind}"
    wrong = {}
    for sample, name in delivered.items():
        reason, expected = fate(lenient, name), REFUSED.get(sample.name)
        if (reason is None) != (expected is None) or (expected and expected not in json.dumps(reason)):
            wrong[sample.name] = reason
    assert wrong == {}


def test_real_deliveries_are_offered_as_they_came(lenient: DeliveryPoint, samples: Path, tmp_path: Path) -> None:
    deliveries = sorted(samples.glob("sentinel-2/S2B_OPER_MSI_*_2BPS_2025*/*.tar"))
    assert len(deliveries) == 3
    for path in deliveries:
        lenient.deliver(path)
        product = lenient.listed(path.name)
        assert lenient.get(f"{lenient.products_url}({product['Id']})/$value") == (200, path.read_bytes())


def test_a_real_delivery_without_its_images_is_refused_for_its_manifest(running: DeliveryPoint, samples: Path) -> None:
    (path,) = samples.glob("sentinel-2/S2B_OPER_MSI_L2A_TL_2BPS_2025*/*.tar")
    reason = running.rejected(running.deliver(path))
    assert {finding["rule"] for finding in reason["findings"] if finding["severity"] == "error"} == {"QC-08"}
    assert "T47XMH_20250801T070619_B02_10m.jp2 is missing, the manifest lists it" in reason["reason"]
