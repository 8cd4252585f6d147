"""Restoring products that were published before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from prip_core.catalogue import (
    Catalogue,
    Ingestion,
    ProductState,
    PublishOutcome,
    RestoreCount,
    schema_status,
)
from prip_core.errors import PermanentError, TransientError
from prip_core.model import Attribute
from prip_core.odata.options import Query
from prip_core.products import NewProduct, PublishedProduct
from prip_core.testing.clock import FixedClock
from tests.singly import publish_one

MakeProduct = Callable[..., NewProduct]
Publish = Callable[..., PublishOutcome]
Restored = Callable[..., PublishedProduct]
HOUR = timedelta(hours=1)


@pytest.fixture
def restored(new_product: MakeProduct, clock: FixedClock) -> Restored:
    """Makes a product that was published this many hours after a day ago."""

    def restored(hours: float, *, online: bool = False, changed: float = 0, **changes: Any) -> PublishedProduct:
        published = clock.now() - 24 * HOUR + hours * HOUR
        return PublishedProduct(
            product=new_product(**changes),
            publication_date=published,
            modification_date=published + changed * HOUR,
            online=online,
        )

    return restored


def test_dates_and_ids_stay(catalogue: Catalogue, restored: Restored) -> None:
    rows = [restored(0, changed=2), restored(1, online=True), restored(1)]
    assert catalogue.publication.restore(rows) == RestoreCount(restored=3, present=0)
    found = [catalogue.products.find(row.product.id) for row in rows]
    assert [each and each.publication_date for each in found] == [row.publication_date for row in rows]
    assert [each and each.modification_date for each in found] == [row.modification_date for row in rows]
    assert [each and each.online for each in found] == [False, True, False]
    assert [each and each.state for each in found] == [
        ProductState.EVICTED,
        ProductState.ONLINE,
        ProductState.EVICTED,
    ]
    page = catalogue.products.page(Query(top=10, count=True), list_evicted=True)
    assert ([row.seq for row in page.rows], page.total) == ([1, 2, 3], 3)
    assert catalogue.products.page(Query(top=10, count=True)).total == 1


def test_restoring_again_changes_nothing(catalogue: Catalogue, restored: Restored, url: str) -> None:
    rows = [restored(hour, online=True) for hour in range(5)]
    catalogue.publication.restore(rows[:3])
    assert catalogue.publication.restore(rows) == RestoreCount(restored=2, present=3)
    assert catalogue.publication.restore(rows) == RestoreCount(restored=0, present=5)
    assert (schema_status(url).products, schema_status(url).online) == (5, 5)


def test_a_row_twice_is_written_once(catalogue: Catalogue, restored: Restored) -> None:
    row = restored(0, online=True)
    assert catalogue.publication.restore([row, row]) == RestoreCount(restored=1, present=1)


def test_batches_follow_each_other(
    catalogue: Catalogue, restored: Restored, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr("prip_core.catalogue.restore._BATCH", 3)
    rows = [restored(hour) for hour in range(10)]
    assert catalogue.publication.restore(iter(rows)) == RestoreCount(restored=10, present=0)
    page = catalogue.products.page(Query(top=20), list_evicted=True)
    assert [row.seq for row in page.rows] == list(range(1, 11))
    assert schema_status(url).products == 10


def test_older_than_the_newest_is_refused(catalogue: Catalogue, publish: Publish, restored: Restored) -> None:
    publish()
    row = restored(1)
    with pytest.raises(PermanentError, match="before the newest product in the catalogue"):
        catalogue.publication.restore([row])
    assert not catalogue.products.find(row.product.id)


def test_out_of_order_is_refused_and_earlier_batches_stay(
    catalogue: Catalogue, restored: Restored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prip_core.catalogue.restore._BATCH", 2)
    rows = [restored(hour) for hour in (1, 2, 3, 2)]
    with pytest.raises(PermanentError, match="by PublicationDate"):
        catalogue.publication.restore(rows)
    assert [bool(catalogue.products.find(row.product.id)) for row in rows] == [True, True, False, False]


def test_publication_goes_on_after_what_was_restored(
    catalogue: Catalogue, publish: Publish, restored: Restored, clock: FixedClock
) -> None:
    catalogue.publication.restore([restored(24), restored(24, changed=1 / 7200)])
    outcome = publish()
    assert outcome.publication_date == clock.now() + timedelta(milliseconds=501)
    page = catalogue.products.page(Query(top=10))
    assert [row.seq for row in page.rows] == [3]


@pytest.mark.parametrize("together", [True, False])
def test_name_can_be_online_once(catalogue: Catalogue, restored: Restored, together: bool) -> None:
    rows = [restored(0, online=True, name="A.tar"), restored(1, online=True, name="A.tar")]
    if not together:
        catalogue.publication.restore(rows[:1])
    with pytest.raises(PermanentError, match=r"A\.tar .* is online already"):
        catalogue.publication.restore(rows)


def test_name_may_be_offline_many_times(catalogue: Catalogue, restored: Restored) -> None:
    catalogue.publication.restore([restored(hour, online=hour == 1, name="A.tar") for hour in range(3)])
    assert [each.online for each in catalogue.products.named("A.tar")] == [False, True, False]


def test_restored_online_name_makes_duplicates(
    catalogue: Catalogue, restored: Restored, new_product: MakeProduct, begin: Callable[..., Ingestion]
) -> None:
    row = restored(0, online=True)
    catalogue.publication.restore([row])
    again = new_product(name=row.product.name, checksums=row.product.checksums)
    assert publish_one(catalogue.publication, again, begin(again)).existing == row.product.id


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_full_disk_is_transient_and_earlier_batches_stay(
    catalogue: Catalogue, restored: Restored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prip_core.catalogue.restore._BATCH", 1)
    large = Attribute(name="coordinates", value="1.5 2.5 " * 100_000)
    rows = [restored(0), restored(1, attributes=(large,))]
    pages = catalogue._database.rows_of("PRAGMA page_count")[0][0]
    catalogue._database.rows_of(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(TransientError, match="full"):
        catalogue.publication.restore(rows)
    catalogue._database.rows_of("PRAGMA max_page_count = 1000000")
    assert catalogue.publication.restore(rows) == RestoreCount(restored=1, present=1)
