"""What products take over from their parent, whenever that comes: as if it had always been theirs."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from prip_core.catalogue import Catalogue, PublishOutcome, open_catalogue
from prip_core.catalogue import inheritance as module
from prip_core.errors import ClockJumped
from prip_core.model import Attribute, Candidate
from prip_core.odata.options import parse_collection_options
from prip_core.products import NewProduct
from prip_core.testing.clock import FixedClock
from tests.singly import begin_one, publish_one
from tests.unit.catalogue.families import (
    BY_RULE,
    INHERITED,
    KINDS,
    OF_STRIP,
    OWN,
    RECEIVED,
    STRIP,
    answer,
    findings,
    found,
    passed_on,
    values,
)

Publish = Callable[..., PublishOutcome]
MakeProduct = Callable[..., NewProduct]
Sql = Callable[[str], list[tuple[Any, ...]]]


def test_what_is_known_at_publication_is_included(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None]
) -> None:
    strip()
    child = granule()
    assert values(catalogue, child) == {
        "productType": "GR",
        "orbitNumber": 43891,
        "caduSession": "S2B_20250801071500043890",
        "downlinkOrbitNumber": 43890,
        "receivedAt": "2025-08-01T07:15:02.120Z",
        "quality": 0.5,
        "isReal": True,
    }
    assert answer(catalogue, child)["OriginDate"] == "2025-08-01T07:15:02.120Z"
    assert findings(catalogue, child) == []
    assert passed_on(catalogue) == 0


def test_what_comes_later_is_added_as_if_it_had_been_known(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None], sql: Sql
) -> None:
    before = granule()
    assert findings(catalogue, before) == ["QC-20"]
    strip()
    after = granule()
    assert passed_on(catalogue) == 1
    late, early = answer(catalogue, before), answer(catalogue, after)
    assert late["Attributes"] == early["Attributes"]
    assert late["OriginDate"] == early["OriginDate"]
    assert findings(catalogue, before) == []
    rows = sql("SELECT origin_date, origin_estimated FROM product WHERE product_type = 'GR' ORDER BY seq")
    assert rows[0] == rows[1]


QUESTIONS = (
    "Attributes/any(a:a/Name eq 'caduSession' and a/Value eq 'S2B_20250801071500043890')",
    "Attributes/OData.CSC.StringAttribute/any(a:a/Name eq 'caduSession' and startswith(a/Value,'S2B_2025'))",
    "Attributes/OData.CSC.IntegerAttribute/any(a:a/Name eq 'downlinkOrbitNumber' and a/Value eq 43890)",
    "Attributes/OData.CSC.IntegerAttribute/any(a:a/Name eq 'downlinkOrbitNumber' and a/Value gt 43000)",
    "Attributes/OData.CSC.IntegerAttribute/any(a:a/Name eq 'orbitNumber' and a/Value gt 43000)",
    "Attributes/OData.CSC.DoubleAttribute/any(a:a/Name eq 'quality' and a/Value lt 0.6)",
    "Attributes/OData.CSC.BooleanAttribute/any(a:a/Name eq 'isReal' and a/Value eq true)",
    "Attributes/OData.CSC.DateTimeOffsetAttribute/any(a:a/Name eq 'receivedAt' and a/Value gt 2025-01-01T00:00:00Z)",
    "not Attributes/any(a:a/Name eq 'caduSession')",
    "Attributes/all(a:a/Name ne 'quality')",
    "OriginDate eq 2025-08-01T07:15:02.120Z",
)


def test_both_databases_find_it_by_what_it_has_inherited(
    sqlite_url: str, postgres_url: str, clock: FixedClock, new_product: MakeProduct
) -> None:
    """Two catalogues on each: one in which the datastrip came first, one in which it came last."""
    answers: dict[str, list[list[bool]]] = {}
    ids = [uuid4() for _ in range(5)]
    for url in (sqlite_url, postgres_url):
        catalogue = open_catalogue(url, clock)
        for order in ("first", "last"):
            granules = [
                new_product(
                    id=UUID(int=uuid.int ^ (order == "last")),
                    product_type="GR",
                    parent=f"{STRIP}{order}",
                    inherits=INHERITED,
                    indexed=("downlinkOrbitNumber",),
                    origin_estimated=True,
                    attributes=OWN if number else (*OWN, Attribute(name="quality", value=0.9)),
                )
                for number, uuid in enumerate(ids)
            ]
            datastrip = new_product(name=f"{STRIP}{order}.tar", attributes=OF_STRIP, origin_date=RECEIVED)
            for product in [datastrip, *granules] if order == "first" else [*granules, datastrip]:
                begun = begin_one(catalogue.ingestions, product.id, "chain", _candidate(product), timedelta(minutes=1))
                publish_one(catalogue.publication, product, begun)
        assert passed_on(catalogue) == 5
        for order in ("first", "last"):
            mine = [UUID(int=uuid.int ^ (order == "last")) for uuid in ids]
            answers[f"{url[:6]} {order}"] = [
                [uuid in found(catalogue, question) for uuid in mine] for question in QUESTIONS
            ]
        catalogue.close()
    assert len(answers) == 4
    (same,) = {orjson.dumps(each) for each in answers.values()}
    first = orjson.loads(same)
    assert first[0] == [True] * 5
    assert first[5] == [False, True, True, True, True]
    assert first[8] == first[9] == [False] * 5


def _candidate(product: NewProduct) -> Candidate:
    return Candidate(name=product.name, path=product.name, size=1, arrived=BY_RULE)


def test_the_dictionary_counts_what_was_added(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None], sql: Sql
) -> None:
    granule(attributes=())
    granule()
    strip()
    granule()
    passed_on(catalogue)
    spans = sql(
        "SELECT count, first_seq, last_seq FROM attribute_value JOIN attribute_name USING (name_id) "
        "WHERE name = 'caduSession'"
    )
    assert spans == [(4, 1, 4)]
    assert sorted(sql("SELECT seq, attributes FROM document")) == [(1, 5), (2, 7), (3, 7), (4, 7)]


def test_its_own_values_win(catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None]) -> None:
    own = Attribute(name="caduSession", value="another session")
    first = granule(attributes=(own,), origin_estimated=False)
    strip()
    second = granule(attributes=(own,), origin_estimated=False)
    passed_on(catalogue)
    for child in (first, second):
        assert values(catalogue, child)["caduSession"] == "another session"
        assert answer(catalogue, child)["OriginDate"] == "2025-08-01T07:40:00.000Z"
        assert values(catalogue, child)["downlinkOrbitNumber"] == 43890


def test_an_estimated_origin_date_is_not_passed_on(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None]
) -> None:
    first = granule()
    strip(origin_estimated=True)
    second = granule()
    passed_on(catalogue)
    assert {answer(catalogue, child)["OriginDate"] for child in (first, second)} == {"2025-08-01T07:40:00.000Z"}


def test_pollers_see_the_change_and_no_second_publication(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None], sql: Sql, clock: FixedClock
) -> None:
    children = [granule() for _ in range(3)]
    strip()
    facts = {child: catalogue.products.find(child) for child in children}
    change, notified = catalogue.clock.last().change_seq, sql("SELECT count(*) FROM outbox")
    clock.advance(timedelta(seconds=10))
    passed_on(catalogue)
    changed = [catalogue.products.find(child) for child in children]
    dates = [each.modification_date for each in changed if each]
    assert len(set(dates)) == 3
    assert dates == sorted(dates)
    assert all(each and each.modification_date > each.publication_date for each in changed)
    assert [each and each.publication_date for each in changed] == [
        each and each.publication_date for each in facts.values()
    ]
    seen = catalogue.changes.since(parse_collection_options((), 1000), change).changes
    assert [each.id for each in seen] == children
    assert sql("SELECT count(*) FROM outbox") == notified
    assert passed_on(catalogue) == 0
    assert catalogue.clock.last().change_seq == change + 3


def test_a_child_that_lacks_nothing_only_loses_its_finding(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None]
) -> None:
    full = granule(attributes=OF_STRIP, origin_estimated=False)
    other = granule(product_type="OTHER", inherits=())
    unknown = granule(product_type="NOBODY KNOWS", inherits=())
    assert [findings(catalogue, child) for child in (full, other, unknown)] == [["QC-20"]] * 3
    strip()
    change = catalogue.clock.last().change_seq
    assert passed_on(catalogue) == 3
    assert [findings(catalogue, child) for child in (full, other, unknown)] == [[]] * 3
    assert catalogue.clock.last().change_seq == change


def test_children_that_left_the_list_inherit_as_well(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None]
) -> None:
    child = granule()
    catalogue.transitions.withdraw(child, "broken")
    strip()
    passed_on(catalogue)
    assert values(catalogue, child)["downlinkOrbitNumber"] == 43890
    left = catalogue.products.find(child)
    assert left is not None
    assert (left.online, left.deletion_cause) == (False, "broken")


def test_many_children_are_changed_some_at_a_time(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 4)
    children = [granule(parent=name) for name in [STRIP, f"{STRIP}.tar"] * 5]
    strip()
    assert [catalogue.inheritance.pass_on(KINDS) for _ in range(4)] == [4, 4, 2, 0]
    assert all("caduSession" in values(catalogue, child) for child in children)


def test_what_fails_in_the_middle_is_done_again(
    catalogue: Catalogue,
    granule: Callable[..., UUID],
    strip: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    clock: FixedClock,
) -> None:
    child = granule()
    strip()
    before = (answer(catalogue, child), catalogue.clock.last())
    with monkeypatch.context() as patch:
        patch.setattr(catalogue._database.search, "gain", lambda *_: math.sqrt(-1))
        with pytest.raises(ValueError, match=r"math domain|nonnegative"):
            catalogue.inheritance.pass_on(KINDS)
    assert (answer(catalogue, child), catalogue.clock.last()) == before
    assert passed_on(catalogue) == 0, "it would fail again and again, and keep the others waiting"
    with closing(open_catalogue(url, clock)) as another:
        assert passed_on(another) == 1
    assert "caduSession" in values(catalogue, child)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # PostgreSQL's clock is the server's
def test_nothing_is_changed_while_nothing_can_be_dated(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None], clock: FixedClock
) -> None:
    child = granule()
    strip()
    clock.set(clock.now() - timedelta(hours=1))
    with pytest.raises(ClockJumped):
        catalogue.inheritance.pass_on(KINDS)
    assert "caduSession" not in values(catalogue, child)


def test_a_live_parent_goes_before_a_withdrawn_one(
    catalogue: Catalogue, granule: Callable[..., UUID], strip: Callable[..., None]
) -> None:
    strip()
    (first,) = catalogue.products.named(f"{STRIP}.tar")
    catalogue.transitions.withdraw(first.id, "broken")
    assert values(catalogue, granule())["downlinkOrbitNumber"] == 43890
    strip(attributes=(Attribute(name="downlinkOrbitNumber", value=7),))
    second = granule()
    assert (values(catalogue, second)["downlinkOrbitNumber"], findings(catalogue, second)) == (7, [])


def test_what_is_published_together_is_completed_afterwards(
    catalogue: Catalogue, new_product: MakeProduct, clock: FixedClock
) -> None:
    def child(parent: str) -> NewProduct:
        return new_product(product_type="GR", parent=parent, inherits=INHERITED, attributes=OWN)

    family = [child(STRIP), new_product(name=f"{STRIP}.tar", attributes=OF_STRIP), child(STRIP), child("another")]
    batch = [
        (each, begin_one(catalogue.ingestions, each.id, "chain", _candidate(each), timedelta(minutes=1)))
        for each in family
    ]
    catalogue.publication.publish_all(batch)
    assert passed_on(catalogue) == 2
    assert ["caduSession" in values(catalogue, each.id) for each in family] == [True, True, True, False]
    assert [findings(catalogue, each.id) for each in family] == [[], [], [], ["QC-20"]]


def test_workers_side_by_side_give_each_child_once(
    catalogue: Catalogue,
    granule: Callable[..., UUID],
    strip: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BATCH", 3)
    children = [granule() for _ in range(20)]
    strip()
    change = catalogue.clock.last().change_seq

    def work() -> int:
        try:
            return passed_on(catalogue)
        finally:
            catalogue.leave()

    with ThreadPoolExecutor(4) as pool:
        looked_at = [worker.result() for worker in [pool.submit(work) for _ in range(4)]]
    assert sum(looked_at) == 20
    assert catalogue.clock.last().change_seq == change + 20
    assert all("caduSession" in values(catalogue, child) for child in children)
