"""The ``prip`` command: one file for each group of verbs, put together here."""

from __future__ import annotations

from pathlib import Path

import click

from prip_core.cli.errors import exit_codes
from prip_core.cli.verbs import LazyGroup

EPILOG = """
First steps:

\b
  prip init /srv/prip --mission sentinel2     make a delivery point
  prip --config /srv/prip/prip.toml run       start it
  prip demo                                   or see one with products in it

Exit codes: 0 done, 1 the work failed, 2 configuration or usage wrong.
"""


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration; without it $PRIP_CONFIG, ./prip.toml or /etc/prip/prip.toml.",
)
@click.version_option(package_name="prip", message="prip %(version)s")
@click.pass_context
def prip(context: click.Context, config: Path | None) -> None:
    """A delivery point (PRIP) for Copernicus Sentinel products.

    It takes products from an inbox, checks, describes and stores them, and offers them over OData.
    """
    context.obj = config
    context.with_resource(exit_codes())


def main() -> None:
    """Run the command; never returns."""
    prip(prog_name="prip")
