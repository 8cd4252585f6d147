"""``prip config``: what counts, and where it was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from prip_core import configuration
from prip_core.cli import instance
from prip_core.cli.output import Row, json_option, write_rows
from prip_core.configuration import RawConfiguration, flatten
from prip_core.errors import ConfigError
from prip_core.ingest.campaigns import expected_names
from prip_core.interfaces import Plugin
from prip_core.runtime import Runtime
from prip_core.settings import CampaignSection


@click.group()
def config() -> None:
    """See and check the configuration.

    \b
      prip config show
      prip config check
    """


@config.command(short_help="Show every effective value and where it comes from.")
@json_option
@click.pass_obj
def show(config: Path | None, as_json: bool) -> None:
    """Show every effective value and where it comes from: the file, an environment variable, or the default.

    \b
      prip config show
      PRIP__SERVE__PORT=8081 prip config show

    Next: change a value in the file, say `prip config check`, then start `prip run` anew.
    """
    write_rows(list(effective(instance.load(config))), as_json=as_json, empty="")


@config.command(short_help="Check all settings, those of plugins too.")
@click.pass_obj
def check(config: Path | None) -> None:
    """Check the configuration: file, environment and the settings of every plugin, all problems at once.

    The lists of names of campaigns are read, too; products are taken in without them. A limit of a mission that is not
    served is nothing wrong, but is said.

    Exit code 2 where something is wrong.

    \b
      prip --config /srv/prip/prip.toml config check
    """
    unreadable = _unreadable_lists(configuration.read(configuration.locate(config)))
    try:
        loaded = instance.load(config)
    except ConfigError as error:
        raise ConfigError(*error.problems, *unreadable) from error
    if unreadable:
        raise ConfigError(*unreadable)
    for idle in _idle_limits(loaded):
        click.echo(f"prip: {idle}", err=True)
    missions = ", ".join(loaded.missions)
    inboxes = ", ".join(inbox.section.name for inbox in loaded.inboxes)
    click.echo(
        f"{loaded.raw.path} is fine: missions {missions}; inboxes {inboxes}; storages {', '.join(loaded.storages)}"
    )


def effective(loaded: Runtime) -> Iterator[Row]:
    """Every value that counts: its path, the value, its source."""
    for path, value in flatten(_whole(loaded)):
        yield {"setting": path, "value": value, "source": _source(path, loaded.raw)}


def _whole(loaded: Runtime) -> dict[str, Any]:
    """All settings as nested tables, the plugins' own with their defaults among them."""
    tables = loaded.settings.model_dump(mode="json")
    tables["inbox"] = [
        {**table, **_own(configured.inbox)} for table, configured in zip(tables["inbox"], loaded.inboxes, strict=True)
    ]
    tables["storages"] = {name: {**table, **_own(loaded.storages[name])} for name, table in tables["storages"].items()}
    plugins = {**loaded.missions, **loaded.listeners}
    tables["plugins"] |= {name: own for name, plugin in plugins.items() if (own := _own(plugin))}
    return tables


def _own(plugin: Plugin) -> dict[str, Any]:
    own: dict[str, Any] = plugin.settings.model_dump(mode="json")
    return own


def _source(path: str, raw: RawConfiguration) -> str:
    """The file or variable of the value itself, or of the table or list that it was written in, or where it is kept."""
    below = (source for written, source in raw.sources.items() if written.startswith(f"{path}."))
    if (kept := next(below, None)) is not None:
        return kept
    while path:
        if path in raw.sources:
            return raw.sources[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return "default"


def _idle_limits(loaded: Runtime) -> Iterator[str]:
    """Limits that were written down for nobody; those of the defaults are for all missions that there are."""
    kpi = loaded.settings.kpi
    written = kpi.limit if "limit" in kpi.model_fields_set else ()
    for mission in sorted({limit.mission for limit in written} - loaded.missions.keys()):
        served = ", ".join(loaded.missions)
        yield f"kpi.limit: the mission {mission!r} is not served here, so its limits have no effect; served: {served}"


def _unreadable_lists(raw: RawConfiguration) -> Sequence[str]:
    """What is wrong with the lists of names of campaigns, once for each campaign, whatever is wrong elsewhere."""
    problems: dict[str, None] = {}
    for _, table in raw.tables("inbox"):
        campaign = configuration.part(CampaignSection, table.get("campaign"), raw)
        try:
            if campaign is not None:
                expected_names(campaign)
        except ConfigError as error:
            problems |= dict.fromkeys(error.problems)
    return list(problems)
