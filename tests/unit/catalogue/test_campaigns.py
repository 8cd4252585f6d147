"""What the catalogue knows of campaigns, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome, Tally
from prip_core.model import Attribute
from prip_core.testing.clock import FixedClock

HOUR = timedelta(hours=1)
Publish = Callable[..., PublishOutcome]


@pytest.fixture
def deliver(publish: Publish) -> Publish:
    """Publishes a product of a campaign."""

    def deliver(campaign: str, **changes: object) -> PublishOutcome:
        return publish(attributes=(Attribute(name="campaign", value=campaign),), **changes)

    return deliver


def test_nothing_is_known_of_a_campaign_without_products(catalogue: Catalogue, publish: Publish) -> None:
    publish()
    assert catalogue.campaigns.names() == []
    expected = Tally(published=0, first=None, last=None, recent=0)
    assert catalogue.campaigns.tally("granite", expected.first or catalogue.clock.status().now) == expected
    assert catalogue.campaigns.volume("granite") == 0


def test_a_campaign_is_counted(catalogue: Catalogue, clock: FixedClock, deliver: Publish, publish: Publish) -> None:
    start = clock.now()
    first = deliver("Bob's", content_length=100)
    publish(content_length=7)
    for _ in range(3):
        clock.advance(HOUR)
        last = deliver("Bob's", content_length=100)
        deliver("other", content_length=5)
    tally = catalogue.campaigns.tally("Bob's", start + HOUR * 3 / 2)
    assert tally == Tally(published=4, first=first.publication_date, last=last.publication_date, recent=2)
    assert catalogue.campaigns.tally("bob's", start).published == 0
    assert catalogue.campaigns.volume("Bob's") == 400
    assert catalogue.campaigns.names() == ["Bob's", "other"]


def test_what_was_evicted_was_published(catalogue: Catalogue, clock: FixedClock, deliver: Publish) -> None:
    start = clock.now() - HOUR
    deliver("granite", name="A.tar", content_length=100)
    (product,) = catalogue.products.named("A.tar")
    catalogue.transitions.begin_eviction(product.id)
    catalogue.transitions.end_eviction(product.id)
    tally = catalogue.campaigns.tally("granite", start)
    assert (tally.published, tally.recent, catalogue.campaigns.volume("granite")) == (1, 1, 100)
    assert list(catalogue.campaigns.absent(["A"])) == []


def test_names_are_found_with_and_without_suffix(catalogue: Catalogue, publish: Publish) -> None:
    for name in ("S2_N05.11.tar", "S1_ABCD.SAFE.zip", "aux.EOF", "plain"):
        publish(name=name)
    present = ["S2_N05.11", "S2_N05.11.tar", "S1_ABCD", "S1_ABCD.SAFE", "S1_ABCD.SAFE.zip", "aux", "plain"]
    absent = ["S2_N05", "S2_N05.1", "S1_ABC", "S1_ABCD.SAF", "aux.E", "plai", "plain.tar", "s1_abcd", "x'y", "%", "_"]
    assert list(catalogue.campaigns.absent([*absent[:3], *present, *absent[3:]])) == absent


def test_a_withdrawn_product_is_missing_until_it_comes_again(catalogue: Catalogue, publish: Publish) -> None:
    publish(name="A.tar")
    (product,) = catalogue.products.named("A.tar")
    catalogue.transitions.withdraw(product.id, "wrong")
    assert list(catalogue.campaigns.absent(["A", "A.tar"])) == ["A", "A.tar"]
    publish(name="A.tar")
    assert list(catalogue.campaigns.absent(["A", "A.tar"])) == []


def test_more_names_than_one_question_takes(catalogue: Catalogue, publish: Publish) -> None:
    publish(name="N700.tar")
    names = [f"N{number}" for number in range(1000)]
    assert list(catalogue.campaigns.absent(names)) == [name for name in names if name != "N700"]
