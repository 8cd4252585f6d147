"""``prip product``: one product, or what a name means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from prip_core.catalogue import Catalogue, CataloguedProduct
from prip_core.cli import instance
from prip_core.cli.errors import FAILED, Failure
from prip_core.cli.output import Cell, Row, json_option, write_facts, write_json, write_rows
from prip_core.cli.quality_summary import Quality, Reported, quality_json, quality_lines
from prip_core.errors import ProductRejected
from prip_core.ingest import recognition
from prip_core.interfaces import MissionAdapter
from prip_core.model import Candidate
from prip_core.rejections import finding_documents
from prip_core.runtime import Runtime


@click.group()
def product() -> None:
    """Look at one product or take it off the list; see what a name means.

    \b
      prip product show S2B_OPER_MSI_L1C_TL_...tar
      prip product recognise S2B_OPER_MSI_L1C_TL_...tar
    """


@product.command(short_help="Show what the catalogue knows of a product.")
@click.argument("name", metavar="NAME|ID")
@json_option
@click.pass_obj
def show(config: Path | None, name: str, as_json: bool) -> None:
    """Show what the catalogue knows of a product: state, dates, digests, where its bytes lie, and its quality.

    The quality is one word: failed (a report about it says so), warned (the rules found something), passed (its
    reports are good) or unreported. Behind it stand the findings and the reports.

    A name may have been published more than once; all are shown, the oldest first. Exit code 1 where there is none.

    \b
      prip product show 0f6e3b1c-8a4e-4f0c-9f6a-3f6a5f0e3d11 --json

    Next: for one that is not there, look at `prip inbox list`.
    """
    loaded = instance.load(config)
    with instance.catalogue_of(loaded) as catalogue:
        found = [(each, _quality(loaded, catalogue, each)) for each in _find(catalogue, name)]
    if not found:
        raise Failure(f"{name}: no product of this name or Id; `prip inbox list` shows refused and waiting ones")
    if as_json:
        write_json([_whole(each, quality) for each, quality in found])
        return
    for number, (each, quality) in enumerate(found):
        if number:
            click.echo()
        write_facts(_facts(each), as_json=False)
        for line in quality_lines(quality):
            click.echo(line)


@product.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@json_option
@click.pass_context
def recognise(context: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Show what each loaded mission makes of a file name. The file need not exist.

    Exit code 1 where a name is claimed by no mission, by several, or refused.

    \b
      prip product recognise S2B_OPER_MSI_L1C_TL_...tar

    Next: for a name that no mission claims, see `prip plugins list` and [instance] missions.
    """
    loaded = instance.load(context.obj)
    candidates = [_candidate(name) for name in names]
    rows = [row for candidate in candidates for row in _opinions(loaded, candidate)]
    write_rows(rows, as_json=as_json, empty="")
    problems = [problem for candidate in candidates for problem in _problems(loaded, candidate)]
    for problem in problems:
        click.echo(f"prip: {problem}", err=True)
    context.exit(FAILED if problems else 0)


@product.command(short_help="Take a product off the list.")
@click.argument("name", metavar="NAME|ID")
@click.option("--reason", required=True, metavar="TEXT", help="what clients read as its DeletionCause")
@click.pass_obj
def withdraw(config: Path | None, name: str, reason: str) -> None:
    """Take a product off the list, at once and for good: it can be downloaded no more, and stands in DeletedProducts.

    Its bytes stay in their storage for now. Another delivery of its name becomes a new product. Exit code 1 where no
    product of this name or Id is online.

    \b
      prip product withdraw S2B_OPER_MSI_L1C_TL_...tar --reason Corrupted

    Next: `prip product show` shows its state and the reason.
    """
    loaded = instance.load(config)
    with instance.catalogue_of(loaded) as catalogue:
        found = _find(catalogue, name)
        if not found:
            raise Failure(f"{name}: no product of this name or Id; `prip inbox list` shows refused and waiting ones")
        online = [each for each in found if each.online and catalogue.transitions.withdraw(each.id, reason)]
    for each in online:
        click.echo(f"{each.name} ({each.id}) is withdrawn")
    if not online:
        raise Failure(f"{name}: not online any more, its state is {found[-1].state.value}; nothing to withdraw")


def _find(catalogue: Catalogue, name: str) -> Sequence[CataloguedProduct]:
    try:
        found = catalogue.products.find(UUID(name))
    except ValueError:
        return catalogue.products.named(name.encode("utf-8", "replace").decode())
    return [found] if found else []


def _facts(found: CataloguedProduct) -> Row:
    facts: dict[str, Cell] = {
        "id": str(found.id),
        "name": found.name,
        "type": found.product_type,
        "mission": found.mission,
        "state": found.state.value,
        "online": found.online,
        "content_type": found.content_type,
        "bytes": found.content_length,
        "published": found.publication_date,
        "modified": found.modification_date,
        "origin": found.origin_date,
        "eviction": found.eviction_date,
        "storage": found.storage or None,
        "key": found.key or None,
        "parent": found.parent,
    }
    if found.deletion_date or found.deletion_cause:
        facts |= {"deleted": found.deletion_date, "deletion_cause": found.deletion_cause}
    digests = {checksum.algorithm.lower(): checksum.value for checksum in found.checksums}
    return {**facts, **digests}


def _quality(loaded: Runtime, catalogue: Catalogue, found: CataloguedProduct) -> Quality:
    kinds = [kind for mission in loaded.missions.values() for kind in mission.product_types()]
    reports = catalogue.relatives.reports_about(found.name, {kind.code for kind in kinds if kind.report})
    return Quality(
        findings=catalogue.products.findings(found.id),
        reports=[Reported(report=each, findings=catalogue.products.findings(each.id)) for each in reports],
    )


def _whole(found: CataloguedProduct, quality: Quality) -> Mapping[str, Any]:
    return {**_facts(found), "findings": finding_documents(quality.findings), "quality": quality_json(quality)}


def _candidate(name: str) -> Candidate:
    """The candidate that a file of this name would be; its size counts where the file is there."""
    path = Path(name)
    size = path.stat().st_size if path.is_file() else 0
    return Candidate(name=path.name, path=name, size=size, arrived=datetime.now(UTC))


def _opinions(loaded: Runtime, candidate: Candidate) -> Iterator[Row]:
    for mission, adapter in loaded.missions.items():
        yield {"name": candidate.name, "mission": mission, **_opinion(adapter, candidate)}


def _problems(loaded: Runtime, candidate: Candidate) -> Iterator[str]:
    try:
        recognition.recognise(loaded.missions, candidate)
    except ProductRejected as error:
        yield error.reason


def _opinion(adapter: MissionAdapter, candidate: Candidate) -> Mapping[str, str | None]:
    try:
        identity = adapter.recognise(candidate)
    except ProductRejected as error:
        return {"verdict": "refused", "type": None, "platform": None, "remark": error.reason}
    if identity is None:
        return {"verdict": "not mine", "type": None, "platform": None, "remark": None}
    kind = identity.product_type
    return {"verdict": "mine", "type": kind.code, "platform": identity.platform, "remark": kind.description}
