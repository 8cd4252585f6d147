"""``prip import``: products that were published before, here or at another delivery point."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import click

from prip_core.catalogue import Packing, RenderedProduct
from prip_core.cli import import_lines, instance
from prip_core.cli.crew import Crew, crew
from prip_core.cli.documents import Documents, open_documents
from prip_core.cli.errors import Failure
from prip_core.cli.import_lines import Lines
from prip_core.cli.progress import counted, progress

_Item = TypeVar("_Item")

_PROBLEMS_SHOWN = 20
_AT_ONCE = 1000  # lines that a process of the crew gets
_WORTH_A_CREW = 16 << 20  # bytes of a file; its processes take a second to start
_LARGEST_CREW = 8


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
    storage under <type>/<yyyy>/<mm>/<dd>/<uuid>/<name>, for the day of publication or the day before. Their quicklooks
    come along from quicklooks/ beside them, where FILE names them (an export does). Say it the first time: a repeat
    changes nothing of what is there.

    \b
      prip import products.ndjson
      curl -s -o answer.json "$PRIP/odata/v1/Products?%24expand=Attributes"
      prip import answer.json

    Next: `prip db status` shows how many products there are.
    """
    loaded = instance.load(config)
    counts: Counter[str] = Counter()
    with instance.catalogue_of(loaded) as catalogue, open_documents(source) as documents:
        size = min(os.cpu_count() or 1, _LARGEST_CREW) if documents.size >= _WORTH_A_CREW else 0
        with crew(size, import_lines.begin, config) as helpers:
            offsets = _checked(documents, helpers)
            work = _work(documents.at(offsets), catalogue.publication.packing, find_bytes=online)
            with progress("importing", len(offsets)) as advance:
                rows = _rendered(helpers, work, counts)
                count = catalogue.publication.restore_rendered(counted(rows, advance))
    click.echo(f"imported {count.restored}, already there {count.present}")
    if online:
        here = f"with their bytes here {counts['found']}, without {counts['missing']}"
        click.echo(f"{here}, evicted or withdrawn before {counts['gone']}")


def _checked(documents: Documents, helpers: Crew) -> array[int]:
    """The offsets of all products by PublicationDate.

    :raises Failure: a document cannot be read; each problem has been shown.
    """
    numbers, offsets, dates, wrong = array("q"), array("q"), array("q"), 0

    def lines() -> Iterator[bytes]:
        for number, offset, line in documents.lines():
            numbers.append(number)
            offsets.append(offset)
            advance(len(line))
            yield line

    with progress("checking", documents.size) as advance:
        for found in helpers.each(import_lines.check, _pieces(lines())):
            for index, problem in found.problems:
                wrong += 1
                if wrong <= _PROBLEMS_SHOWN:
                    click.echo(f"{documents.unit} {numbers[len(dates) + index]}: {problem}", err=True)
            dates.extend(found.dates)
    if wrong:
        more = f", the first {_PROBLEMS_SHOWN} are shown" if wrong > _PROBLEMS_SHOWN else ""
        raise Failure(f"{wrong} products cannot be read{more}; nothing is imported; mend them or leave them out")
    return array("q", (offsets[index] for index in sorted(range(len(dates)), key=dates.__getitem__)))


def _work(lines: Iterable[bytes], packing: Callable[[], Packing], *, find_bytes: bool) -> Iterator[Lines]:
    # Asked for anew: the catalogue learns from what comes in how to pack what is to come.
    return (Lines(some, packing(), find_bytes) for some in _pieces(lines))


def _rendered(helpers: Crew, work: Iterable[Lines], counts: Counter[str]) -> Iterator[RenderedProduct]:
    """The products in their order.

    :param counts: learns how many were found in the storages, how many were not, and how many were not looked for.
    """
    for done in helpers.each(import_lines.render_lines, work):
        gone = len(done.products) - done.found - done.missing
        counts.update(found=done.found, missing=done.missing, gone=gone)
        yield from done.products


def _pieces(items: Iterable[_Item]) -> Iterator[Sequence[_Item]]:
    iterator = iter(items)
    while piece := list(islice(iterator, _AT_ONCE)):
        yield piece
