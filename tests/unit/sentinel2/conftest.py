"""Real Sentinel-2 samples, packed as the production chain would, and the adapter to look at them."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import Candidate, InspectedProduct, PluginSettings, ProductIdentity, open_product
from prip_core.testing.packages import write_tar, write_zip
from prip_sentinel2.adapter import Sentinel2

Deliver = Callable[[Path], InspectedProduct]


def candidate(name: str) -> Candidate:
    return Candidate(name=name, path=name, size=1, arrived=datetime(2025, 8, 1, tzinfo=UTC))


@pytest.fixture
def adapter() -> Sentinel2:
    return Sentinel2(PluginSettings())


@pytest.fixture(scope="session")
def samples() -> Path:
    folder = os.environ.get("PRIP_SAMPLES")
    if not folder:
        pytest.skip("PRIP_SAMPLES names no folder of real samples")
    return Path(folder) / "sentinel-2"


@pytest.fixture
def deliver(adapter: Sentinel2) -> Deliver:
    """Recognise and inspect a delivered file as the pipeline does."""

    def run(path: Path) -> InspectedProduct:
        identity = adapter.recognise(candidate(path.name))
        assert isinstance(identity, ProductIdentity)
        files = open_product(path)
        return InspectedProduct(
            identity=identity,
            metadata=adapter.inspect(identity, files),
            files=files,
            size=path.stat().st_size,
            now=datetime(2026, 11, 1, tzinfo=UTC),
        )

    return run


@pytest.fixture
def packed(samples: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A sample's folder as the one file that would be delivered; files that were gzipped for their size unfolded."""

    def pack(folder: str) -> Path:
        source = samples / folder
        members = {
            f"{folder}/{path.relative_to(source).as_posix().removesuffix('.gz')}": (
                gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            )
            for path in sorted(source.rglob("*"))
            if path.is_file() and path.suffix != ".tar"
        }
        if "_MSIL" in folder:
            write_zip(tmp_path / f"{folder}.zip", members)
            return tmp_path / f"{folder}.zip"
        target = tmp_path / f"{folder.removesuffix('.SAFE')}.tar"
        write_tar(target, members)
        return target

    return pack
