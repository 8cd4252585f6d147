"""Products to look at: built ones, and the real manifests where they are at hand."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prip_core import Candidate, Finding, InspectedProduct, PluginSettings, open_product
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_sentinel1.adapter import Sentinel1
from prip_sentinel1.rules import rules_for

Look = Callable[[Path], InspectedProduct]


@pytest.fixture
def adapter() -> Sentinel1:
    return Sentinel1(PluginSettings())


@pytest.fixture
def look(adapter: Sentinel1) -> Look:
    """A delivered file as the pipeline sees it before the rules run."""

    def look_at(path: Path) -> InspectedProduct:
        arrived = datetime(2025, 8, 1, tzinfo=UTC)
        identity = adapter.recognise(
            Candidate(name=path.name, path=str(path), size=path.stat().st_size, arrived=arrived)
        )
        assert identity is not None, path.name
        files = open_product(path)
        return InspectedProduct(
            identity=identity,
            metadata=adapter.inspect(identity, files),
            files=files,
            size=path.stat().st_size,
            now=datetime(2026, 11, 1, tzinfo=UTC),
        )

    return look_at


@pytest.fixture
def built(look: Look, tmp_path: Path) -> Callable[..., InspectedProduct]:
    """A built product, inspected; the arguments are the specification's fields."""

    def build(product_type: str, **fields: Any) -> InspectedProduct:
        return look(build_sentinel1(Sentinel1Specification(product_type=product_type, **fields), tmp_path))

    return build


@pytest.fixture
def judge() -> Callable[[InspectedProduct], list[Finding]]:
    """All findings about a product."""

    def findings(product: InspectedProduct) -> list[Finding]:
        return [finding for rule in rules_for(product.identity.product_type) for finding in rule(product)]

    return findings


@pytest.fixture
def samples() -> Path:
    """The folder of real Sentinel-1 samples."""
    folder = os.environ.get("PRIP_SAMPLES")
    if not folder:
        pytest.skip("PRIP_SAMPLES does not name the folder of real samples")
    return Path(folder) / "sentinel-1"


@pytest.fixture
def packed(samples: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A sample as it would be delivered: its manifest in a zip, or the bare file."""

    def pack(name: str) -> Path:
        source = samples / name
        if source.is_file():
            return source
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as container:
            container.write(source / "manifest.safe", f"{name}/manifest.safe")
        return path

    return pack
