"""``prip export``: the catalogue as it stands, evicted products included, in the form that ``prip import`` reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from prip_core.catalogue import Catalogue, ProductRow, Untold
from prip_core.cli import instance
from prip_core.cli.progress import Advance, progress
from prip_core.durable import open_durable
from prip_core.odata.options import Query, parse_collection_options
from prip_core.odata.payload import deletion_members, expanded_text, product_text, select_members, untold_members
from prip_core.odata.pictures import render_quicklooks

_PAGE = 1000
_EXPANDED = ("Attributes", "Quicklooks")


@click.command("export")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write to this file; it appears when it is whole."
)
@click.option("--filter", "filter_", metavar="FILTER", help="Only what this OData $filter finds.")
@click.option("--select", metavar="NAMES", help="Only these members: Id,Name,Attributes.")
@click.option(
    "--format", "format_", type=click.Choice(["ndjson"]), default="ndjson", help="NDJSON, one product a line."
)
@click.pass_obj
def export(config: Path | None, output: Path | None, filter_: str | None, select: str | None, format_: str) -> None:  # noqa: ARG001  # there is one format
    """Write all products that were ever published, by PublicationDate, each as OData gives it with its Attributes and
    Quicklooks.

    Evicted and withdrawn products have Online=false, and say when they left the list, and why. What the quality rules
    said, and that an OriginDate is estimated, stands in annotations (@prip.findings, ...). The output is what
    `prip import` reads, unless --select leaves out members that it needs. The delivery point may be at work: what is
    published after the start is not in the export.

    \b
      prip export -o catalogue.ndjson
      prip export --filter "PublicationDate gt 2026-01-01" | zstd > new.zst
      prip export --filter "Online eq true" --select Id,Name,ContentLength

    To continue an export of last week, ask for what was published since:
    --filter "PublicationDate gt <the last PublicationDate in it>".
    """
    query = _query(filter_, select)
    with instance.opened(config) as catalogue, _opened(output) as file:
        count = _write(catalogue, query, file)
    click.echo(f"exported {count}", err=True)


def _query(filter_: str | None, select: str | None) -> Query:
    """The first page.

    :raises BadQuery: the filter or the selection cannot be understood.
    """
    names = list(_EXPANDED) if select is None else [name.strip() for name in select.split(",")]
    options = {
        "$filter": filter_,
        # To OData, these are not selected, but expanded.
        "$select": None if select is None else ",".join(name for name in names if name not in _EXPANDED),
        "$expand": ",".join(name for name in names if name in _EXPANDED) or None,
    }
    return parse_collection_options([(name, value) for name, value in options.items() if value is not None], _PAGE)


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        return
    with open_durable(output) as file:
        yield file


def _write(catalogue: Catalogue, query: Query, file: BinaryIO) -> int:
    """Write all pages. Returns the number of products."""
    newest, count = catalogue.clock.last().seq, 0
    with progress("exporting", newest) as advance:
        for rows in _pages(catalogue, query, newest, advance):
            untold = catalogue.products.untold([row.seq for row in rows]) if query.select is None else {}
            file.write(b"".join(_line(row, query, untold.get(row.seq)) for row in rows))
            count += len(rows)
    return count


def _pages(catalogue: Catalogue, query: Query, newest: int, advance: Advance) -> Iterator[list[ProductRow]]:
    """Pages up to the newest product, each a question of its own: no transaction stays open between them."""
    done = 0
    while True:
        page = catalogue.products.page(query, list_evicted=True)
        rows = [row for row in page.rows if row.seq <= newest]
        yield rows
        reached = rows[-1].seq if rows and page.more and page.after else newest
        advance(reached - done)
        if reached == newest:
            return
        done, query = reached, replace(query, after=page.after)


def _line(row: ProductRow, query: Query, untold: Untold | None) -> bytes:
    attributes = expanded_text("Attributes", row.attributes or b"[]") if "Attributes" in query.expand else b""
    shown = row.quicklooks if row.online else ()  # those of products that are gone go with their bytes
    pictures = expanded_text("Quicklooks", render_quicklooks(shown)) if shown else b""
    gone = b"" if row.deletion_ms is None else deletion_members(row.deletion_ms, row.deletion_cause)
    ours = untold_members(untold.findings, origin_estimated=untold.origin_estimated) if untold else b""
    text = product_text(
        row.fixed,
        attributes + pictures + gone + ours,
        online=row.online,
        eviction_ms=row.eviction_ms,
        modification_ms=row.modification_ms,
    )
    return (text if query.select is None else select_members(text, query.select)) + b"\n"
