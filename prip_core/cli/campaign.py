"""``prip campaign``: how far reprocessing campaigns are, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from prip_core.catalogue import Catalogue
from prip_core.cli import instance
from prip_core.cli.errors import Failure
from prip_core.cli.inbox import Quarantined, quarantined
from prip_core.cli.output import Row, json_option, text, write_facts, write_json, write_rows
from prip_core.errors import ConfigError
from prip_core.ingest.campaigns import Plan, Standing, plans, standing
from prip_core.runtime import Runtime

_SHOWN = 10


@click.group()
def campaign() -> None:
    """See how far reprocessing campaigns are, and what is missing.

    \b
      prip campaign list
      prip campaign show collection-1
    """


@campaign.command("list", short_help="List the campaigns and how far they are.")
@json_option
@click.pass_obj
def list_(config: Path | None, as_json: bool) -> None:
    """List the campaigns: those that inboxes are configured for, then those that published products name.

    `done` counts what is published of the names in `expected`, and all that is published where it is no list.
    `per_hour` counts the last day, from a minute after the first product on; `forecast` is the end at that rate;
    `due` is the midnight (UTC) at which the due day ends; `margin` is how long before that the forecast is, in days:
    negative ones are late. Exit code 2 where a list of names cannot be read; the other campaigns are listed.

    \b
      prip campaign list
      prip campaign list --json

    Next: `prip campaign show NAME`.
    """
    loaded = instance.load(config)
    rows: list[Row] = []
    problems: list[str] = []
    with instance.catalogue_of(loaded) as catalogue:
        for plan in _plans(loaded, catalogue):
            try:
                rows.append(_row(standing(catalogue, plan, loaded.clock.now())))
            except ConfigError as error:
                problems += error.problems
    none = "No campaign: none is configured ([inbox.campaign]), no product names one."
    write_rows(rows, as_json=as_json, empty="No other campaign." if problems else none)
    if problems:
        raise ConfigError(*problems)


@campaign.command(short_help="Show how far a campaign is, and what is missing.")
@click.argument("name")
@click.option("--missing", "only_missing", is_flag=True, help="Print all names that are missing, and nothing else.")
@json_option
@click.pass_obj
def show(config: Path | None, name: str, only_missing: bool, as_json: bool) -> None:
    """Show how far a campaign is: done of expected, rates, forecast and due day, bytes, what is missing or refused.

    What is missing is known where [inbox.campaign] `expected` is a list of names: of those, the ones that are not
    published, or were withdrawn. Exit code 1 where there is no such campaign.

    \b
      prip campaign show collection-1
      prip campaign show collection-1 --missing > to-send-again.txt

    Next: `prip inbox list` has the reasons of what was refused.
    """
    loaded = instance.load(config)
    with instance.catalogue_of(loaded) as catalogue:
        found = standing(catalogue, _the_one(_plans(loaded, catalogue), name), loaded.clock.now())
        if only_missing:
            _write_missing(found, as_json=as_json)
            return
        volume = catalogue.campaigns.volume(name)
    refused = [each for each in quarantined(loaded) if each.configured.section.name in found.plan.inboxes]
    facts = {**_facts(found), "bytes": volume, "refused": len(refused), "missing": _missing_count(found)}
    if as_json:
        names = [each.rejection.name for each in refused]
        write_json({**facts, "refused_names": names, "missing_names": list(found.missing[:_SHOWN])})
        return
    write_facts(facts, as_json=False)
    _write_details(found, refused)


def _plans(loaded: Runtime, catalogue: Catalogue) -> Sequence[Plan]:
    return plans(loaded.inboxes, catalogue.campaigns.names())


def _the_one(known: Sequence[Plan], name: str) -> Plan:
    found = next((plan for plan in known if plan.section.name == name), None)
    if found is None:
        listed = ", ".join(plan.section.name for plan in known) or "none"
        raise Failure(f"{name}: there is no such campaign; there are {listed}")
    return found


def _row(found: Standing) -> Row:
    return {
        "campaign": found.plan.section.name,
        "state": found.state.value,
        "done": found.done,
        "expected": found.expected,
        "percent": round(100 * found.done / found.expected, 1) if found.expected else None,
        "per_hour": _rate(found.per_hour),
        "forecast": found.forecast,
        "due": found.plan.due,
        "margin": _days(found.ahead),
    }


def _facts(found: Standing) -> Row:
    return {
        **_row(found),
        "inboxes": found.plan.inboxes,
        "baseline": found.plan.section.baseline,
        "published": found.tally.published,
        "first": found.tally.first,
        "last": found.tally.last,
        "last_day": found.tally.recent,
        "per_hour_overall": _rate(found.per_hour_overall),
    }


def _rate(per_hour: float | None) -> float | None:
    return None if per_hour is None else round(per_hour, 1)


def _days(margin: timedelta | None) -> float | None:
    return None if margin is None else round(margin / timedelta(days=1), 1)


def _missing_count(found: Standing) -> int | None:
    return None if found.expected is None else max(0, found.expected - found.done)


def _write_details(found: Standing, refused: Sequence[Quarantined]) -> None:
    for each in refused[:_SHOWN]:
        click.echo(f"refused  {text(each.rejection.name)}: {text(each.rejection.reason)}")
    if len(refused) > _SHOWN:
        click.echo(f"refused  … and {len(refused) - _SHOWN} more: see `prip inbox list`")
    for name in found.missing[:_SHOWN]:
        click.echo(f"missing  {name}")
    if len(found.missing) > _SHOWN:
        click.echo(f"missing  … and {len(found.missing) - _SHOWN} more: say --missing")


def _write_missing(found: Standing, *, as_json: bool) -> None:
    if not isinstance(found.plan.section.expected, Path):
        name = found.plan.section.name
        raise Failure(f"{name}: nobody said which products are expected; let `expected` be the path of a list of names")
    if as_json:
        write_json(list(found.missing))
        return
    for name in found.missing:
        click.echo(name)
