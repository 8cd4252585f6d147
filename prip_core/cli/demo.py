"""``prip demo``: a delivery point with products in it, to try things on."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import click

from prip_core.cli.demo_point import USER, DemoPoint, running
from prip_core.cli.demo_products import DEMO_KINDS, build_demo_products
from prip_core.cli.errors import Failure
from prip_core.cli.progress import progress
from prip_core.components.port import obstacle

MISSIONS = ("sentinel1", "sentinel2")
_INGEST_SECONDS = 120.0
_LOOK_SECONDS = 0.3


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8080, show_default=True, help="The server's port.")
@click.option(
    "--products", type=click.IntRange(1), default=DEMO_KINDS, show_default=True, help="How many products to build."
)
@click.option(
    "--deliver-to",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    metavar="INBOX",
    help="Only build the products and deliver them to this inbox.",
)
def demo(port: int, products: int, deliver_to: Path | None) -> None:
    """Try a delivery point: it is made in a temporary folder, started, and given products built on the spot.

    Prints the URL, a user and password, and curl lines that work. Runs until Ctrl-C and leaves nothing behind.

    \b
      prip demo --port 9000
      prip demo --products 100 --deliver-to /srv/prip/inbox

    Next: make one of your own with `prip init`.
    """
    if deliver_to:
        deliver(products, deliver_to)
        click.echo(f"delivered {products} products to {deliver_to}; `prip inbox list` shows any that is refused")
        return
    taken = obstacle("127.0.0.1", port)
    if taken:
        raise Failure(f"{taken}: `prip demo --port N` (or `make demo PORT=N`)")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with running(MISSIONS, port) as point:
            deliver(products, point.folder / "inbox")
            _wait_until_listed(point, products)
            click.echo(instructions(point, products))
            while True:
                point.require_running()
                time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        click.echo("\nstopped; nothing is left of the demo")


def deliver(count: int, inbox: Path) -> None:
    """Build products beside the inbox's files, under a name that it ignores, and rename each into it."""
    with (
        TemporaryDirectory(prefix=".demo-", dir=inbox) as workshop,
        progress("building products", count) as advance,
    ):
        for product in build_demo_products(count, datetime.now(UTC), Path(workshop)):
            product.rename(inbox / product.name)
            advance(1)


def instructions(point: DemoPoint, count: int) -> str:
    """What to try, with the Id of a product that is there."""
    tile = point.products(filter="contains(Name,'MSI_L1C_TL')", top="1")["value"]
    product = tile[0] if tile else point.products(top="1")["value"][0]
    curl = f"curl -s -u {USER}:{point.password}"
    return f"""
A delivery point with {count} products runs at {point.products_url}
  user      {USER}
  password  {point.password}
  folder    {point.folder}   (its log is prip.log; drop products into inbox)

List the newest products:
  {curl} '{point.products_url}?$orderby=PublicationDate%20desc&$top=5&$count=true'
Find Sentinel-2 products, with their attributes:
  {curl} '{point.products_url}?$filter=startswith(Name,%27S2%27)%20and%20Online%20eq%20true&$expand=Attributes'
Download {product["Name"]}:
  {curl} -OJ '{point.products_url}({product["Id"]})/$value'

Ctrl-C stops it and removes its folder."""


def _wait_until_listed(point: DemoPoint, count: int) -> None:
    end = time.monotonic() + _INGEST_SECONDS
    with progress("taking them in", count) as advance:
        listed = 0
        while listed < count:
            point.require_running()
            refused = point.refused()
            if refused:
                raise Failure(f"a product was refused: {refused[0]}")
            if time.monotonic() > end:
                raise Failure(f"{listed} of {count} products are listed after {_INGEST_SECONDS:g} s\n{point.log()}")
            now = int(point.products(count="true", top="1")["@odata.count"])
            advance(now - listed)
            listed = now
            time.sleep(_LOOK_SECONDS)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
