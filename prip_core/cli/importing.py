"""``prip import``: products that were published before, here or at another delivery point."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson

from prip_core.cli import instance
from prip_core.cli.documents import Documents, open_documents
from prip_core.cli.errors import Failure
from prip_core.cli.progress import counted, progress
from prip_core.errors import ProductRejected
from prip_core.ingest.recognition import recognise
from prip_core.model import Candidate, ProductType
from prip_core.odata.reading import KindOf, Unreadable, read_product
from prip_core.products import NewProduct, PublishedProduct
from prip_core.runtime import Runtime
from prip_core.times import format_utc, to_milliseconds

_PROBLEMS_SHOWN = 20
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Later dates mean never, and leave none for the products that come after them."""


@click.command("import")
@click.argument("source", metavar="FILE|-")
@click.option("--online", is_flag=True, help="Offer for download what lies in the storage under its key.")
@click.pass_obj
def import_products(config: Path | None, source: str, online: bool) -> None:
    """Fill the catalogue from FILE: an export, or another delivery point's OData answer with its Attributes.

    FILE is NDJSON, one product on each line, or one whole answer; `-` reads standard input. Products keep their Ids
    and dates, so the catalogue must hold nothing newer. All are checked first; where one is wrong, each problem is
    shown and nothing is imported. What is there already is skipped: after an interruption, repeat the command.

    Imported products cannot be downloaded, unless --online is said and their bytes, of the right size, lie in a
    storage under <type>/<yyyy>/<mm>/<dd>/<uuid>/<name>, for the day of publication or the day before.

    \b
      prip import products.ndjson
      curl -s -o answer.json "$PRIP/odata/v1/Products?%24expand=Attributes"
      prip import answer.json

    Next: `prip db status` shows how many products there are.
    """
    loaded = instance.load(config)
    with instance.catalogue_of(loaded) as catalogue, open_documents(source) as documents:
        offsets = _checked(documents, kinds_of(loaded))
        counts: Counter[str] = Counter()
        with progress("importing", len(offsets)) as advance:
            rows = _rows(documents, offsets, loaded, counts if online else None)
            count = catalogue.publication.restore(counted(rows, advance))
    click.echo(f"imported {count.restored}, already there {count.present}")
    if online:
        click.echo(f"online {counts['found']}, without their bytes here {counts['missing']}")


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


def _checked(documents: Documents, kind_of: KindOf) -> array[int]:
    """The offsets of all products by PublicationDate.

    :raises Failure: a document cannot be read; each problem has been shown.
    """
    dates, offsets, wrong = array("q"), array("q"), 0
    with progress("checking", documents.size) as advance:
        for number, offset, line in documents.lines():
            try:
                read = read_product(orjson.loads(line), kind_of)
                _refuse_never(read)
            except (orjson.JSONDecodeError, Unreadable) as error:
                wrong += 1
                if wrong <= _PROBLEMS_SHOWN:
                    click.echo(f"{documents.unit} {number}: {error}", err=True)
            else:
                dates.append(to_milliseconds(read.publication_date))
                offsets.append(offset)
            advance(len(line))
    if wrong:
        more = f", the first {_PROBLEMS_SHOWN} are shown" if wrong > _PROBLEMS_SHOWN else ""
        raise Failure(f"{wrong} products cannot be read{more}; nothing is imported; mend them or leave them out")
    return array("q", (offsets[index] for index in sorted(range(len(dates)), key=dates.__getitem__)))


def _refuse_never(read: PublishedProduct) -> None:
    """:raises Unreadable: after these dates, which never go back, nothing could be dated."""
    date = max(read.publication_date, read.modification_date)
    if date >= _END_OF_TIME:
        raise Unreadable(f"PublicationDate and ModificationDate: {format_utc(date)} is no time of a publication")


def _rows(
    documents: Documents, offsets: array[int], loaded: Runtime, counts: Counter[str] | None
) -> Iterator[PublishedProduct]:
    """The products, offline; with ``counts`` those that were online are looked for, and counted, in the storages."""
    kind_of = kinds_of(loaded)
    for line in documents.at(offsets):
        read = read_product(orjson.loads(line), kind_of)
        placed = _placed(loaded, read) if counts is not None and read.online else None
        if counts is not None:
            counts["found" if placed else "missing"] += 1
        yield PublishedProduct(
            product=placed or read.product,
            publication_date=read.publication_date,
            modification_date=read.modification_date,
            online=placed is not None,
        )


def _placed(loaded: Runtime, read: PublishedProduct) -> NewProduct | None:
    """The product with the storage and the key of its bytes, where they are there."""
    product = read.product
    for day in (read.publication_date, read.publication_date - timedelta(days=1)):
        key = f"{product.product_type}/{day:%Y/%m/%d}/{product.id}/{product.name}"
        for name, storage in loaded.storages.items():
            # A name that cannot be part of a key has no bytes in any storage.
            with suppress(ValueError):
                found = storage.stat(key)
                if found is not None and found.size == product.content_length:
                    return replace(product, storage=name, key=key)
    return None
