"""A delivery point in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prip_core.ingest import queue
from tests.unit.components.delivery_point import Point


@pytest.fixture
def point(tmp_path: Path) -> Iterator[Point]:
    point = Point(tmp_path)
    yield point
    point.catalogue.close()


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No product is so small that it is taken in together with others."""
    monkeypatch.setattr(queue, "SMALL", -1)
