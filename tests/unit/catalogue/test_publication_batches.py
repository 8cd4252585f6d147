"""Several products published in one transaction: each for itself, in one order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from prip_core.catalogue import Catalogue, Ingestion, IngestionState, PublishOutcome
from prip_core.errors import ClockJumped, LeaseLost, PermanentError, ProductRejected
from prip_core.model import Checksum, Rejection
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock

MakeProduct = Callable[..., NewProduct]
Begin = Callable[..., Ingestion]
Publish = Callable[..., PublishOutcome]
Sql = Callable[[str], list[tuple[Any, ...]]]
LEASE = timedelta(minutes=1)


def md5(value: str) -> tuple[Checksum, ...]:
    return (Checksum(algorithm="MD5", value=value, date=datetime(2026, 3, 1, tzinfo=UTC)),)


def test_each_has_a_number_and_a_date_of_its_own(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, publish: Publish, sql: Sql
) -> None:
    publish()
    products = [new_product(name=f"P_{number}.tar") for number in range(20)]
    outcomes = catalogue.publication.publish_all([(each, begin(each)) for each in products], channels=["trace"])
    dates = [outcome.publication_date for outcome in outcomes if isinstance(outcome, PublishOutcome)]
    assert len(dates) == 20
    assert all(before < after for before, after in pairwise(dates))  # type: ignore[operator]
    found = [catalogue.products.find(product.id) for product in products]
    assert [each and each.publication_date for each in found] == dates
    assert sql("SELECT seq, change_seq, name FROM product WHERE seq > 1 ORDER BY seq") == [
        (number + 2, number + 2, f"P_{number}.tar") for number in range(20)
    ]
    assert sql("SELECT last_seq, last_change_seq, products, online FROM publication_clock") == [(21, 21, 21, 21)]
    assert len(sql("SELECT subject FROM outbox")) == 20
    assert {each.state for each in catalogue.ingestions.open()} == {IngestionState.PUBLISHED}
    after = publish()
    assert after.publication_date is not None
    assert after.publication_date > dates[-1]  # type: ignore[operator]


def test_one_that_cannot_be_published_does_not_stop_the_others(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, publish: Publish, clock: FixedClock
) -> None:
    first = uuid4()
    publish(id=first, name="ONLINE.tar", checksums=md5("00ff"))
    same = new_product(name="ONLINE.tar", checksums=md5("00ff"))
    other = new_product(name="ONLINE.tar", checksums=md5("aaaa"))
    unsummed = new_product(checksums=())
    lost, refused, good, last = (new_product() for _ in range(4))
    batch = [(each, begin(each)) for each in (good, same, other, unsummed, lost, refused, last)]
    catalogue.ingestions.postpone(batch[4][1], clock.now(), "its file is away")
    rejection = Rejection(uuid=refused.id, name=refused.name, reason="bad", when=clock.now())
    catalogue.ingestions.reject(batch[5][1], rejection)

    outcomes = catalogue.publication.publish_all(batch)

    assert [getattr(outcome, "state", type(outcome)) for outcome in outcomes] == [
        IngestionState.PUBLISHED,
        IngestionState.DUPLICATE,
        ProductRejected,
        PermanentError,
        LeaseLost,
        PermanentError,
        IngestionState.PUBLISHED,
    ]
    assert [bool(catalogue.products.find(each.id)) for each, _ in batch] == [True, *[False] * 5, True]


def test_a_name_that_comes_twice_is_published_once(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin
) -> None:
    one = new_product(name="A.tar", checksums=md5("00ff"))
    same = new_product(name="A.tar", checksums=md5("00FF"))
    other = new_product(name="A.tar", checksums=md5("aaaa"))
    outcomes = catalogue.publication.publish_all([(each, begin(each)) for each in (one, same, other)])
    duplicate = PublishOutcome(state=IngestionState.DUPLICATE, publication_date=None, existing=one.id)
    assert outcomes[1] == duplicate
    assert isinstance(outcomes[2], ProductRejected)
    assert str(one.id) in str(outcomes[2])
    assert [each.id for each in catalogue.products.named("A.tar")] == [one.id]


def test_again_after_a_lost_answer_gives_the_same(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, sql: Sql
) -> None:
    batch = [(each, begin(each)) for each in (new_product(), new_product())]
    first = catalogue.publication.publish_all(batch)
    third = new_product()
    again = catalogue.publication.publish_all([*batch, (third, begin(third))])
    assert again[:2] == first
    assert sql("SELECT count(*) FROM product") == [(3,)]


def test_dates_run_no_more_than_a_second_ahead(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    for _ in range(25):
        products = [new_product() for _ in range(60)]
        outcomes = catalogue.publication.publish_all([(each, begin(each)) for each in products])
        last = outcomes[-1]
        assert isinstance(last, PublishOutcome)
        assert last.publication_date is not None
        assert last.publication_date - clock.now() <= timedelta(seconds=1, milliseconds=1)
    assert clock.slept > timedelta(milliseconds=400), "1500 dates a millisecond apart, of which a second may be ahead"


def test_a_clock_that_jumped_dates_none(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock, sql: Sql
) -> None:
    batch = [(each, begin(each)) for each in (new_product(), new_product())]
    clock.set(clock.now() + timedelta(days=1))
    with pytest.raises(ClockJumped):
        catalogue.publication.publish_all(batch)
    assert sql("SELECT count(*) FROM product") == [(0,)]


def test_nothing_is_published_of_nothing(catalogue: Catalogue, sql: Sql) -> None:
    assert catalogue.publication.publish_all([]) == []
    assert sql("SELECT last_seq FROM publication_clock") == [(0,)]


def test_dictionaries_are_learnt_in_the_middle_of_a_batch(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prip_core.catalogue.documents._FIRST", 50)
    for _ in range(3):
        products = [new_product() for _ in range(40)]
        catalogue.publication.publish_all([(each, begin(each)) for each in products])
        for product in products:
            row = catalogue.products.row(product.id)
            assert row is not None
            assert str(product.id).encode() in row.fixed
