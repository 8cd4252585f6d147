"""Lines of an import: checked, and made ready for the catalogue, in whichever process there is time for it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson

from prip_core.catalogue import Packing, RenderedProduct, render, share_entries
from prip_core.cli import instance
from prip_core.errors import ProductRejected
from prip_core.ingest.recognition import recognise
from prip_core.ingest.storing import quicklook_key
from prip_core.interfaces import Storage
from prip_core.model import Candidate, ProductType
from prip_core.odata.reading import KindOf, Unreadable, read_product
from prip_core.products import NewProduct, PublishedProduct
from prip_core.runtime import Runtime
from prip_core.times import format_utc, to_milliseconds

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Later dates mean never, and leave none for the products that come after them."""


@dataclass(frozen=True, slots=True)
class _Tools:
    """What a process needs; made once in each.

    :param kind_of: tells the type of a product.
    """

    loaded: Runtime
    kind_of: KindOf


_tools: _Tools | None = None


def begin(config: Path | None) -> None:
    """Make ready for the other functions here, once in each process.

    :raises ConfigError: everything that is wrong with the configuration.
    """
    global _tools  # noqa: PLW0603  # a process of a crew has no other place for what it keeps between pieces of work
    loaded = instance.load(config)
    _tools = _Tools(loaded, kinds_of(loaded))


class Checked(NamedTuple):
    """What is known of lines that were checked.

    :param dates: PublicationDate of each in milliseconds; one that is no product has none that matters.
    :param problems: index of a line and what is wrong with it.
    """

    dates: Sequence[int]
    problems: Sequence[tuple[int, str]]


def check(lines: Sequence[bytes]) -> Checked:
    """Read products as :func:`render_lines` will, and keep only what is wrong."""
    dates, problems = [], []
    for index, line in enumerate(lines):
        try:
            dates.append(to_milliseconds(_read(line).publication_date))
        except (orjson.JSONDecodeError, Unreadable) as error:
            dates.append(0)
            problems.append((index, str(error)))
    return Checked(dates, problems)


class Lines(NamedTuple):
    """A piece of work.

    :param find_bytes: products that were online are, where their bytes lie in a storage here; otherwise none is.
    """

    lines: Sequence[bytes]
    packing: Packing
    find_bytes: bool


class Rendered(NamedTuple):
    """Products ready to be written.

    :param found: how many were online and have their bytes here; ``missing``: and have not; the others were not online.
    """

    products: Sequence[RenderedProduct]
    found: int
    missing: int


def render_lines(work: Lines) -> Rendered:
    """Make products ready for the catalogue."""
    products, found, missing = [], 0, 0
    for line in work.lines:
        read = _read(line)
        placed = _placed(read) if work.find_bytes and read.online else None
        found += placed is not None
        missing += read.online and placed is None
        products.append(render(_as_here(read, placed), work.packing))
    return Rendered(share_entries(products), found, missing)


def _as_here(read: PublishedProduct, placed: NewProduct | None) -> PublishedProduct:
    """The product as it is at this delivery point: online only if its bytes were found."""
    if placed is not None:
        return replace(read, product=placed, online=True)
    return replace(read, online=False)


def kinds_of(loaded: Runtime) -> KindOf:
    """Tells product types by their code, else by what the missions make of the name."""
    by_code = {kind.code: kind for mission in loaded.missions.values() for kind in mission.product_types()}

    def kind_of(name: str, code: str | None) -> ProductType | None:
        if code in by_code:
            return by_code[code]
        try:
            candidate = Candidate(name=name, path=name, size=0, arrived=datetime.now(UTC))
            return recognise(loaded.missions, candidate).product_type
        except ProductRejected:
            return None

    return kind_of


def _read(line: bytes) -> PublishedProduct:
    """:raises Unreadable: it is no product; or after its dates, which never go back, nothing could be dated."""
    assert _tools is not None, "a crew begins with it"
    read = read_product(orjson.loads(line), _tools.kind_of)
    date = max(read.publication_date, read.modification_date)
    if date >= _END_OF_TIME:
        raise Unreadable(f"PublicationDate and ModificationDate: {format_utc(date)} is no time of a publication")
    return read


def _placed(read: PublishedProduct) -> NewProduct | None:
    """The product with the storage and the key of its bytes, where they are there."""
    assert _tools is not None, "a crew begins with it"
    product = read.product
    for day in (read.publication_date, read.publication_date - timedelta(days=1)):
        key = f"{product.product_type}/{day:%Y/%m/%d}/{product.id}/{product.name}"
        for name, storage in _tools.loaded.storages.items():
            # A name that cannot be part of a key has no bytes in any storage.
            with suppress(ValueError):
                found = storage.stat(key)
                if found is not None and found.size == product.content_length:
                    pictures = _pictures(storage, key, read.pictures)
                    return replace(product, storage=name, key=key, quicklooks=pictures)
    return None


def _pictures(storage: Storage, key: str, names: Sequence[str]) -> tuple[str, ...]:
    """The keys of those quicklooks that lie beside a product."""
    keys = (quicklook_key(key, name) for name in names)
    return tuple(each for each in keys if storage.stat(each) is not None)
