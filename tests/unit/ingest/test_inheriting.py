"""What a product inherits comes from its mission's word, its sidecar goes before it, and workers pass it on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from prip_core.catalogue import open_catalogue
from prip_core.ingest.context import IngestContext, Outcome
from prip_core.ingest.inheriting import pass_on
from prip_core.model import Candidate, ProductIdentity
from prip_core.testing.clock import FixedClock

FOUND = datetime(2026, 2, 1, 8, tzinfo=UTC)
INHERITS = ("colour", "OriginDate")


@pytest.fixture
def point(point: Any) -> Any:
    """Rocks inherit their mountain's colour, and when it was found."""
    mission = point.missions["geology"]
    recognise, types = mission.recognise, mission.product_types()
    rock = replace(types[0], inherits=INHERITS)

    def recognised(candidate: Candidate) -> ProductIdentity | None:
        identity = recognise(candidate)
        return identity and replace(identity, product_type=rock)

    mission.recognise, mission.product_types = recognised, lambda: (rock, *types[1:])
    return point


def mountain(point: Any, name: str = "ROCK_EVEREST") -> None:
    document = {"origin_date": FOUND.isoformat(), "attributes": {"colour": "red", "height": 8849}}
    (point.folder / "inbox" / f"{name}.tar.prip.json").write_text(json.dumps(document))
    point.deliver(f"{name}.tar")
    assert point.accept() is Outcome.PUBLISHED


def stone(point: Any, name: str, **facts: Any) -> None:
    point.deliver(f"{name}.tar", facts={"mountain": "ROCK_EVEREST", **facts})
    assert point.accept() is Outcome.PUBLISHED


def seen(point: Any, name: str) -> dict[str, Any]:
    (product,) = point.catalogue.products.named(f"{name}.tar")
    row = point.catalogue.products.row(product.id)
    stated = {each["Name"]: each["Value"] for each in json.loads(row.attributes)}
    return {
        **stated,
        "OriginDate": product.origin_date,
        "rules": [f.rule for f in point.catalogue.products.findings(product.id)],
    }


@pytest.mark.parametrize("first", [True, False])
def test_a_rock_inherits_whenever_its_mountain_comes(point: Any, first: bool) -> None:
    if first:
        mountain(point)
    stone(point, "ROCK_1")
    stone(point, "ROCK_2", colour="blue")
    if not first:
        assert seen(point, "ROCK_1")["rules"] == ["QC-20"]
        mountain(point)
    while pass_on(point.context):
        pass
    here = {"mountain": "ROCK_EVEREST", "OriginDate": FOUND, "rules": []}
    assert seen(point, "ROCK_1") == {**here, "colour": "red"}
    assert seen(point, "ROCK_2") == {**here, "colour": "blue"}


def test_it_waits_while_nothing_can_be_dated(point: Any) -> None:
    stone(point, "ROCK_1")
    mountain(point)
    clock: FixedClock = point.clock
    if point.url.startswith("sqlite"):
        clock.set(clock.now() - timedelta(hours=2))
        assert pass_on(point.context) == 0
        clock.set(clock.now() + timedelta(hours=2))
    assert pass_on(point.context) == 1
    assert seen(point, "ROCK_1")["colour"] == "red"


def test_one_that_cannot_be_completed_is_in_nobodys_way(point: Any) -> None:
    stone(point, "ROCK_1")
    stone(point, "ROCK_2", mountain="ROCK_LHOTSE")
    database = point.catalogue._database
    with database.writing():
        database.change("UPDATE document SET content = ? WHERE seq = 1", (b"no document",))
    mountain(point)
    mountain(point, "ROCK_LHOTSE")
    assert told(point.context) == ([0, 1, 0], ["inheritance not passed on"])
    assert seen(point, "ROCK_2")["colour"] == "red"
    again = open_catalogue(point.url, point.clock)  # as the next worker does
    assert told(replace(point.context, catalogue=again)) == ([0, 0, 0], ["inheritance not passed on"])
    again.close()


def told(context: IngestContext) -> tuple[list[int], list[str]]:
    with capture_logs() as lines:
        return [pass_on(context) for _ in range(3)], [line["event"] for line in lines]
