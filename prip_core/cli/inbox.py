"""``prip inbox``: what was refused, what is in work, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from prip_core.catalogue import Ingestion, InWork
from prip_core.cli import inbox_watch, instance
from prip_core.cli.errors import Failure
from prip_core.cli.inbox_overview import Observer
from prip_core.cli.output import Row, json_option, text, write_json, write_rows
from prip_core.errors import PermanentError, TransientError
from prip_core.ingest.context import ConfiguredInbox
from prip_core.model import Rejection
from prip_core.rejections import finding_documents
from prip_core.runtime import Runtime

_EMPTY = "Nothing is in quarantine."


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A refused product and the inbox whose quarantine it lies in."""

    configured: ConfiguredInbox
    rejection: Rejection

    def is_called(self, name: str) -> bool:
        """Whether this is its name, or its uuid."""
        return name in {self.rejection.name, str(self.rejection.uuid)}


@click.group()
def inbox() -> None:
    """See quarantined products with their reasons; retry or drop them.

    \b
      prip inbox list
      prip inbox retry S2B_OPER_MSI_L1C_TL_...tar
    """


@inbox.command("list", short_help="List what is in quarantine, in work, and waiting.")
@click.option("--watch", "watching", is_flag=True, help="Show what is going on, again each second, until Ctrl-C.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1), help="The most products in work that are shown."
)
@json_option
@click.pass_obj
def list_(config: Path | None, watching: bool, limit: int, as_json: bool) -> None:
    """List what lies in quarantine and why, what is being taken in, how much waits in each inbox, and why nothing is
    taken in while an inbox is paused.

    UNCLAIMED counts what is complete: neither what still has to settle, nor names that are left alone (they begin with
    a dot, or end in .tmp or .part), nor sidecars. Inboxes that share a quarantine count all that lies in it. The
    findings of a refused product are those of its rules, warnings too: their ids, and in full with --json.

    \b
      prip inbox list
      prip inbox list --watch
      prip inbox list --json

    Next: repair what is wrong, then `prip inbox retry NAME`; or delete it with `prip inbox drop NAME`.
    """
    loaded = instance.load(config)
    with instance.catalogue_of(loaded) as catalogue:
        observer = Observer(loaded, catalogue)
        if watching:
            inbox_watch.watch(observer, as_json=as_json)
            return
        refused = list(quarantined(loaded))
        overview = observer.look()
        progress = {each.uuid: each for each in overview.in_work}
        in_work = [_in_work(each, progress.get(each.uuid)) for each in catalogue.ingestions.open(limit)]
        left = catalogue.ingestions.count() - limit
    if left > 0:
        click.echo(f"and {left} more in work or waiting; --limit shows them", err=True)
    if as_json:
        found = [_refused(each, finding_documents(each.rejection.findings)) for each in refused]
        write_json({"inboxes": overview.inboxes, "quarantined": found, "in_work": in_work})
        return
    write_rows(overview.table(), as_json=False, empty="")
    click.echo()
    for line in overview.pauses():
        click.echo(f"{line}\n")
    rows = [_refused(each, _rules(each.rejection)) for each in refused]
    write_rows(rows, as_json=False, empty=_EMPTY)
    if in_work:
        click.echo()
        write_rows(in_work, as_json=False, empty="")


@inbox.command()
@click.argument("names", metavar="[NAME|UUID…]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that lies in quarantine.")
@click.pass_obj
def retry(config: Path | None, names: tuple[str, ...], everything: bool) -> None:
    """Put quarantined products back into their inboxes.

    They are taken in as if they had just arrived, with their sidecars. Product and sidecar may be put right before,
    where they lie: in <yyyy-mm-dd>/<uuid> of the quarantine. A name that was refused more than once needs the uuid.
    Exit code 1 where one cannot be put back: another of its name lies in the inbox, or a worker is still moving it to
    quarantine.

    \b
      prip inbox retry S2B_OPER_MSI_L1C_TL_...tar
      prip inbox retry --all

    Next: `prip inbox list`, or `prip product show NAME` once it is published.
    """
    if bool(names) == everything:
        raise click.UsageError("name products or say --all: one of the two")
    loaded = instance.load(config)
    chosen = list(quarantined(loaded)) if everything else [the_one(loaded, name) for name in names]
    if not chosen:
        click.echo(_EMPTY)

    def give_back(found: Quarantined) -> str:
        found.configured.inbox.retry(found.rejection)
        return f"is back in the inbox '{found.configured.section.name}'"

    _to_each(loaded, chosen, give_back)


@inbox.command()
@click.argument("names", metavar="NAME|UUID…", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def drop(config: Path | None, names: tuple[str, ...], yes: bool) -> None:
    """Delete quarantined products and their reasons for ever.

    Exit code 1 where one cannot be: a worker is still moving it to quarantine.

    \b
      prip inbox drop S2B_OPER_MSI_L1C_TL_...tar
    """
    loaded = instance.load(config)
    chosen = [the_one(loaded, name) for name in names]
    if not yes:
        for found in chosen:
            name, reason = text(found.rejection.name), text(found.rejection.reason)
            click.echo(f"{name}, refused {found.rejection.when:%Y-%m-%d}: {reason}")
        click.confirm("Delete it for ever?" if len(chosen) == 1 else "Delete them for ever?", abort=True)

    def delete(found: Quarantined) -> str:
        found.configured.inbox.drop(found.rejection)
        return "is deleted"

    _to_each(loaded, chosen, delete)


def quarantined(loaded: Runtime) -> Iterator[Quarantined]:
    """All refused products of all inboxes, oldest first in each.

    Inboxes may share a quarantine: each product once, with the inbox that it came through where that is known.
    """
    found: dict[UUID, Quarantined] = {}
    for configured in loaded.inboxes:
        for rejection in configured.inbox.rejected():
            if rejection.uuid not in found or rejection.inbox == configured.section.name:
                found[rejection.uuid] = Quarantined(configured=configured, rejection=rejection)
    yield from found.values()


def the_one(loaded: Runtime, name: str) -> Quarantined:
    """The one refused product of this name or uuid.

    :raises Failure: there is none, or several.
    """
    found = [each for each in quarantined(loaded) if each.is_called(name)]
    if not found:
        raise Failure(f"{name}: nothing of this name is in quarantine; `prip inbox list` shows what is")
    if len(found) > 1:
        uuids = _listed([str(each.rejection.uuid) for each in found])
        raise Failure(f"{name}: this name is in quarantine {len(found)} times; say which by its uuid: {uuids}")
    return found[0]


def _to_each(loaded: Runtime, chosen: Sequence[Quarantined], act: Callable[[Quarantined], str]) -> None:
    """Do the same to several, and say of each what became of it.

    :raises Failure: it could not be done to all of them; to the others it is done.
    """
    # A worker closes the row of what it refuses when all of it is in quarantine, and never opens it again.
    with instance.catalogue_of(loaded) as catalogue:
        on_their_way = catalogue.ingestions.uuids()
    refused = []
    for found in chosen:
        name = text(found.rejection.name)
        if found.rejection.uuid in on_their_way:
            refused.append(
                f"{name} is still on its way to quarantine; wait until `prip inbox list` has it in work no more"
            )
            continue
        try:
            click.echo(f"{name} {act(found)}")
        except (PermanentError, TransientError) as error:
            refused.append(str(error))
    if refused:
        raise Failure("; ".join(refused))


def _listed(uuids: Sequence[str]) -> str:
    return ", ".join(uuids[:10]) + (", …" if len(uuids) > 10 else "")


def _rules(rejection: Rejection) -> Sequence[str]:
    """The ids of the rules that found something, each once."""
    return list(dict.fromkeys(finding.rule for finding in rejection.findings))


def _refused(found: Quarantined, findings: Any) -> Row:
    rejection = found.rejection
    return {
        "name": rejection.name,
        "uuid": str(rejection.uuid),
        "inbox": found.configured.section.name,
        "refused": rejection.when,
        "findings": findings,
        "reason": rejection.reason,
    }


def _in_work(ingestion: Ingestion, progress: InWork | None) -> Row:
    return {
        "name": ingestion.name,
        "uuid": str(ingestion.uuid),
        "inbox": ingestion.inbox,
        "state": _state(ingestion),
        "step": progress.step if progress else None,
        "bytes_read": progress.bytes_read if progress else None,
        "size": ingestion.size,
        "arrived": ingestion.arrived,
        "attempts": ingestion.attempts,
        "due": ingestion.due_at,
        "last_error": ingestion.last_error,
    }


def _state(ingestion: Ingestion) -> str:
    return f"waiting for {ingestion.awaits}" if ingestion.awaits else ingestion.state.value
