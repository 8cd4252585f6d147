"""Filling a delivery point with the catalogue made by rule."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.odata.documents import documents
from prip_core.catalogue import open_catalogue, upgrade
from prip_core.cli.import_lines import kinds_of
from prip_core.clock import SystemClock
from prip_core.odata.reading import read_product
from prip_core.products import PublishedProduct
from prip_core.runtime import load
from prip_core.testing.delivery_point import DeliveryPoint


def fill(point: DeliveryPoint, url: str, rows: int, reports: float) -> None:
    """Write so many products into an empty catalogue, as online though they have no bytes, and its user."""
    upgrade(url)
    password = point.folder / "password"
    password.write_text(point.credentials[1])
    point.prip("user", "add", point.credentials[0], "--password-file", str(password))
    catalogue = open_catalogue(url, SystemClock())
    catalogue.publication.restore(_published(point, rows, reports))
    catalogue.close()


def _published(point: DeliveryPoint, rows: int, reports: float) -> Iterator[PublishedProduct]:
    kind_of = kinds_of(load(point.folder / "prip.toml"))
    return (read_product(document, kind_of) for document in documents(rows, reports))
