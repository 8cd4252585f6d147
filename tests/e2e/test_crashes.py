"""A process is killed at every labelled point of the way of a product; the next one takes the work up again."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from prip_core.crashpoints import LABELS
from prip_core.testing.delivery_point import DeliveryPoint
from tests.e2e import promises
from tests.e2e.scenarios import (
    PUBLISHING,
    REFUSING,
    Build,
    Ingest,
    duplicate,
    publish,
    refuse_by_content,
    refuse_by_metadata,
    refuse_by_name,
    side_by_side,
    take_over_by_link,
)

Promises = Callable[[DeliveryPoint, Mapping[str, bytes]], list[str]]
Scenario = Callable[[DeliveryPoint, Build, Ingest], dict[str, bytes]]

SCENARIOS = {
    publish: PUBLISHING,
    side_by_side: PUBLISHING,
    take_over_by_link: ("store.begun", "stored", "publish.before", "publish.after", "clean.finished"),
    duplicate: ("stored", "publish.after", "clean.before", "clean.finished", "closed"),
    refuse_by_name: ("claim.renamed", *REFUSING, "closed"),
    refuse_by_metadata: ("recognised", *REFUSING),
    refuse_by_content: ("store.begun", *REFUSING, "closed"),
}
PAIRS = (
    ("claim.row", "claim.renamed"),
    ("claim.renamed", "stored"),
    ("stored", "stored"),
    ("publish.before", "publish.after"),
    ("publish.after", "clean.finished"),
    ("clean.finished", "clean.finished"),
)


@pytest.fixture
def point(forked: DeliveryPoint) -> DeliveryPoint:
    return forked


def test_every_label_is_crashed_at() -> None:
    assert {label for labels in SCENARIOS.values() for label in labels} == set(LABELS)


@pytest.mark.parametrize(
    "scenario, label",
    [
        pytest.param(scenario, label, id=f"{scenario.__name__}-{label}")
        for scenario in SCENARIOS
        for label in SCENARIOS[scenario]
    ],
)
def test_a_crash_loses_and_doubles_nothing(
    scenario: Callable[..., dict[str, bytes]],
    label: str,
    point: DeliveryPoint,
    granule: Build,
    ingest_all: Ingest,
    broken_promises: Promises,
) -> None:
    delivered = scenario(point, granule, ingest_all)
    crashed = point.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert crashed.returncode == -signal.SIGKILL, f"{label} was not reached: {crashed.stderr}"
    ingest_all(point)
    assert broken_promises(point, delivered) == []


ELSEWHERE = {side_by_side: PUBLISHING, refuse_by_content: ("store.begun", *REFUSING, "closed")}
ON_S3 = {
    side_by_side: ("store.begun", "stored", "content-checked", "publish.before", "publish.after", "clean.finished"),
    duplicate: ("store.begun", "stored", "clean.before"),
    refuse_by_content: ("store.begun", *REFUSING),
}


def cases(labels: Mapping[Scenario, Sequence[str]]) -> list[Any]:
    return [
        pytest.param(scenario, label, id=f"{scenario.__name__}-{label}")
        for scenario in labels
        for label in labels[scenario]
    ]


@pytest.mark.parametrize("scenario, label", cases(ON_S3))
def test_a_crash_loses_and_doubles_nothing_on_s3(
    scenario: Scenario,
    label: str,
    point: DeliveryPoint,
    keep_in_bucket: Callable[..., DeliveryPoint],
    granule: Build,
    ingest_all: Ingest,
    objects: Callable[[], dict[str, bytes]],
) -> None:
    keep_in_bucket(point)
    delivered = scenario(point, granule, ingest_all)
    crashed = point.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert crashed.returncode == -signal.SIGKILL, f"{label} was not reached: {crashed.stderr}"
    ingest_all(point)
    assert promises.broken(point, delivered, objects()) == []


@pytest.mark.parametrize("scenario, label", cases(ELSEWHERE))
def test_a_crash_loses_and_doubles_nothing_on_postgres(
    scenario: Scenario,
    label: str,
    on_postgres: DeliveryPoint,
    granule: Build,
    ingest_all: Ingest,
    broken_promises: Promises,
) -> None:
    delivered = scenario(on_postgres, granule, ingest_all)
    crashed = on_postgres.prip("ingest", "--once", PRIP_CRASH_AT=label)
    assert crashed.returncode == -signal.SIGKILL, f"{label} was not reached: {crashed.stderr}"
    ingest_all(on_postgres)
    assert broken_promises(on_postgres, delivered) == []


@pytest.mark.parametrize("first, second", PAIRS)
def test_two_crashes_in_a_row_lose_and_double_nothing(
    first: str, second: str, point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    delivered = publish(point, granule, ingest_all)
    for label in (first, second):
        promises.let_time_pass(point)
        crashed = point.prip("ingest", "--once", PRIP_CRASH_AT=label)
        assert crashed.returncode == -signal.SIGKILL, f"{label} was not reached: {crashed.stderr}"
    ingest_all(point)
    assert broken_promises(point, delivered) == []


@pytest.mark.parametrize("label", ["claim.renamed", "store.begun", "stored", "publish.before", "clean.before"])
def test_a_full_disk_loses_and_doubles_nothing(
    label: str, point: DeliveryPoint, granule: Build, ingest_all: Ingest, broken_promises: Promises
) -> None:
    delivered = publish(point, granule, ingest_all)
    failed = point.prip("ingest", "--once", PRIP_CRASH_AT=f"{label}:ENOSPC")
    assert failed.returncode >= 0
    assert "No space left" in failed.stderr
    ingest_all(point)
    assert broken_promises(point, delivered) == []
