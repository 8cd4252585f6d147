"""The table of verbs: a verb's file is imported only when it is used, so that ``prip --help`` answers at once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb is implemented, and its line in ``prip --help``.

    :param place: ``module:attribute`` of its click command, the module below ``prip_core.cli``.
    """

    place: str
    summary: str


VERBS = {
    "init": Verb("init:init", "Make a new delivery point in an empty folder."),
    "run": Verb("run:run", "Run everything on this machine until SIGTERM."),
    "serve": Verb("run:serve", "Run the HTTP server alone."),
    "ingest": Verb("ingest:ingest", "Take products in from the inboxes."),
    "dispatch": Verb("dispatch:dispatch", "Tell plugins of products that were refused."),
    "import": Verb("importing:import_products", "Fill the catalogue from an export or an OData answer."),
    "export": Verb("exporting:export", "Write the catalogue to a file."),
    "inbox": Verb("inbox:inbox", "See quarantined products, retry or drop them."),
    "outbox": Verb("outbox:outbox", "See what plugins are still to be told, and retry it."),
    "campaign": Verb("campaign:campaign", "See how far reprocessing campaigns are."),
    "metrics": Verb("metrics:metrics", "Print what is counted, for Prometheus."),
    "user": Verb("user:user", "Add, list and change local users."),
    "product": Verb("product:product", "Look at a product, take it off the list; see what a name means."),
    "plugins": Verb("plugins:plugins", "See and check the plugins."),
    "config": Verb("config:config", "See and check the configuration."),
    "db": Verb("db:db", "See and upgrade the database."),
    "clock": Verb("clock:clock", "See and accept the publication clock."),
    "demo": Verb("demo:demo", "Try a delivery point with products in it."),
}


class LazyGroup(click.Group):
    """A group whose commands are those of :data:`VERBS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs, in the order of the table: the order in which a newcomer needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of a verb, imported now."""
        if cmd_name not in VERBS:
            return None
        module, _, attribute = VERBS[cmd_name].place.partition(":")
        command = getattr(importlib.import_module(f"prip_core.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """The list of verbs, without importing one."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items()])
