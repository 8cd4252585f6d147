"""Ingestions: leases, tokens, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from prip_core.catalogue import Catalogue, Ingestion, IngestionState
from prip_core.errors import LeaseLost, PermanentError
from prip_core.model import Finding, Rejection, Severity
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock
from tests.singly import publish_one, store_one_at, take_over_one

MakeProduct = Callable[..., NewProduct]
Begin = Callable[..., Ingestion]
LEASE = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def ingestion(new_product: MakeProduct, begin: Begin) -> Ingestion:
    return begin(new_product(name="A.tar"))


def rejection(ingestion: Ingestion, clock: FixedClock) -> Rejection:
    finding = Finding(rule="QC-11", severity=Severity.ERROR, message="no manifest", member="x/manifest.safe")
    return Rejection(uuid=ingestion.uuid, name="A.tar", reason="no manifest", when=clock.now(), findings=(finding,))


def test_begun_ingestion_is_open(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    assert (ingestion.name, ingestion.inbox, ingestion.state) == ("A.tar", "chain", IngestionState.CLAIMED)
    assert (ingestion.attempts, ingestion.storage, ingestion.key, ingestion.rejection) == (1, None, None, None)
    assert ingestion.arrived == ingestion.due_at == clock.now()
    assert catalogue.ingestions.open() == [ingestion]


def test_lease_keeps_others_away_until_it_ends(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    clock.advance(LEASE - MILLISECOND)
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None
    clock.advance(MILLISECOND)
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert taken is not None
    assert (taken.uuid, taken.attempts) == (ingestion.uuid, 2)
    assert taken.token != ingestion.token
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None


def test_renewed_lease_lasts_longer(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    clock.advance(LEASE)
    catalogue.ingestions.renew(ingestion, LEASE)
    clock.advance(LEASE - MILLISECOND)
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None


def test_only_served_inboxes_are_taken_from(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    clock.advance(LEASE)
    assert take_over_one(catalogue.ingestions, ["other"], LEASE) is None
    assert take_over_one(catalogue.ingestions, [], LEASE) is None
    taken = take_over_one(catalogue.ingestions, ["other", "chain"], LEASE)
    assert taken is not None
    assert taken.uuid == ingestion.uuid


def test_the_oldest_is_taken_first(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    hours = [2, 0, 1]
    begun = {hour: begin(new_product(), arrived=clock.now() + timedelta(hours=hour)) for hour in hours}
    assert [each.uuid for each in catalogue.ingestions.open()] == [begun[hour].uuid for hour in (0, 1, 2)]
    clock.advance(LEASE)
    taken = [take_over_one(catalogue.ingestions, ["chain"], LEASE) for _ in range(4)]
    assert [each and each.uuid for each in taken] == [begun[0].uuid, begun[1].uuid, begun[2].uuid, None]


def test_a_death_is_a_fault_and_a_pause_is_none(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    catalogue.ingestions.postpone(ingestion, clock.now(), "the storage does not answer")
    paused = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    clock.advance(LEASE)
    after_death = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert paused is not None
    assert after_death is not None
    assert (paused.faults, after_death.faults) == (0, 1)
    catalogue.ingestions.postpone(after_death, clock.now(), "an unexpected error", faults=1)
    after_error = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert after_error is not None
    assert after_error.faults == 2


def test_a_moment_told_by_a_wrong_clock_does_not_block(
    catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock
) -> None:
    catalogue.ingestions.postpone(ingestion, clock.now() + timedelta(days=3650), "told in another decade")
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is not None


def test_postponed_is_taken_when_it_is_due(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    until = clock.now() + timedelta(seconds=10)
    catalogue.ingestions.postpone(ingestion, until, "the storage does not answer")
    clock.advance(timedelta(seconds=10) - MILLISECOND)
    assert take_over_one(catalogue.ingestions, ["chain"], LEASE) is None
    clock.advance(MILLISECOND)
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert taken is not None
    assert (taken.last_error, taken.due_at) == ("the storage does not answer", until)


def test_place_of_the_bytes_is_kept(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    stored = store_one_at(catalogue.ingestions, ingestion, "hot", "T/2026/x")
    assert (stored.storage, stored.key, stored.token) == ("hot", "T/2026/x", ingestion.token)
    clock.advance(LEASE)
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert taken is not None
    assert (taken.storage, taken.key) == ("hot", "T/2026/x")


def test_verdict_is_kept(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock) -> None:
    verdict = rejection(ingestion, clock)
    refused = catalogue.ingestions.reject(ingestion, verdict)
    assert (refused.state, refused.rejection) == (IngestionState.REJECTED, verdict)
    assert catalogue.ingestions.reject(ingestion, verdict) == refused
    assert catalogue.ingestions.open() == [refused]


def test_published_cannot_be_refused(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    product = new_product()
    ingestion = begin(product)
    publish_one(catalogue.publication, product, ingestion)
    with pytest.raises(PermanentError, match="PUBLISHED"):
        catalogue.ingestions.reject(ingestion, rejection(ingestion, clock))
    assert [each.state for each in catalogue.ingestions.open()] == [IngestionState.PUBLISHED]


def test_duplicate_cannot_be_refused(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    first = new_product()
    publish_one(catalogue.publication, first, begin(first))
    second = new_product(name=first.name, checksums=first.checksums)
    ingestion = begin(second)
    publish_one(catalogue.publication, second, ingestion)
    with pytest.raises(PermanentError, match="DUPLICATE"):
        catalogue.ingestions.reject(ingestion, rejection(ingestion, clock))


def test_closed_ingestion_is_forgotten(catalogue: Catalogue, ingestion: Ingestion) -> None:
    catalogue.ingestions.close(ingestion)
    assert catalogue.ingestions.open() == []
    with pytest.raises(LeaseLost):
        catalogue.ingestions.close(ingestion)


STEPS: dict[str, Callable[[Catalogue, Ingestion, FixedClock], Any]] = {
    "close": lambda catalogue, ingestion, clock: catalogue.ingestions.close(ingestion),
    "renew": lambda catalogue, ingestion, clock: catalogue.ingestions.renew(ingestion, LEASE),
    "store_at": lambda catalogue, ingestion, clock: store_one_at(catalogue.ingestions, ingestion, "hot", "k"),
    "postpone": lambda catalogue, ingestion, clock: catalogue.ingestions.postpone(ingestion, clock.now(), "no"),
    "reject": lambda catalogue, ingestion, clock: catalogue.ingestions.reject(ingestion, rejection(ingestion, clock)),
}


@pytest.mark.parametrize("step", STEPS)
def test_stale_token_changes_nothing(catalogue: Catalogue, ingestion: Ingestion, clock: FixedClock, step: str) -> None:
    clock.advance(LEASE)
    taken = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    with pytest.raises(LeaseLost, match=r"A\.tar"):
        STEPS[step](catalogue, ingestion, clock)
    assert catalogue.ingestions.open() == [taken]


def test_unknown_ingestion_is_lost(catalogue: Catalogue, ingestion: Ingestion, new_product: MakeProduct) -> None:
    catalogue.ingestions.close(ingestion)
    with pytest.raises(LeaseLost):
        publish_one(catalogue.publication, new_product(id=uuid4()), ingestion)
