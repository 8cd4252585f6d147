"""Filling a delivery point with the catalogue made by rule."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.odata.documents import document
from prip_core.catalogue import Packing, RenderedProduct, open_catalogue, render, share_entries, upgrade
from prip_core.cli.crew import crew
from prip_core.cli.import_lines import kinds_of
from prip_core.clock import SystemClock
from prip_core.odata.reading import KindOf, read_product
from prip_core.runtime import load
from prip_core.testing.delivery_point import DeliveryPoint

_AT_ONCE = 1000
_WORTH_A_CREW = 10_000

_kind_of: KindOf | None = None


class _Piece(NamedTuple):
    """Some of the products, by their numbers."""

    numbers: range
    reports: float
    packing: Packing


def fill(point: DeliveryPoint, url: str, rows: int, reports: float) -> None:
    """Write so many products into an empty catalogue, as online though they have no bytes, and its user."""
    upgrade(url)
    password = point.folder / "password"
    password.write_text(point.credentials[1])
    point.prip("user", "add", point.credentials[0], "--password-file", str(password))
    catalogue = open_catalogue(url, SystemClock())
    packing = catalogue.publication.packing
    size = os.cpu_count() or 1
    with crew(size if rows >= _WORTH_A_CREW else 0, _begin, point.folder / "prip.toml") as helpers:
        pieces = (
            _Piece(range(first, min(first + _AT_ONCE, rows)), reports, packing()) for first in range(0, rows, _AT_ONCE)
        )
        catalogue.publication.restore_rendered(_each(helpers.each(_rendered, pieces)))
    catalogue.close()


def _begin(config: Path) -> None:
    global _kind_of  # noqa: PLW0603  # what a process of a crew keeps between pieces of work
    _kind_of = kinds_of(load(config))


def _rendered(piece: _Piece) -> Sequence[RenderedProduct]:
    assert _kind_of is not None, "a crew begins with it"
    written = (document(number, piece.reports) for number in piece.numbers)
    return share_entries([render(read_product(each, _kind_of), piece.packing) for each in written])


def _each(pieces: Iterator[Sequence[RenderedProduct]]) -> Iterator[RenderedProduct]:
    for piece in pieces:
        yield from piece
