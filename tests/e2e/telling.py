"""Looks from outside whether the chain, by receipts, and whoever listens, by the journal, were told the truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from prip_core.testing.delivery_point import DeliveryPoint
from tests.e2e.promises import published

INBOX = '[{"path": "inbox", "quarantine": "quarantine", "receipts": true}]'


def listen(point: DeliveryPoint) -> None:
    """Let receipts and the journal be written."""
    point.environment["PRIP__INBOX"] = INBOX
    with (point.folder / "prip.toml").open("a") as configuration:
        configuration.write('\n[plugins.journal]\npath = "rejected.ndjson"\n')


def wrongly_told(point: DeliveryPoint, names: Iterable[str]) -> list[str]:
    """What does not hold; each name was delivered once, and nothing is left to do."""
    ids = {row["name"]: row["id"].hex() for row in published(point)}
    products = [path for path in (point.folder / "quarantine").glob("*/*/S2*") if path.suffix != ".json"]
    refused = {path.parent.name.replace("-", ""): path.name for path in products}
    return [*_wrong_receipts(point, list(names), ids, refused), *_wrong_lines(point, refused)]


def _wrong_receipts(
    point: DeliveryPoint, names: list[str], ids: dict[str, str], refused: dict[str, str]
) -> Iterator[str]:
    folder = point.folder / "receipts"
    expected = {f"{name}.json" for name in names}
    yield from (f"receipts has {path.name}" for path in folder.iterdir() if path.name not in expected)
    for name in names:
        path = folder / f"{name}.json"
        if not path.exists():
            yield f"{name} has no receipt"
            continue
        told = json.loads(path.read_bytes())
        if told["outcome"] == "published":
            right = ids.get(name) == told["id"].replace("-", "")
        else:
            right = refused.get(told["uuid"].replace("-", "")) == name and told["outcome"] == "quarantined"
        if not right:
            yield f"{name} is said to be {told['outcome']} as {told['id']}"


def _wrong_lines(point: DeliveryPoint, refused: dict[str, str]) -> Iterator[str]:
    journal = point.folder / "rejected.ndjson"
    lines = [json.loads(line) for line in journal.read_text().splitlines() if line]
    told = {line["uuid"].replace("-", ""): line["name"] for line in lines}
    yield from (f"nobody was told of {name}" for uuid, name in refused.items() if uuid not in told)
    yield from (f"a refusal of {name} was told that was none" for uuid, name in told.items() if uuid not in refused)
