"""Publication: every outcome, all or nothing, tokens, and many processes at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from prip_core.catalogue import Catalogue, Ingestion, IngestionState, PublishOutcome, open_catalogue
from prip_core.clock import SystemClock
from prip_core.errors import LeaseLost, PermanentError, ProductRejected, TransientError
from prip_core.model import Attribute, Candidate, Checksum, Finding, Rejection, Severity
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock
from prip_core.times import NEVER
from tests.singly import begin_one, publish_one, take_over_one

MakeProduct = Callable[..., NewProduct]
Begin = Callable[..., Ingestion]
Publish = Callable[..., PublishOutcome]
Sql = Callable[[str], list[tuple[Any, ...]]]
LEASE = timedelta(minutes=1)
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


def md5(value: str) -> tuple[Checksum, ...]:
    return (Checksum(algorithm="MD5", value=value, date=datetime(2026, 3, 1, tzinfo=UTC)),)


@pytest.mark.parametrize(
    ("published", "evicted"), [(MOMENT, MOMENT + timedelta(days=30)), (NEVER - timedelta(days=1), NEVER)]
)
def test_retention_counts_from_publication(
    new_product: Callable[..., NewProduct], published: datetime, evicted: datetime
) -> None:
    product = new_product(retention=timedelta(days=30)).published_at(published)
    assert product.eviction_date == evicted


def test_published_product_is_found(catalogue: Catalogue, new_product: MakeProduct, begin: Begin) -> None:
    warning = Finding(rule="QC-20", severity=Severity.WARNING, message="odd", member="a.xml")
    product = new_product(findings=(warning,))
    outcome = publish_one(catalogue.publication, product, begin(product))

    assert outcome.state is IngestionState.PUBLISHED
    found = catalogue.products.find(product.id)
    assert found is not None
    assert (found.name, found.content_length, found.online) == (product.name, 1234, True)
    assert (found.storage, found.key, found.checksums) == (product.storage, product.key, product.checksums)
    assert found.publication_date == found.modification_date == outcome.publication_date
    assert found.eviction_date == product.eviction_date
    assert catalogue.products.findings(product.id) == [warning]
    assert catalogue.products.find(product.id)
    assert [each.id for each in catalogue.products.named(product.name)] == [product.id]
    assert [each.state for each in catalogue.ingestions.open()] == [IngestionState.PUBLISHED]


def test_unknown_product_is_not_found(catalogue: Catalogue) -> None:
    assert catalogue.products.find(uuid4()) is None
    assert catalogue.products.row(uuid4()) is None
    assert not catalogue.products.find(uuid4())
    assert not catalogue.products.named("x")


def test_document_is_the_text_of_the_answer(catalogue: Catalogue, new_product: MakeProduct, begin: Begin) -> None:
    product = new_product()
    publish_one(catalogue.publication, product, begin(product))
    row = catalogue.products.row(product.id)
    assert row is not None
    assert row.attributes is not None
    assert f'"Id":"{product.id}"'.encode() in row.fixed
    assert {each["Name"] for each in orjson.loads(row.attributes)} == {each.name for each in product.attributes}


def test_published_again_gives_the_first_outcome(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock, sql: Sql
) -> None:
    product = new_product()
    ingestion = begin(product)
    first = publish_one(catalogue.publication, product, ingestion, channels=["trace"])
    clock.advance(timedelta(seconds=5))
    assert publish_one(catalogue.publication, product, ingestion, channels=["trace"]) == first
    assert sql("SELECT count(*) FROM product") == [(1,)]
    assert sql("SELECT channel, subject FROM outbox") == [("trace", str(product.id))]


def test_published_again_needs_no_clock(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    product = new_product()
    ingestion = begin(product)
    first = publish_one(catalogue.publication, product, ingestion)
    clock.set(clock.now() + timedelta(days=3650))
    assert publish_one(catalogue.publication, product, ingestion) == first


def test_same_name_and_bytes_is_a_duplicate(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, publish: Publish, sql: Sql
) -> None:
    first = uuid4()
    publish(id=first, name="A.tar", checksums=md5("00ff"))
    product = new_product(name="A.tar", checksums=md5("00FF"))
    ingestion = begin(product)
    outcome = publish_one(catalogue.publication, product, ingestion, channels=["trace"])
    assert outcome == PublishOutcome(state=IngestionState.DUPLICATE, publication_date=None, existing=first)
    assert not catalogue.products.find(product.id)
    assert sql("SELECT count(*) FROM outbox") == [(0,)]
    assert [each.state for each in catalogue.ingestions.open() if each.uuid == product.id] == [IngestionState.DUPLICATE]


def test_duplicate_stays_one_when_the_first_is_evicted(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, publish: Publish, sql: Sql
) -> None:
    publish(name="A.tar", checksums=md5("00ff"))
    product = new_product(name="A.tar", checksums=md5("00ff"))
    ingestion = begin(product)
    publish_one(catalogue.publication, product, ingestion)
    evict(sql)
    assert publish_one(catalogue.publication, product, ingestion).state is IngestionState.DUPLICATE
    assert not catalogue.products.find(product.id)


def test_same_name_with_other_bytes_is_refused(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, publish: Publish
) -> None:
    publish(name="A.tar", checksums=md5("00ff"))
    product = new_product(name="A.tar", checksums=md5("00aa"))
    ingestion = begin(product)
    with pytest.raises(ProductRejected, match=r"A\.tar is online already") as refusal:
        publish_one(catalogue.publication, product, ingestion)
    assert [finding.rule for finding in refusal.value.findings] == ["QC-02"]
    assert not catalogue.products.find(product.id)


@pytest.mark.parametrize("digest", ["00ff", "00aa"])
def test_evicted_name_may_be_published_anew(catalogue: Catalogue, publish: Publish, sql: Sql, digest: str) -> None:
    publish(name="A.tar", checksums=md5("00ff"))
    evict(sql)
    assert publish(name="A.tar", checksums=md5(digest)).state is IngestionState.PUBLISHED
    assert [each.online for each in catalogue.products.named("A.tar")] == [False, True]


def test_without_md5_it_cannot_be_published(catalogue: Catalogue, publish: Publish) -> None:
    with pytest.raises(PermanentError, match="without its MD5"):
        publish(checksums=())


def test_stale_token_publishes_nothing(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    product = new_product()
    paused = begin(product)
    clock.advance(2 * LEASE)
    current = take_over_one(catalogue.ingestions, ["chain"], LEASE)
    assert current is not None
    with pytest.raises(LeaseLost):
        publish_one(catalogue.publication, product, paused)
    assert not catalogue.products.find(product.id)
    assert publish_one(catalogue.publication, product, current).state is IngestionState.PUBLISHED


def test_refused_ingestion_cannot_be_published(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, clock: FixedClock
) -> None:
    product = new_product()
    ingestion = begin(product)
    rejection = Rejection(uuid=product.id, name=product.name, reason="bad", when=clock.now())
    catalogue.ingestions.reject(ingestion, rejection)
    with pytest.raises(PermanentError, match="refused"):
        publish_one(catalogue.publication, product, ingestion)


def test_failure_inside_the_transaction_leaves_nothing(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, sql: Sql
) -> None:
    good = new_product()
    # More than a column takes: refused after the product's row was written.
    bad = replace(good, attributes=(Attribute(name="orbits", value=2**63),))
    ingestion = begin(good)
    before = sql("SELECT * FROM publication_clock")
    with pytest.raises(Exception, match=r"too large|out of range"):
        publish_one(catalogue.publication, bad, ingestion, channels=["trace"])
    assert sql("SELECT * FROM publication_clock") == before
    for table in ("product", "document", "checksum", "attribute_value", "outbox"):
        assert sql(f"SELECT count(*) FROM {table}") == [(0,)]
    assert [each.state for each in catalogue.ingestions.open()] == [IngestionState.CLAIMED]
    assert publish_one(catalogue.publication, good, ingestion).state is IngestionState.PUBLISHED


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_full_disk_is_transient_and_leaves_nothing(
    catalogue: Catalogue, new_product: MakeProduct, begin: Begin, sql: Sql
) -> None:
    product = new_product(attributes=(Attribute(name="coordinates", value="1.5 2.5 " * 1_000_000),))
    ingestion = begin(product)
    pages = catalogue._database.rows_of("PRAGMA page_count")[0][0]
    catalogue._database.rows_of(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(TransientError, match="full"):
        publish_one(catalogue.publication, product, ingestion)
    assert sql("SELECT count(*) FROM product") == [(0,)]
    catalogue._database.rows_of("PRAGMA max_page_count = 1000000")
    assert publish_one(catalogue.publication, product, ingestion).state is IngestionState.PUBLISHED


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_attributes_form_a_dictionary(catalogue: Catalogue, publish: Publish, sql: Sql) -> None:
    mark = datetime(2026, 3, 1, tzinfo=UTC)
    values: tuple[Any, ...] = ("x", 1, 1.0, True, mark)
    for _ in range(2):
        publish(
            attributes=tuple(Attribute(name=f"a{number}", value=value) for number, value in enumerate(values)),
            indexed=("a0", "a1", "a2", "a3", "a4", "absent"),
        )
    milliseconds = int(mark.timestamp() * 1000)
    assert sql(
        "SELECT name, kind, value, count, typeof(value) "
        "FROM attribute_value JOIN attribute_name USING (name_id) ORDER BY name",
    ) == [
        ("a0", 0, "x", 2, "text"),
        ("a1", 1, 1, 2, "integer"),
        ("a2", 2, 1.0, 2, "real"),
        ("a3", 3, 1, 2, "integer"),
        ("a4", 4, milliseconds, 2, "integer"),
    ]
    assert sql("SELECT count(*) FROM attribute_post") == [(10,)]
    assert sql(
        "SELECT name, value, seq FROM attribute_number JOIN attribute_name USING (name_id) ORDER BY name, seq"
    ) == [
        ("a1", 1, 1),
        ("a1", 1, 2),
        ("a2", 1, 1),
        ("a2", 1, 2),
        ("a4", milliseconds, 1),
        ("a4", milliseconds, 2),
    ]


def test_hot_columns_come_from_the_attributes(publish: Publish, sql: Sql) -> None:
    publish()
    publish(attributes=(Attribute(name="orbitNumber", value="not a number"),))
    assert sql(
        "SELECT platform_short_name, platform_serial_identifier, orbit_number, relative_orbit_number FROM product",
    ) == [("SENTINEL-2", "B", 43829, None), (None, None, None, None)]


def evict(sql: Sql) -> None:
    sql("UPDATE product SET state = 'EVICTED', online = 0")


def publish_many(url: str, products: list[NewProduct], results: Any) -> None:
    """In a process of its own: publish, and report the outcome of each."""
    catalogue = open_catalogue(url, SystemClock())
    for product in products:
        candidate = Candidate(name=product.name, path="x", size=1, arrived=datetime.now(UTC))
        ingestion = begin_one(catalogue.ingestions, product.id, "chain", candidate, LEASE)
        catalogue.ingestions.renew(ingestion, LEASE)
        publish_one(catalogue.publication, product, ingestion, channels=["trace"])
        catalogue.ingestions.close(ingestion)
    results.put(len(products))


def test_four_processes_publish_at_once(url: str, sql: Sql, new_product: MakeProduct) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    shares = [[new_product() for _ in range(50)] for _ in range(4)]
    workers = [context.Process(target=publish_many, args=(url, share, results)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert [results.get(timeout=60) for _ in workers] == [50, 50, 50, 50]

    published = sql("SELECT seq, change_seq, publication_date, modification_date, id FROM product ORDER BY seq")
    assert [row[0] for row in published] == list(range(1, 201))
    assert [row[1] for row in published] == list(range(1, 201))
    dates = [row[2] for row in published]
    assert all(earlier < later for earlier, later in pairwise(dates))
    assert [row[3] for row in published] == dates
    assert {UUID(bytes=row[4]) for row in published} == {product.id for share in shares for product in share}
    assert sql("SELECT last_seq, products, online FROM publication_clock") == [(200, 200, 200)]
    assert sql("SELECT count(*), count(DISTINCT subject) FROM outbox") == [(200, 200)]
    assert sql("SELECT count(*) FROM ingestion") == [(0,)]
